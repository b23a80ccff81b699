"""The check `pod-security/refused-by-namespace`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.pod_security.namespaces import faults_by, policy_of
from daytwo.model.command import kubectl
from daytwo.model.control_plane import Namespace
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable,
    heading=Heading.SECURITY,
    severity=Severity.HIGH,
    by_hand="whether the workload or the level has to give way is a decision; the checks that are named may mend their part",
)
def refused_by_namespace(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A workload whose pods the Pod Security Standard of its namespace refuses.

    Why: its controller cannot create a single pod, and says so only in an event; pods that run since before the label was set are not
    replaced when they end.
    Fix: mend what is named, or lower the namespace's level.
    Source: https://kubernetes.io/docs/concepts/security/pod-security-admission/
    Not: namespaces, users and runtime classes that the API server's own configuration exempts are not known.
    """
    namespace = snapshot.get(Namespace, "", subject.namespace) if subject.namespace else None
    policy = policy_of(namespace, snapshot) if namespace is not None else None
    faults = faults_by(policy, subject, snapshot) if policy is not None else ()
    if policy is not None and faults:
        told = ", ".join(name.partition("/")[2] for name in faults)
        yield Hit(
            f"namespace {subject.namespace} enforces {policy}, which refuses its pods: {told}",
            path=subject.pod_path,
            fix=f"mend {told}",
            confirm=kubectl("get", "namespace", subject.namespace, "--show-labels"),
        )
