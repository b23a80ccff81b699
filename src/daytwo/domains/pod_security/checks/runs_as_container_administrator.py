"""The check `pod-security/runs-as-container-administrator`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.pod_security.pods import called, pod_field
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.SECURITY, severity=Severity.LOW, by_hand="what the program needs to write, no manifest tells")
def runs_as_container_administrator(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A Windows container that is told to run as its administrator.

    Why: ContainerAdministrator may change whatever the container holds, and has more ways out of it than ContainerUser.
    Fix: set `windowsOptions.runAsUserName: ContainerUser`.
    Source: https://kubernetes.io/docs/tasks/configure-pod-container/configure-runasusername/
    """
    of_pod = subject.pod_spec.security_context.windows_options
    for container, path, role in subject.all_containers():
        own = container.security_context.windows_options
        is_own = own is not None and bool(own.run_as_user_name)
        user = own.run_as_user_name if own is not None and is_own else of_pod.run_as_user_name if of_pod is not None else ""
        if user.rpartition("\\")[2].casefold() == "containeradministrator":
            yield Hit(
                f"{called(role, container)} runs as {user}",
                path=f"{path}.securityContext.windowsOptions.runAsUserName"
                if is_own
                else pod_field(subject, "windowsOptions.runAsUserName"),
                item=container.name,
                fix="set runAsUserName to ContainerUser",
            )
