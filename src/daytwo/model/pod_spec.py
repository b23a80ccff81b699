"""What a pod is asked to run: the template that every workload shares."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

import msgspec

from daytwo.model.masking import mask, mask_annotations, mask_arguments, mask_image, mask_value
from daytwo.model.quantity import quantity_or_zero
from daytwo.model.selector import Selector

Quantity = str | int | float

_SLEEP: Final = re.compile(r"\bsleep\s+(\d{1,9}(?:\.\d{1,9})?)([smh]?)(?![\w.])")
_SECONDS: Final = {"": 1, "s": 1, "m": 60, "h": 3600}


class KeyRef(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """One key of a ConfigMap or Secret."""

    name: str = ""
    key: str = ""
    optional: bool = False


class NameRef(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    name: str = ""
    optional: bool = False


class EnvSource(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    config_map_key_ref: KeyRef | None = None
    secret_key_ref: KeyRef | None = None


class EnvVar(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """One variable; a value that looks like a credential is masked as this is made."""

    name: str = ""
    value: str = ""
    value_from: EnvSource | None = None

    def __post_init__(self) -> None:
        if self.value:
            msgspec.structs.force_setattr(self, "value", mask_value(self.name, self.value))


class EnvFrom(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    config_map_ref: NameRef | None = None
    secret_ref: NameRef | None = None
    prefix: str = ""


class ContainerPort(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    container_port: int = 0
    name: str = ""
    protocol: str = "TCP"
    host_port: int = 0
    host_ip: str = msgspec.field(default="", name="hostIP")


class HTTPGet(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    path: str = ""
    port: int | str = 0
    scheme: str = ""
    host: str = ""

    def __post_init__(self) -> None:
        if self.path:
            msgspec.structs.force_setattr(self, "path", mask(self.path))


class TCPSocket(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    port: int | str = 0
    host: str = ""


class Exec(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    command: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.command:
            msgspec.structs.force_setattr(self, "command", mask_arguments(self.command))


class GRPC(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """gRPC's health checking protocol; its port is a number, never a name."""

    port: int = 0
    service: str = ""


class Probe(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    http_get: HTTPGet | None = None
    tcp_socket: TCPSocket | None = None
    exec: Exec | None = None
    grpc: GRPC | None = None
    initial_delay_seconds: int = 0
    period_seconds: int = 10
    timeout_seconds: int = 1
    success_threshold: int = 1
    failure_threshold: int = 3
    termination_grace_period_seconds: int | None = None


class Sleep(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    seconds: int = 0


class HookExec(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """A command of a hook: only for how long it sleeps is kept, as `sleep 20` or `sh -c "sleep 20; nginx -s quit"` say."""

    command: tuple[str, ...] = ()
    sleep_seconds: float = 0

    def __post_init__(self) -> None:
        if self.command:
            slept = sum(float(number) * _SECONDS[unit] for number, unit in _SLEEP.findall(" ".join(self.command)))
            msgspec.structs.force_setattr(self, "sleep_seconds", slept)
            msgspec.structs.force_setattr(self, "command", ())


class Handler(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """What is run after a container's start or before its end."""

    exec: HookExec | None = None
    http_get: HTTPGet | None = None
    tcp_socket: TCPSocket | None = None
    sleep: Sleep | None = None


class Lifecycle(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    post_start: Handler | None = None
    pre_stop: Handler | None = None
    stop_signal: str = ""


class Resources(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    requests: dict[str, Quantity] = {}
    limits: dict[str, Quantity] = {}


class VolumeMount(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    name: str = ""
    mount_path: str = ""
    read_only: bool = False
    sub_path: str = ""
    mount_propagation: str = ""


class SeccompProfile(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    type: str = ""
    localhost_profile: str = ""


class AppArmorProfile(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    type: str = ""
    localhost_profile: str = ""


class SELinuxOptions(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    user: str = ""
    role: str = ""
    type: str = ""
    level: str = ""


class WindowsOptions(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    host_process: bool = False
    run_as_user_name: str = ""


class Sysctl(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    name: str = ""
    value: str = ""


class Capabilities(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    add: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()


class SecurityContext(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """A container's; None is absent, and then the pod's own setting holds where the pod has such a field."""

    run_as_user: int | None = None
    run_as_group: int | None = None
    run_as_non_root: bool | None = None
    privileged: bool = False
    allow_privilege_escalation: bool | None = None
    read_only_root_filesystem: bool = False
    proc_mount: str = ""
    capabilities: Capabilities = Capabilities()
    seccomp_profile: SeccompProfile | None = None
    app_armor_profile: AppArmorProfile | None = None
    se_linux_options: SELinuxOptions | None = None
    windows_options: WindowsOptions | None = None


class PodSecurityContext(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """What holds for every container of a pod that does not say otherwise; None is absent."""

    run_as_user: int | None = None
    run_as_group: int | None = None
    run_as_non_root: bool | None = None
    supplemental_groups: tuple[int, ...] = ()
    supplemental_groups_policy: str = ""
    fs_group: int | None = None
    fs_group_change_policy: str = ""
    seccomp_profile: SeccompProfile | None = None
    app_armor_profile: AppArmorProfile | None = None
    se_linux_options: SELinuxOptions | None = None
    windows_options: WindowsOptions | None = None
    sysctls: tuple[Sysctl, ...] = ()


class ExitCodes(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    operator: str = "In"
    values: tuple[int, ...] = ()


class RestartRule(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """Restarts on purpose: when a container's exit code matches, `Restart` it or `RestartAllContainers` of its pod."""

    action: str = ""
    exit_codes: ExitCodes = ExitCodes()

    def matches(self, exit_code: int) -> bool:
        return (exit_code in self.exit_codes.values) is (self.exit_codes.operator == "In")


class Container(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """One container; credentials in its command line or image are masked as this is made."""

    name: str = ""
    image: str = ""
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    env: tuple[EnvVar, ...] = ()
    env_from: tuple[EnvFrom, ...] = ()
    ports: tuple[ContainerPort, ...] = ()
    resources: Resources = Resources()
    liveness_probe: Probe | None = None
    readiness_probe: Probe | None = None
    startup_probe: Probe | None = None
    lifecycle: Lifecycle | None = None
    volume_mounts: tuple[VolumeMount, ...] = ()
    security_context: SecurityContext = SecurityContext()
    image_pull_policy: str = ""
    restart_policy: str = ""
    restart_policy_rules: tuple[RestartRule, ...] = ()

    def __post_init__(self) -> None:
        force = msgspec.structs.force_setattr
        if self.command:
            force(self, "command", mask_arguments(self.command))
        if self.args:
            force(self, "args", mask_arguments(self.args))
        if "@" in self.image:
            force(self, "image", mask_image(self.image))

    @property
    def is_sidecar(self) -> bool:
        """A native sidecar: an init container that runs for the pod's whole life."""
        return self.restart_policy == "Always"

    @property
    def requests(self) -> dict[str, Quantity]:
        """What it asks for; a limit without a request is a request too, which the API server writes into pods, not into templates."""
        return {**self.resources.limits, **self.resources.requests}


class KeyToPath(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    key: str = ""
    path: str = ""


class ConfigMapVolume(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    name: str = ""
    items: tuple[KeyToPath, ...] = ()
    optional: bool = False


class SecretVolume(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """`secretName` in a volume, `name` in a projected source."""

    secret_name: str = ""
    name: str = ""
    items: tuple[KeyToPath, ...] = ()
    optional: bool = False


class ServiceAccountToken(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """A token of the pod's service account that is mounted on purpose."""

    audience: str = ""
    expiration_seconds: int = 3600
    path: str = ""


class ProjectedSource(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    config_map: ConfigMapVolume | None = None
    secret: SecretVolume | None = None
    service_account_token: ServiceAccountToken | None = None


class Projected(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    sources: tuple[ProjectedSource, ...] = ()


class ClaimVolume(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    claim_name: str = ""


class EmptyDir(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    medium: str = ""
    size_limit: Quantity | None = None


class HostPath(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    path: str = ""
    type: str = ""


class EphemeralVolume(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """A claim made with the pod; it is named POD-VOLUME."""


class VolumeSource(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """A type of volume of which no more is known than that it is used."""


class Volume(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """One volume; where none of its types is set, it is of a type that came after these."""

    name: str = ""
    config_map: ConfigMapVolume | None = None
    secret: SecretVolume | None = None
    projected: Projected | None = None
    persistent_volume_claim: ClaimVolume | None = None
    ephemeral: EphemeralVolume | None = None
    empty_dir: EmptyDir | None = None
    host_path: HostPath | None = None
    csi: VolumeSource | None = None
    downward_api: VolumeSource | None = msgspec.field(default=None, name="downwardAPI")
    image: VolumeSource | None = None
    nfs: VolumeSource | None = None
    iscsi: VolumeSource | None = None
    fc: VolumeSource | None = None
    cinder: VolumeSource | None = None
    gce_persistent_disk: VolumeSource | None = None
    aws_elastic_block_store: VolumeSource | None = None
    git_repo: VolumeSource | None = None
    glusterfs: VolumeSource | None = None
    rbd: VolumeSource | None = None
    flex_volume: VolumeSource | None = None
    cephfs: VolumeSource | None = None
    flocker: VolumeSource | None = None
    azure_file: VolumeSource | None = None
    vsphere_volume: VolumeSource | None = None
    quobyte: VolumeSource | None = None
    azure_disk: VolumeSource | None = None
    portworx_volume: VolumeSource | None = None
    photon_persistent_disk: VolumeSource | None = None
    scale_io: VolumeSource | None = msgspec.field(default=None, name="scaleIO")
    storageos: VolumeSource | None = None

    @property
    def type(self) -> str:
        """Its type as the API names it, `nfs`; empty for one that is not known."""
        for field, name in _VOLUME_TYPES:
            if getattr(self, field) is not None:
                return name
        return ""


_VOLUME_TYPES: Final = tuple(zip(Volume.__struct_fields__[1:], Volume.__struct_encode_fields__[1:], strict=True))


class Toleration(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    key: str = ""
    operator: str = "Equal"
    value: str = ""
    effect: str = ""
    toleration_seconds: int | None = None


class NodeRequirement(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """Like a label requirement, with Gt and Lt."""

    key: str = ""
    operator: str = ""
    values: tuple[str, ...] = ()


class NodeTerm(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    match_expressions: tuple[NodeRequirement, ...] = ()
    match_fields: tuple[NodeRequirement, ...] = ()


class NodeSelector(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    node_selector_terms: tuple[NodeTerm, ...] = ()


class NodeAffinity(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    required: NodeSelector | None = msgspec.field(default=None, name="requiredDuringSchedulingIgnoredDuringExecution")


class PodAffinityTerm(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    topology_key: str = ""
    label_selector: Selector | None = None
    namespaces: tuple[str, ...] = ()
    namespace_selector: Selector | None = None
    match_label_keys: tuple[str, ...] = ()


class WeightedPodAffinityTerm(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    weight: int = 0
    pod_affinity_term: PodAffinityTerm = PodAffinityTerm()


class PodAffinity(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    required: tuple[PodAffinityTerm, ...] = msgspec.field(default=(), name="requiredDuringSchedulingIgnoredDuringExecution")
    preferred: tuple[WeightedPodAffinityTerm, ...] = msgspec.field(default=(), name="preferredDuringSchedulingIgnoredDuringExecution")


class Affinity(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    node_affinity: NodeAffinity | None = None
    pod_affinity: PodAffinity | None = None
    pod_anti_affinity: PodAffinity | None = None


class TopologySpread(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    topology_key: str = ""
    when_unsatisfiable: str = "DoNotSchedule"
    max_skew: int = 1
    label_selector: Selector | None = None
    min_domains: int | None = None
    match_label_keys: tuple[str, ...] = ()
    node_affinity_policy: str = "Honor"
    node_taints_policy: str = "Ignore"


class DNSOption(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    name: str = ""
    value: str | None = None


class DNSConfig(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    nameservers: tuple[str, ...] = ()
    searches: tuple[str, ...] = ()
    options: tuple[DNSOption, ...] = ()


class HostAlias(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    ip: str = ""
    hostnames: tuple[str, ...] = ()


class SchedulingGate(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    name: str = ""


class PodResourceClaim(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """A device claim of a pod: one that exists by name, or one made from a template."""

    name: str = ""
    resource_claim_name: str = ""
    resource_claim_template_name: str = ""


class Reference(msgspec.Struct, frozen=True, order=True, gc=False):
    """A pod's use of a ConfigMap or Secret; `key` is empty when the whole object is used; `via` is the field."""

    kind: str
    name: str
    key: str
    is_optional: bool
    via: str


class PodOS(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """The system that a pod says it needs: `linux` or `windows`."""

    name: str = ""


class PodSpec(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    containers: tuple[Container, ...] = ()
    init_containers: tuple[Container, ...] = ()
    ephemeral_containers: tuple[Container, ...] = ()
    volumes: tuple[Volume, ...] = ()
    node_name: str = ""
    node_selector: dict[str, str] = {}
    affinity: Affinity | None = None
    tolerations: tuple[Toleration, ...] = ()
    topology_spread_constraints: tuple[TopologySpread, ...] = ()
    scheduling_gates: tuple[SchedulingGate, ...] = ()
    scheduler_name: str = "default-scheduler"
    service_account_name: str = ""
    # The old name of serviceAccountName, which the API server writes beside it.
    service_account: str = ""
    image_pull_secrets: tuple[NameRef, ...] = ()
    priority_class_name: str = ""
    priority: int | None = None
    runtime_class_name: str = ""
    host_network: bool = False
    host_pid: bool = msgspec.field(default=False, name="hostPID")
    host_ipc: bool = msgspec.field(default=False, name="hostIPC")
    # False is a user namespace of its own; absent and true are the node's.
    host_users: bool | None = None
    share_process_namespace: bool = False
    security_context: PodSecurityContext = PodSecurityContext()
    os: PodOS | None = None
    automount_service_account_token: bool | None = None
    enable_service_links: bool = True
    restart_policy: str = "Always"
    termination_grace_period_seconds: int = 30
    active_deadline_seconds: int | None = None
    dns_policy: str = "ClusterFirst"
    dns_config: DNSConfig | None = None
    host_aliases: tuple[HostAlias, ...] = ()
    overhead: dict[str, Quantity] = {}
    resources: Resources | None = None
    resource_claims: tuple[PodResourceClaim, ...] = ()

    def requests(self) -> dict[str, Decimal]:
        """What the scheduler counts, per resource name (cores, bytes, pieces).

        The larger of (containers + sidecars) and of each init container with the sidecars started before it; pod-level
        requests replace that; overhead is added.
        Source: https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers
        """
        running: dict[str, Decimal] = {}
        for container in self.containers:
            _add(running, container.requests)
        peak: dict[str, Decimal] = {}
        sidecars: dict[str, Decimal] = {}
        for container in self.init_containers:
            if container.is_sidecar:
                _add(sidecars, container.requests)
                alone = dict(sidecars)
            else:
                alone = dict(sidecars)
                _add(alone, container.requests)
            for resource, needed in alone.items():
                peak[resource] = max(peak.get(resource, Decimal(0)), needed)
        for resource, sidecar in sidecars.items():
            running[resource] = running.get(resource, Decimal(0)) + sidecar
        total = {
            resource: max(running.get(resource, Decimal(0)), peak.get(resource, Decimal(0))) for resource in running.keys() | peak.keys()
        }
        if self.resources is not None:
            for resource, value in self.resources.requests.items():
                total[resource] = quantity_or_zero(value)
        _add(total, self.overhead)
        return total

    def references(self) -> Iterator[Reference]:
        """Every ConfigMap and Secret this pod names: env, envFrom, volumes, projected volumes, imagePullSecrets."""
        for field, containers in (("initContainers", self.init_containers), ("containers", self.containers)):
            for container in containers:
                where = f"{field}[{container.name}]"
                for variable in container.env:
                    source = variable.value_from
                    if source is None:
                        continue
                    via = f"{where}.env[{variable.name}]"
                    if (key := source.config_map_key_ref) is not None:
                        yield Reference("ConfigMap", key.name, key.key, key.optional, via)
                    if (key := source.secret_key_ref) is not None:
                        yield Reference("Secret", key.name, key.key, key.optional, via)
                for origin in container.env_from:
                    via = f"{where}.envFrom"
                    if origin.config_map_ref is not None:
                        yield Reference("ConfigMap", origin.config_map_ref.name, "", origin.config_map_ref.optional, via)
                    if origin.secret_ref is not None:
                        yield Reference("Secret", origin.secret_ref.name, "", origin.secret_ref.optional, via)
        for volume in self.volumes:
            via = f"volumes[{volume.name}]"
            yield from _volume_references(volume.config_map, volume.secret, via)
            if volume.projected is not None:
                for part in volume.projected.sources:
                    yield from _volume_references(part.config_map, part.secret, via)
        for secret in self.image_pull_secrets:
            # A missing pull secret is skipped by the kubelet: the pull is tried without it.
            yield Reference("Secret", secret.name, "", True, "imagePullSecrets")

    def claim_names(self, pod_name: str) -> Iterator[str]:
        """The PersistentVolumeClaims of a pod of this spec, those of ephemeral volumes included."""
        for volume in self.volumes:
            if volume.persistent_volume_claim is not None:
                yield volume.persistent_volume_claim.claim_name
            elif volume.ephemeral is not None:
                yield f"{pod_name}-{volume.name}"


class TemplateMetadata(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}

    def __post_init__(self) -> None:
        mask_annotations(self.annotations)


class PodTemplate(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    metadata: TemplateMetadata = TemplateMetadata()
    spec: PodSpec = PodSpec()


def _volume_references(config_map: ConfigMapVolume | None, secret: SecretVolume | None, via: str) -> Iterator[Reference]:
    for kind, source, name in (
        ("ConfigMap", config_map, config_map.name if config_map else ""),
        ("Secret", secret, (secret.secret_name or secret.name) if secret else ""),
    ):
        if source is None:
            continue
        if source.items:
            for item in source.items:
                yield Reference(kind, name, item.key, source.optional, via)
        else:
            yield Reference(kind, name, "", source.optional, via)


def _add(total: dict[str, Decimal], more: Mapping[str, Quantity]) -> None:
    for resource, value in more.items():
        total[resource] = total.get(resource, Decimal(0)) + quantity_or_zero(value)
