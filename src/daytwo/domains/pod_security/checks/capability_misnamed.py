"""The check `pod-security/capability-misnamed`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.pod_security.baseline import CAPABILITIES
from daytwo.domains.pod_security.pods import called, holds_no_capabilities, is_windows
from daytwo.model.finding import Hit
from daytwo.model.json import Json
from daytwo.model.repair import setting
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable,
    heading=Heading.SECURITY,
    severity=Severity.MEDIUM,
    by_hand="which capability is meant, and whether the program needs it after all, is a decision",
)
def capability_misnamed(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A capability that runtimes do not know by this name.

    Why: written with `CAP_` or misspelt, it is neither added nor dropped: some runtimes refuse to start the container, others say
    nothing, and the API server takes any text.
    Fix: write the capability's name without `CAP_`, as in `NET_ADMIN`.
    Source: https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
    """
    if is_windows(subject.pod_spec):
        return
    for container, path, role in subject.all_containers():
        capabilities = container.security_context.capabilities
        for verb, field, names in (("adds", "add", capabilities.add), ("drops", "drop", capabilities.drop)):
            unknown = sorted({name for name in names if name.upper() not in CAPABILITIES})
            if not unknown:
                continue
            place = f"{path}.securityContext.capabilities.{field}"
            meant: list[Json] = [name if name.upper() in CAPABILITIES else name.upper().removeprefix("CAP_") for name in names]
            is_clear = all(isinstance(name, str) and name.upper() in CAPABILITIES for name in meant)
            # What is dropped, or added, for the first time may be missed, or used.
            is_free = holds_no_capabilities(subject.pod_spec, container) or [name.upper() for name in unknown] == ["CAP_NET_RAW"]
            yield Hit(
                f"{called(role, container)} {verb} {', '.join(unknown)}, which no runtime knows by that name",
                path=place,
                item=f"{container.name}/{field}",
                fix=f"write {', '.join(name.upper().removeprefix('CAP_') for name in unknown)}"
                if is_clear
                else "write names of capabilities(7) without CAP_",
                repair=setting(place, meant) if is_clear and field == "drop" and is_free else None,
            )
