"""The Pod Security Standards as this domain's checks: which check belongs to which level, and what a pod violates at a level.

Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/
"""

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Final

from daytwo.domains.pod_security import baseline, restricted
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable

Control = Callable[[Runnable, int], Iterator[Hit]]


class Level(StrEnum):
    """How much a pod is forbidden; what is later forbids more."""

    PRIVILEGED = "privileged"
    BASELINE = "baseline"
    RESTRICTED = "restricted"


_BASELINE: Final[tuple[Control, ...]] = (
    baseline.apparmor_unconfined,
    baseline.capability_added,
    baseline.host_in_probe,
    baseline.host_namespace,
    baseline.host_path_volume,
    baseline.host_port,
    baseline.privileged_container,
    baseline.proc_mount_unmasked,
    baseline.seccomp_unconfined,
    baseline.selinux_type_custom,
    baseline.sysctl_unsafe,
    baseline.windows_host_process,
)
_RESTRICTED: Final[tuple[Control, ...]] = (
    *_BASELINE,
    restricted.capabilities_not_dropped,
    restricted.default_capability_added,
    restricted.may_run_as_root,
    restricted.privilege_escalation_allowed,
    restricted.proc_mount_unmasked_in_user_namespace,
    restricted.runs_as_root_user,
    restricted.seccomp_missing,
    restricted.volume_type_restricted,
)
_CONTROLS: Final[dict[Level, tuple[Control, ...]]] = {Level.PRIVILEGED: (), Level.BASELINE: _BASELINE, Level.RESTRICTED: _RESTRICTED}


def _name(control: Control) -> str:
    """The name of the check that a control is; both are named after the same bad thing."""
    return f"pod-security/{control.__name__}".replace("_", "-")


BASELINE: Final = tuple(_name(control) for control in _BASELINE)
RESTRICTED: Final = tuple(_name(control) for control in _RESTRICTED)


def violated(subject: Runnable, level: Level, minor: int) -> tuple[str, ...]:
    """The checks of a level, in its version 1.`minor`, that a pod of this subject fails; the API server refuses it if there are any."""
    return tuple(_name(control) for control in _CONTROLS[level] if next(control(subject, minor), None) is not None)
