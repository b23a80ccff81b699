"""Which of the node's files a pod mounts, and what having them means."""

from collections.abc import Iterator
from posixpath import normpath
from typing import Final

from daytwo.model.pod_spec import VolumeMount
from daytwo.model.runnable import Placed, Runnable

# Where container runtimes listen: who can write to one of these starts privileged containers on the node.
# Source: https://kubernetes.io/docs/setup/production-environment/container-runtimes/ and the runtimes' own defaults.
RUNTIME_SOCKETS: Final = (
    "/run/containerd/containerd.sock",
    "/run/crio/crio.sock",
    "/run/cri-dockerd.sock",
    "/run/docker.sock",
    "/run/dockershim.sock",
    "/run/podman/podman.sock",
    "/run/k3s/containerd/containerd.sock",
    "/run/k0s/containerd.sock",
    "/run/rke2/containerd/containerd.sock",
)

# Directories that make or break a node, with what they give away; what lies in one of them counts, unless it is harmless.
# Source: https://kubernetes.io/docs/concepts/storage/volumes/#hostpath, https://kubernetes.io/docs/reference/setup-tools/kubeadm/
SENSITIVE: Final = {
    "/": "all of its files",
    "/boot": "its kernel",
    "/dev": "its devices, disks among them",
    "/etc": "its users, units and credentials",
    "/home": "its users' keys",
    "/lib": "its programs",
    "/opt/cni/bin": "programs that the kubelet runs as root",
    "/proc": "its processes and kernel settings",
    "/root": "its administrator's keys",
    "/run": "the sockets of its services",
    "/sys": "its kernel and devices",
    "/usr": "its programs",
    "/bin": "its programs",
    "/sbin": "its programs",
    "/var": "the state of its services",
    "/var/lib": "the state of its services",
    "/var/lib/containerd": "the files of every container on it",
    "/var/lib/containers": "the files of every container on it",
    "/var/lib/docker": "the files of every container on it",
    "/var/lib/etcd": "all that the cluster stores",
    "/var/lib/kubelet": "the secrets and tokens of every pod on it",
    "/var/lib/rancher": "the cluster's own credentials",
}
# Below these, whatever is mounted is as sensitive as the directory itself.
_WHOLE: Final = (
    "/boot",
    "/dev",
    "/etc",
    "/home",
    "/lib",
    "/opt/cni/bin",
    "/proc",
    "/root",
    "/sys",
    "/usr",
    "/bin",
    "/sbin",
    "/var/lib/containerd",
    "/var/lib/containers",
    "/var/lib/docker",
    "/var/lib/etcd",
    "/var/lib/kubelet",
    "/var/lib/rancher",
)
# Where keys, tokens, memory and disks are.
_SECRET: Final = (
    "/dev",
    "/etc",
    "/home",
    "/proc",
    "/root",
    "/var/lib/containerd",
    "/var/lib/containers",
    "/var/lib/docker",
    "/var/lib/etcd",
    "/var/lib/kubelet",
    "/var/lib/rancher",
)
# What everybody may read: the time zone, names, certificates of public authorities, and devices that are meant for pods.
_HARMLESS: Final = (
    "/dev/dri",
    "/dev/fuse",
    "/dev/hugepages",
    "/dev/kvm",
    "/dev/net/tun",
    "/dev/null",
    "/dev/shm",
    "/etc/ca-certificates",
    "/etc/hosts",
    "/etc/localtime",
    "/etc/machine-id",
    "/etc/os-release",
    "/etc/pki/ca-trust",
    "/etc/pki/tls/certs",
    "/etc/resolv.conf",
    "/etc/ssl/certs",
    "/etc/timezone",
    "/lib/modules",
    "/sys/fs/cgroup",
    "/usr/lib/os-release",
    "/usr/local/share/ca-certificates",
    "/usr/share",
    "/usr/src",
    "/var/lib/kubelet/device-plugins",
    "/var/lib/kubelet/plugins",
    "/var/lib/kubelet/plugins_registry",
    "/var/lib/kubelet/pod-resources",
)


def plain(path: str) -> str:
    """A path without detours; /var/run is /run on every node that has systemd."""
    clean = normpath(path) if path else ""
    clean = clean.replace("//", "/", 1) if clean.startswith("//") else clean
    return clean.removeprefix("/var") if clean == "/var/run" or clean.startswith("/var/run/") else clean


def is_runtime_socket(path: str) -> bool:
    """A socket of a container runtime, or a directory of its own that holds one."""
    clean = plain(path)
    return any(clean == socket or (clean.count("/") > 1 and socket.startswith(f"{clean}/")) for socket in RUNTIME_SOCKETS)


def gives_away(path: str) -> str:
    """What of the node a path holds that it must keep to itself; empty for nothing."""
    clean = plain(path)
    if any(_is_in(clean, harmless) for harmless in _HARMLESS):
        return ""
    if clean in SENSITIVE:
        return SENSITIVE[clean]
    return next((SENSITIVE[directory] for directory in _WHOLE if _is_in(clean, directory)), "")


def holds_secrets(path: str) -> bool:
    """Whether reading it is as bad as writing it: keys, tokens, memory, disks."""
    clean = plain(path)
    return clean in ("/", "/run", "/var", "/var/lib") or any(_is_in(clean, directory) for directory in _SECRET)


def _is_in(path: str, directory: str) -> bool:
    return path == directory or path.startswith(f"{directory}/")


def mounts_of(subject: Runnable, volume: str) -> Iterator[tuple[Placed, VolumeMount]]:
    """Where containers mount a volume."""
    for placed in subject.all_containers():
        for mount in placed.container.volume_mounts:
            if mount.name == volume:
                yield placed, mount
