"""What the *restricted* standard asks beyond baseline, each control as a function from a pod to what violates it.

`minor` is the minor version of the standard. Versions before 1.19, which knew other ways to set seccomp, are judged as 1.19.
Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
"""

from collections.abc import Iterator
from typing import Final

from daytwo.domains.pod_security.baseline import DEFAULT_CAPABILITIES, unmasked_containers, without_capabilities
from daytwo.domains.pod_security.host_paths import mounts_of
from daytwo.domains.pod_security.pods import called, has_user_namespace, holds_no_capabilities, pod_field, says_windows, user_of
from daytwo.model.finding import Hit
from daytwo.model.pod_spec import PodSpec
from daytwo.model.repair import removing, setting
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Severity

# Types of volumes whose content comes from the cluster or from a driver that somebody installed.
ALLOWED_VOLUME_TYPES: Final = frozenset(
    ("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret")
)


def volume_type_restricted(subject: Runnable, minor: int) -> Iterator[Hit]:
    """Of hostPath the baseline standard tells."""
    for volume in subject.pod_spec.volumes:
        type = volume.type
        if type not in ALLOWED_VOLUME_TYPES and type != "hostPath":
            path = f"{subject.pod_path}.volumes[{volume.name}]"
            yield Hit(
                f"volume {volume.name} is of {f'type {type}' if type else 'a type'}, which the standard does not allow",
                path=f"{path}.{type}" if type else path,
                item=volume.name,
                fix="use a claim in its place",
                repair=None if any(mounts_of(subject, volume.name)) else removing(path),
            )


def privilege_escalation_allowed(subject: Runnable, minor: int) -> Iterator[Hit]:
    if _is_exempt(subject.pod_spec, minor):
        return
    for container, path, role in subject.all_containers():
        context = container.security_context
        if context.allow_privilege_escalation is False:
            continue
        field = f"{path}.securityContext.allowPrivilegeEscalation"
        # The API server refuses to take from these what they have anyhow.
        needs = "is privileged" if context.privileged else "has SYS_ADMIN" if "SYS_ADMIN" in _names(context.capabilities.add) else ""
        first = "set privileged to false" if context.privileged else "remove SYS_ADMIN from capabilities.add" if needs else ""
        yield Hit(
            f"{called(role, container)} may gain more rights than it was started with: allowPrivilegeEscalation is "
            f"{'true' if context.allow_privilege_escalation else 'not set'}",
            path=field,
            item=container.name,
            fix=f"{first} first, then set allowPrivilegeEscalation to false" if needs else "set allowPrivilegeEscalation to false",
            repair=None if needs else setting(field, False),
            by_hand=f"the container {needs}, which this cannot go with: that is to be taken from it first" if needs else "",
        )


def may_run_as_root(subject: Runnable, minor: int) -> Iterator[Hit]:
    spec = subject.pod_spec
    if minor >= 35 and has_user_namespace(spec):
        return
    of_pod = spec.security_context.run_as_non_root
    if of_pod is False:
        field = pod_field(subject, "runAsNonRoot")
        is_overruled = all(placed.container.security_context.run_as_non_root is not None for placed in subject.all_containers())
        repair = setting(field, True) if is_overruled else None
        yield Hit("the pod lets its containers run as root", path=field, fix="set runAsNonRoot to true", repair=repair)
    for container, path, role in subject.all_containers():
        own = container.security_context.run_as_non_root
        if own or (own is None and of_pod is not None):
            continue
        field = f"{path}.securityContext.runAsNonRoot"
        user = user_of(spec, container)
        # A user that is set is what it runs as: refusing root changes nothing then.
        is_told = user is not None and user > 0 and own is None
        message = f"{called(role, container)} may run as root: neither it nor its pod sets runAsNonRoot"
        if is_told:
            message = f"nothing refuses root to {called(role, container)}, which runs as user {user}"
        elif own is False:
            message = f"{called(role, container)} is let run as root"
        yield Hit(
            message,
            path=field,
            item=container.name,
            fix="set runAsNonRoot to true" + ("" if user else ", and runAsUser where the image names its user by name"),
            severity=Severity.LOW if is_told else None,
            repair=setting(field, True) if is_told else None,
        )


def runs_as_root_user(subject: Runnable, minor: int) -> Iterator[Hit]:
    spec = subject.pod_spec
    if minor < 23 or (minor >= 35 and has_user_namespace(spec)):
        return
    fix = "set runAsUser to a number above 0 that the image can run as"
    if spec.security_context.run_as_user == 0:
        field = pod_field(subject, "runAsUser")
        is_overruled = all(placed.container.security_context.run_as_user is not None for placed in subject.all_containers())
        repair = removing(field) if is_overruled else None
        yield Hit("the pod runs its containers as root: runAsUser is 0", path=field, fix=fix, repair=repair)
    for container, path, role in subject.all_containers():
        if container.security_context.run_as_user == 0:
            message = f"{called(role, container)} runs as root: runAsUser is 0"
            yield Hit(message, path=f"{path}.securityContext.runAsUser", item=container.name, fix=fix)


def seccomp_missing(subject: Runnable, minor: int) -> Iterator[Hit]:
    """A profile that does not confine is told of by the baseline standard, for the containers that inherit it too."""
    spec = subject.pod_spec
    if _is_exempt(spec, minor) or spec.security_context.seccomp_profile is not None:
        return
    bare = [placed.container.name for placed in subject.all_containers() if placed.container.security_context.seccomp_profile is None]
    if bare:
        field = pod_field(subject, "seccompProfile.type")
        yield Hit(
            f"no seccomp profile is set for {'container' if len(bare) == 1 else 'containers'} {', '.join(bare)}, nor for the pod",
            path=field,
            fix="set seccompProfile.type to RuntimeDefault for the pod",
            repair=setting(field, "RuntimeDefault"),
        )


def capabilities_not_dropped(subject: Runnable, minor: int) -> Iterator[Hit]:
    if minor < 22 or _is_exempt(subject.pod_spec, minor):
        return
    for container, path, role in subject.all_containers():
        dropped = container.security_context.capabilities.drop
        if "ALL" in dropped:
            continue
        field = f"{path}.securityContext.capabilities.drop"
        # Runtimes take `all` for ALL, the standard does not.
        is_misspelt = "ALL" in (name.upper() for name in dropped)
        message = f"{called(role, container)} keeps the runtime's capabilities: it does not drop ALL"
        if is_misspelt:
            message = f"{called(role, container)} drops {', '.join(dropped)}, which the standard does not take for ALL"
        yield Hit(
            message,
            path=field,
            item=container.name,
            fix="drop ALL, and add NET_BIND_SERVICE alone where it listens on a port below 1024",
            severity=Severity.LOW if is_misspelt else None,
            repair=setting(field, ["ALL"]) if is_misspelt or holds_no_capabilities(subject.pod_spec, container) else None,
        )


def default_capability_added(subject: Runnable, minor: int) -> Iterator[Hit]:
    """Capabilities beyond the default ones are told of by the baseline standard."""
    if minor < 22 or _is_exempt(subject.pod_spec, minor):
        return
    for container, path, role in subject.all_containers():
        added = sorted((set(container.security_context.capabilities.add) & DEFAULT_CAPABILITIES) - {"NET_BIND_SERVICE"})
        if added:
            yield Hit(
                f"{called(role, container)} adds {', '.join(added)}",
                path=f"{path}.securityContext.capabilities.add",
                item=container.name,
                fix=f"remove {', '.join(added)} from capabilities.add, and what needs it from the image",
                repair=without_capabilities(subject.pod_spec, container, path, added),
            )


def proc_mount_unmasked_in_user_namespace(subject: Runnable, minor: int) -> Iterator[Hit]:
    if minor >= 35 and has_user_namespace(subject.pod_spec):
        yield from unmasked_containers(subject)


def _is_exempt(spec: PodSpec, minor: int) -> bool:
    """Windows has no such fields; before 1.25 the standard did not know which pods are meant for it."""
    return minor >= 25 and says_windows(spec)


def _names(capabilities: tuple[str, ...]) -> set[str]:
    """Capabilities as runtimes and the API server read them: in capitals, with or without `CAP_`."""
    return {name.upper().removeprefix("CAP_") for name in capabilities}
