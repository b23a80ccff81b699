"""The check `pod-security/namespace-laxer-than-its-pods`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.pod_security.namespaces import ENFORCE, OF_KUBERNETES, meeting, policy_of
from daytwo.domains.pod_security.standards import Level
from daytwo.model.control_plane import Namespace
from daytwo.model.finding import Hit
from daytwo.model.path import join
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Namespace,
    heading=Heading.SECURITY,
    severity=Severity.INFO,
    by_hand="what else is created there, by hand or by an operator, would be refused too",
)
def namespace_laxer_than_its_pods(namespace: Namespace, snapshot: Snapshot) -> Iterator[Hit]:
    """A namespace that enforces less than all of its workloads meet.

    Why: the next pod need not be as good, and nobody would notice.
    Fix: raise the level of `pod-security.kubernetes.io/enforce`.
    Source: https://kubernetes.io/docs/concepts/security/pod-security-admission/
    Not: a namespace without workloads.
    """
    policy = policy_of(namespace, snapshot)
    if policy is None or namespace.name in OF_KUBERNETES:
        return
    met = meeting(namespace, snapshot)
    levels = list(Level)
    if levels.index(met.level) > levels.index(policy.level):
        place = join("metadata.labels", ENFORCE)
        yield Hit(f"enforces {policy.level}, while {met}", path=place, fix=f"set label {ENFORCE} to {met.level}")
