"""Annotations and node labels that mean nothing any more, or soon will, as the API server warns of them.

Source: pkg/api/pod/warnings.go and pkg/api/node/util.go of Kubernetes 1.36.
"""

from typing import Final

import msgspec


class OutdatedAnnotation(msgspec.Struct, frozen=True, gc=False):
    """`since`: the minor version from which it has no effect, or is deprecated where `is_effective`."""

    since: int
    instead: str
    is_effective: bool = False


SECCOMP: Final = "securityContext.seccompProfile"
ANNOTATIONS: Final[dict[str, OutdatedAnnotation]] = {
    "scheduler.alpha.kubernetes.io/critical-pod": OutdatedAnnotation(16, "priorityClassName"),
    "security.alpha.kubernetes.io/sysctls": OutdatedAnnotation(11, "securityContext.sysctls"),
    "security.alpha.kubernetes.io/unsafe-sysctls": OutdatedAnnotation(11, "securityContext.sysctls"),
    "seccomp.security.alpha.kubernetes.io/pod": OutdatedAnnotation(27, SECCOMP),
}
SECCOMP_OF_CONTAINER: Final = "container.seccomp.security.alpha.kubernetes.io/"
APP_ARMOR_OF_CONTAINER: Final = "container.apparmor.security.beta.kubernetes.io/"
OF_CONTAINER: Final[dict[str, OutdatedAnnotation]] = {
    SECCOMP_OF_CONTAINER: OutdatedAnnotation(27, SECCOMP),
    APP_ARMOR_OF_CONTAINER: OutdatedAnnotation(30, "securityContext.appArmorProfile", is_effective=True),
}


class OutdatedLabel(msgspec.Struct, frozen=True, gc=False):
    """A label of nodes. `is_same`: whoever writes the new one writes the old one with the same value."""

    instead: str
    since: int
    is_same: bool = True


# Source for `is_same`: https://kubernetes.io/docs/reference/labels-annotations-taints/ (the kubelet and cloud controllers write both);
# kubeadm has taken node-role.kubernetes.io/master away with 1.24.
NODE_LABELS: Final[dict[str, OutdatedLabel]] = {
    "beta.kubernetes.io/arch": OutdatedLabel("kubernetes.io/arch", 14),
    "beta.kubernetes.io/os": OutdatedLabel("kubernetes.io/os", 14),
    "failure-domain.beta.kubernetes.io/region": OutdatedLabel("topology.kubernetes.io/region", 17),
    "failure-domain.beta.kubernetes.io/zone": OutdatedLabel("topology.kubernetes.io/zone", 17),
    "beta.kubernetes.io/instance-type": OutdatedLabel("node.kubernetes.io/instance-type", 17),
    "node-role.kubernetes.io/master": OutdatedLabel("node-role.kubernetes.io/control-plane", 20, is_same=False),
}
