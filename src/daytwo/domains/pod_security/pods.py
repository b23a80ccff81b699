"""What holds for a container once its pod's own settings are inherited, and which rules of the standards its cluster knows."""

from typing import Final

from daytwo.model.pod_spec import Container, PodSpec
from daytwo.model.runnable import Role, Runnable
from daytwo.model.snapshot import Snapshot

LATEST: Final = 1_000
"""A minor version after every one that changed the standards."""


def policy_minor(snapshot: Snapshot) -> int:
    """The standards' version that the cluster's own API server goes by; the newest where its version is not known."""
    minor = snapshot.cluster.minor
    return LATEST if minor is None else minor


def says_windows(spec: PodSpec) -> bool:
    """The one thing that exempts a pod from the rules that Windows has no fields for."""
    return spec.os is not None and spec.os.name == "windows"


def is_windows(spec: PodSpec) -> bool:
    """Windows, told by `os` or by the nodes that it selects."""
    return says_windows(spec) or spec.node_selector.get("kubernetes.io/os") == "windows"


def has_user_namespace(spec: PodSpec) -> bool:
    return spec.host_users is False


def user_of(spec: PodSpec, container: Container) -> int | None:
    """The user id that a container's process is started as; None leaves it to the image."""
    own = container.security_context.run_as_user
    return spec.security_context.run_as_user if own is None else own


def group_of(spec: PodSpec, container: Container) -> int | None:
    own = container.security_context.run_as_group
    return spec.security_context.run_as_group if own is None else own


def is_non_root(spec: PodSpec, container: Container) -> bool:
    """Whether the kubelet refuses to start the container as root."""
    own = container.security_context.run_as_non_root
    return bool(spec.security_context.run_as_non_root if own is None else own)


def holds_no_capabilities(spec: PodSpec, container: Container) -> bool:
    """A process that is not root is started with none, and without escalation no file it runs gives it any.

    Source: https://kubernetes.io/docs/tasks/configure-pod-container/security-context/, capabilities(7), no_new_privs in prctl(2)
    """
    user = user_of(spec, container)
    is_other_user = user > 0 if user is not None else is_non_root(spec, container)
    return is_other_user and container.security_context.allow_privilege_escalation is False


def pod_field(subject: Runnable, field: str) -> str:
    """The path of a field in the pod's own security context."""
    return f"{subject.pod_path}.securityContext.{field}"


def called(role: Role, container: Container) -> str:
    return f"{role} {container.name}"


def listed(names: list[str]) -> str:
    """`container app`, or `containers app, mesh`."""
    return f"{'container' if len(names) == 1 else 'containers'} {', '.join(names)}"
