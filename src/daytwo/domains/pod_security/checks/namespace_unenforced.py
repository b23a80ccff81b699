"""The check `pod-security/namespace-unenforced`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.pod_security.namespaces import ENFORCE, OF_KUBERNETES, meeting
from daytwo.domains.pod_security.standards import Level
from daytwo.model.control_plane import Namespace
from daytwo.model.finding import Hit
from daytwo.model.path import join
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Namespace,
    heading=Heading.SECURITY,
    severity=Severity.LOW,
    by_hand="what else is created there, by hand or by an operator, would be refused too",
)
def namespace_unenforced(namespace: Namespace, snapshot: Snapshot) -> Iterator[Hit]:
    """A namespace in which no Pod Security Standard is enforced.

    Why: whoever may create pods there, a compromised controller among them, may create one that takes its node.
    Fix: label it `pod-security.kubernetes.io/enforce: restricted`, or baseline; `warn` and `audit` tell first what would be refused.
    Source: https://kubernetes.io/docs/concepts/security/pod-security-admission/
    Not: kube-system, kube-public and kube-node-lease. What an admission webhook or the API server's own configuration enforces is not
    seen.
    """
    if ENFORCE in namespace.labels or namespace.name in OF_KUBERNETES or namespace.is_terminating:
        return
    met = meeting(namespace, snapshot)
    told = f", though {met}" if met.level is not Level.PRIVILEGED else ""
    yield Hit(
        f"no Pod Security Standard is enforced{told}",
        path=join("metadata.labels", ENFORCE),
        fix=f"set label {ENFORCE} to {met.level if told else 'the level that its pods meet'}",
    )
