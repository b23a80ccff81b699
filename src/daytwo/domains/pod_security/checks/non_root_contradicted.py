"""The check `pod-security/non-root-contradicted`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.pod_security.pods import called, is_non_root, is_windows, pod_field, user_of
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.SECURITY, severity=Severity.HIGH, by_hand="which of the two is meant is a decision")
def non_root_contradicted(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A container that must not run as root and is told to.

    Why: the kubelet refuses to start it: runAsNonRoot and a runAsUser of 0, each of the container or inherited from its pod.
    Fix: set runAsUser to the number of another user.
    Source: https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
    """
    spec = subject.pod_spec
    for container, path, role in subject.all_containers():
        if user_of(spec, container) != 0 or not is_non_root(spec, container) or is_windows(spec):
            continue
        is_own = container.security_context.run_as_user is not None
        yield Hit(
            f"{called(role, container)} cannot start: runAsNonRoot is set, and runAsUser is 0",
            path=f"{path}.securityContext.runAsUser" if is_own else pod_field(subject, "runAsUser"),
            item=container.name,
            fix="set runAsUser above 0",
        )
