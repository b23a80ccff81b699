"""The controls of the *baseline* standard, each as a function from a pod to what violates it, as `k8s.io/pod-security-admission` judges.

Every container counts: init, sidecar and ephemeral ones too. `minor` is the minor version of the standard.
Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
"""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from daytwo.domains.pod_security.host_paths import mounts_of
from daytwo.domains.pod_security.pods import called, has_user_namespace, holds_no_capabilities, pod_field
from daytwo.model.finding import Hit
from daytwo.model.json import Json
from daytwo.model.pod_spec import AppArmorProfile, Container, Handler, PodSpec, Probe, SeccompProfile, SELinuxOptions
from daytwo.model.repair import Repair, removing, setting
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Severity

APPARMOR_ANNOTATION: Final = "container.apparmor.security.beta.kubernetes.io/"

# What the standard lets a container add: the default set of container runtimes without NET_RAW.
DEFAULT_CAPABILITIES: Final = frozenset(
    (
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "NET_BIND_SERVICE",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
    )
)
# Every capability there is, and the word for all of them.
# Source: include/uapi/linux/capability.h of Linux 6.12
CAPABILITIES: Final = DEFAULT_CAPABILITIES | {
    "ALL",
    "AUDIT_CONTROL",
    "AUDIT_READ",
    "BLOCK_SUSPEND",
    "BPF",
    "CHECKPOINT_RESTORE",
    "DAC_READ_SEARCH",
    "IPC_LOCK",
    "IPC_OWNER",
    "LEASE",
    "LINUX_IMMUTABLE",
    "MAC_ADMIN",
    "MAC_OVERRIDE",
    "NET_ADMIN",
    "NET_BROADCAST",
    "NET_RAW",
    "PERFMON",
    "SYSLOG",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_MODULE",
    "SYS_NICE",
    "SYS_PACCT",
    "SYS_PTRACE",
    "SYS_RAWIO",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "WAKE_ALARM",
}
# With any of these a process gets at the node's kernel, memory, devices or files.
# Source: https://man7.org/linux/man-pages/man7/capabilities.7.html
NODE_TAKING_CAPABILITIES: Final = frozenset(
    ("ALL", "BPF", "DAC_READ_SEARCH", "MAC_ADMIN", "MAC_OVERRIDE", "SYS_ADMIN", "SYS_BOOT", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO")
)

# Sysctls that have a value of their own in each pod, with the minor version since which the standard lets them be set.
SAFE_SYSCTLS: Final = {
    "kernel.shm_rmid_forced": 0,
    "net.ipv4.ip_local_port_range": 0,
    "net.ipv4.tcp_syncookies": 0,
    "net.ipv4.ping_group_range": 0,
    "net.ipv4.ip_unprivileged_port_start": 0,
    "net.ipv4.ip_local_reserved_ports": 27,
    "net.ipv4.tcp_keepalive_time": 29,
    "net.ipv4.tcp_fin_timeout": 29,
    "net.ipv4.tcp_keepalive_intvl": 29,
    "net.ipv4.tcp_keepalive_probes": 29,
    "net.ipv4.tcp_rmem": 32,
    "net.ipv4.tcp_wmem": 32,
}
# Likewise the types of SELinux that the policy for containers brings.
CONTAINER_SELINUX_TYPES: Final = {"": 0, "container_t": 0, "container_init_t": 0, "container_kvm_t": 0, "container_engine_t": 31}

_HOST_NAMESPACES: Final = (
    ("hostNetwork", "host_network", "the node's network: its addresses, its ports, what listens on its loopback", Severity.MEDIUM),
    ("hostPID", "host_pid", "the node's processes: it can see, trace and end them", Severity.HIGH),
    ("hostIPC", "host_ipc", "the node's shared memory and semaphores", Severity.MEDIUM),
)


def privileged_container(subject: Runnable, minor: int) -> Iterator[Hit]:
    for container, path, role in subject.all_containers():
        if container.security_context.privileged:
            yield Hit(
                f"{called(role, container)} is privileged: whoever gets into it has the node",
                path=f"{path}.securityContext.privileged",
                item=container.name,
                fix="remove privileged, and add the single capability or device that it is for",
            )


def host_namespace(subject: Runnable, minor: int) -> Iterator[Hit]:
    spec = subject.pod_spec
    for field, attribute, what, severity in _HOST_NAMESPACES:
        if getattr(spec, attribute):
            yield Hit(f"shares {what}", path=f"{subject.pod_path}.{field}", item=field, fix=f"remove {field}", severity=severity)


def host_path_volume(subject: Runnable, minor: int) -> Iterator[Hit]:
    for volume in subject.pod_spec.volumes:
        if volume.host_path is None:
            continue
        mounts = [mount for _, mount in mounts_of(subject, volume.name)]
        is_read_only = all(mount.read_only for mount in mounts)
        path = f"{subject.pod_path}.volumes[{volume.name}]"
        yield Hit(
            f"volume {volume.name} is {volume.host_path.path} of the node",
            path=f"{path}.hostPath",
            item=volume.name,
            fix="use a claim, an emptyDir or a ConfigMap in place of the node's own files",
            severity=Severity.LOW if is_read_only else None,
            repair=None if mounts else removing(path),
        )


def host_port(subject: Runnable, minor: int) -> Iterator[Hit]:
    spec = subject.pod_spec
    for container, path, role in subject.all_containers():
        # Pods that share the node's network are given a host port for each of their ports.
        ports = [port.host_port or (port.container_port if spec.host_network else 0) for port in container.ports]
        taken = sorted({port for port in ports if port})
        if not taken:
            continue
        numbers = ", ".join(str(port) for port in taken)
        first = next(index for index, port in enumerate(ports) if port)
        yield Hit(
            f"{called(role, container)} takes {'port' if len(taken) == 1 else 'ports'} {numbers} of its node"
            f"{', as all ports of pods with hostNetwork are' if spec.host_network else ''}",
            path=f"{path}.ports[{container.ports[first].name or first}].hostPort",
            item=container.name,
            fix="remove hostPort and reach the container through a Service",
            severity=Severity.LOW if spec.host_network else None,
        )


def capability_added(subject: Runnable, minor: int) -> Iterator[Hit]:
    for container, path, role in subject.all_containers():
        added = sorted(set(container.security_context.capabilities.add) - DEFAULT_CAPABILITIES)
        if not added:
            continue
        is_taking = not NODE_TAKING_CAPABILITIES.isdisjoint(name.upper().removeprefix("CAP_") for name in added)
        yield Hit(
            f"{called(role, container)} adds {', '.join(added)}{', with which it can take the node' if is_taking else ''}",
            path=f"{path}.securityContext.capabilities.add",
            item=container.name,
            fix=f"remove {', '.join(added)} from capabilities.add",
            severity=Severity.HIGH if is_taking else None,
            repair=without_capabilities(subject.pod_spec, container, path, added),
        )


def without_capabilities(spec: PodSpec, container: Container, path: str, names: list[str]) -> Repair | None:
    """Takes back what was added, where the container cannot make use of it."""
    if not holds_no_capabilities(spec, container):
        return None
    field = f"{path}.securityContext.capabilities.add"
    kept: list[Json] = [name for name in container.security_context.capabilities.add if name not in names]
    return setting(field, kept) if kept else removing(field)


def proc_mount_unmasked(subject: Runnable, minor: int) -> Iterator[Hit]:
    if minor >= 35 and has_user_namespace(subject.pod_spec):
        return
    yield from unmasked_containers(subject)


def unmasked_containers(subject: Runnable) -> Iterator[Hit]:
    for container, path, role in subject.all_containers():
        mount = container.security_context.proc_mount
        if mount not in ("", "Default"):
            yield Hit(
                f"{called(role, container)} sees /proc as the node does: procMount is {mount}",
                path=f"{path}.securityContext.procMount",
                item=container.name,
                fix="remove procMount",
            )


def seccomp_unconfined(subject: Runnable, minor: int) -> Iterator[Hit]:
    profile = subject.pod_spec.security_context.seccomp_profile
    if profile is not None and not is_confining(profile):
        hit = _unconfined("the pod", profile, pod_field(subject, "seccompProfile.type"), "")
        is_overruled = all(placed.container.security_context.seccomp_profile is not None for placed in subject.all_containers())
        # What every container overrules holds none of them.
        yield replace(hit, repair=removing(pod_field(subject, "seccompProfile"))) if is_overruled else hit
    for container, path, role in subject.all_containers():
        profile = container.security_context.seccomp_profile
        if profile is not None and not is_confining(profile):
            yield _unconfined(called(role, container), profile, f"{path}.securityContext.seccompProfile.type", container.name)


def is_confining(profile: SeccompProfile | AppArmorProfile) -> bool:
    return profile.type in ("RuntimeDefault", "Localhost")


def _unconfined(who: str, profile: SeccompProfile, path: str, item: str) -> Hit:
    message = f"{who} may make every system call: its seccomp profile is {profile.type or 'none'}"
    return Hit(message, path=path, item=item, fix="set seccompProfile.type to RuntimeDefault")


def sysctl_unsafe(subject: Runnable, minor: int) -> Iterator[Hit]:
    for number, sysctl in enumerate(subject.pod_spec.security_context.sysctls):
        since = SAFE_SYSCTLS.get(sysctl.name)
        if since is not None and since <= minor:
            continue
        why = f", which the standard allows since 1.{since}" if since is not None else ""
        yield Hit(
            f"sets sysctl {sysctl.name}{why}",
            path=pod_field(subject, f"sysctls[{sysctl.name if '.' not in sysctl.name else number}]"),
            item=sysctl.name,
            fix="remove it, or set it for the nodes that need it",
        )


def selinux_type_custom(subject: Runnable, minor: int) -> Iterator[Hit]:
    options = subject.pod_spec.security_context.se_linux_options
    if options is not None and (faults := _selinux_faults(options, minor)):
        yield _selinux("the pod", faults, pod_field(subject, "seLinuxOptions"), "")
    for container, path, role in subject.all_containers():
        options = container.security_context.se_linux_options
        if options is not None and (faults := _selinux_faults(options, minor)):
            yield _selinux(called(role, container), faults, f"{path}.securityContext.seLinuxOptions", container.name)


def _selinux_faults(options: SELinuxOptions, minor: int) -> list[str]:
    since = CONTAINER_SELINUX_TYPES.get(options.type)
    faults = [f"type {options.type}"] if since is None or since > minor else []
    faults += [f"user {options.user}"] if options.user else []
    return faults + ([f"role {options.role}"] if options.role else [])


def _selinux(who: str, faults: list[str], path: str, item: str) -> Hit:
    return Hit(f"{who} asks SELinux for {' and '.join(faults)}", path=path, item=item, fix="leave type, user and role to the runtime")


def apparmor_unconfined(subject: Runnable, minor: int) -> Iterator[Hit]:
    fix = "set appArmorProfile.type to RuntimeDefault, or leave it out"
    profile = subject.pod_spec.security_context.app_armor_profile
    if profile is not None and not is_confining(profile):
        is_overruled = all(placed.container.security_context.app_armor_profile is not None for placed in subject.all_containers())
        yield Hit(
            f"the pod runs without AppArmor: its profile is {profile.type or 'none'}",
            path=pod_field(subject, "appArmorProfile.type"),
            fix=fix,
            repair=removing(pod_field(subject, "appArmorProfile")) if is_overruled else None,
        )
    told: set[str] = set()
    for container, path, role in subject.all_containers():
        profile = container.security_context.app_armor_profile
        if profile is not None and not is_confining(profile):
            told.add(container.name)
            message = f"{called(role, container)} runs without AppArmor: its profile is {profile.type or 'none'}"
            yield Hit(message, path=f"{path}.securityContext.appArmorProfile.type", item=container.name, fix=fix)
    for key, value in sorted(subject.pod_annotations.items()):
        if not key.startswith(APPARMOR_ANNOTATION) or value in ("", "runtime/default") or value.startswith("localhost/"):
            continue
        name = key.removeprefix(APPARMOR_ANNOTATION)
        if name not in told:
            path = f"{subject.template_path}metadata.annotations[{key}]"
            yield Hit(f"container {name} runs without AppArmor: an annotation says {value}", path=path, item=name, fix=fix)


def windows_host_process(subject: Runnable, minor: int) -> Iterator[Hit]:
    options = subject.pod_spec.security_context.windows_options
    if options is not None and options.host_process:
        yield _host_process("the pod", pod_field(subject, "windowsOptions.hostProcess"), "")
    for container, path, role in subject.all_containers():
        options = container.security_context.windows_options
        if options is not None and options.host_process:
            yield _host_process(called(role, container), f"{path}.securityContext.windowsOptions.hostProcess", container.name)


def _host_process(who: str, path: str, item: str) -> Hit:
    return Hit(f"{who} runs as a process of its Windows node", path=path, item=item, fix="remove hostProcess")


def host_in_probe(subject: Runnable, minor: int) -> Iterator[Hit]:
    if minor < 34:
        return
    for container, path, role in subject.all_containers():
        for field, host in _hosts(container):
            yield Hit(
                f"{called(role, container)} has the kubelet connect to {host} in its {field.partition('.')[0]}",
                path=f"{path}.{field}",
                item=f"{container.name}/{field}",
                fix="remove host: the kubelet then asks the pod itself",
            )


def _hosts(container: Container) -> Iterator[tuple[str, str]]:
    """The fields that name a host for the kubelet to connect to, and the host."""
    if container.liveness_probe is not None:
        yield from _hosts_of("livenessProbe", container.liveness_probe)
    if container.readiness_probe is not None:
        yield from _hosts_of("readinessProbe", container.readiness_probe)
    if container.startup_probe is not None:
        yield from _hosts_of("startupProbe", container.startup_probe)
    if container.lifecycle is not None:
        if container.lifecycle.post_start is not None:
            yield from _hosts_of("lifecycle.postStart", container.lifecycle.post_start)
        if container.lifecycle.pre_stop is not None:
            yield from _hosts_of("lifecycle.preStop", container.lifecycle.pre_stop)


def _hosts_of(field: str, handler: Probe | Handler) -> Iterator[tuple[str, str]]:
    if handler.http_get is not None and handler.http_get.host:
        yield f"{field}.httpGet.host", handler.http_get.host
    if handler.tcp_socket is not None and handler.tcp_socket.host:
        yield f"{field}.tcpSocket.host", handler.tcp_socket.host
