"""How traffic reaches pods: Services, their endpoints, Ingresses and Gateway routes."""

from typing import ClassVar

import msgspec

from daytwo.model.metadata import Condition, Resource, condition
from daytwo.model.selector import Selector

SERVICE_NAME = "kubernetes.io/service-name"


class ServicePort(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    name: str = ""
    port: int = 0
    target_port: int | str | None = None
    protocol: str = "TCP"
    node_port: int = 0

    @property
    def pod_port(self) -> int | str:
        """Where traffic goes at the pod, a number or the name of a container's port: the port itself, unless said otherwise."""
        if isinstance(self.target_port, str) and self.target_port.isascii() and self.target_port.isdecimal():
            return int(self.target_port)
        return self.target_port or self.port


class ServiceSpec(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    type: str = "ClusterIP"
    selector: dict[str, str] = {}
    ports: tuple[ServicePort, ...] = ()
    cluster_ip: str = msgspec.field(default="", name="clusterIP")
    external_name: str = ""
    publish_not_ready_addresses: bool = False
    load_balancer_class: str = ""
    load_balancer_source_ranges: tuple[str, ...] = ()
    external_ips: tuple[str, ...] = msgspec.field(default=(), name="externalIPs")
    external_traffic_policy: str = ""


class LoadBalancerIngress(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    ip: str = ""
    hostname: str = ""


class LoadBalancerStatus(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    ingress: tuple[LoadBalancerIngress, ...] = ()


class ServiceStatus(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    load_balancer: LoadBalancerStatus = LoadBalancerStatus()


class Service(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "Service"

    spec: ServiceSpec = ServiceSpec()
    status: ServiceStatus = ServiceStatus()

    @property
    def selector(self) -> Selector | None:
        """None for a Service without selector: its endpoints are made by hand, it selects nothing (unlike an empty LabelSelector)."""
        return Selector(match_labels=self.spec.selector) if self.spec.selector else None


class EndpointConditions(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    ready: bool | None = None
    serving: bool | None = None
    terminating: bool | None = None


class Endpoint(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    addresses: tuple[str, ...] = ()
    conditions: EndpointConditions = EndpointConditions()
    target_ref: "EndpointTarget | None" = None
    node_name: str = ""
    zone: str = ""

    @property
    def is_ready(self) -> bool:
        """`ready` absent means true."""
        return self.conditions.ready is not False

    @property
    def is_serving(self) -> bool:
        """For Services that publish not-ready addresses `ready` is always true; `serving` tells."""
        return self.conditions.serving if self.conditions.serving is not None else self.is_ready


class EndpointTarget(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    kind: str = ""
    namespace: str = ""
    name: str = ""
    uid: str = ""


class EndpointPort(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    name: str = ""
    port: int | None = None
    protocol: str = "TCP"


class EndpointSlice(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "EndpointSlice"

    address_type: str = ""
    endpoints: tuple[Endpoint, ...] = ()
    ports: tuple[EndpointPort, ...] = ()

    @property
    def service_name(self) -> str:
        return self.metadata.labels.get(SERVICE_NAME, "")


class BackendPort(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    name: str = ""
    number: int = 0


class ServiceBackend(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    name: str = ""
    port: BackendPort = BackendPort()


class TypedReference(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    api_group: str = ""
    kind: str = ""
    name: str = ""


class IngressBackend(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    service: ServiceBackend | None = None
    resource: TypedReference | None = None


class IngressPath(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    path: str = ""
    path_type: str = ""
    backend: IngressBackend = IngressBackend()


class IngressHTTP(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    paths: tuple[IngressPath, ...] = ()


class IngressRule(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    host: str = ""
    http: IngressHTTP | None = None


class IngressTLS(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    hosts: tuple[str, ...] = ()
    secret_name: str = ""


class IngressSpec(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    ingress_class_name: str = ""
    default_backend: IngressBackend | None = None
    rules: tuple[IngressRule, ...] = ()
    tls: tuple[IngressTLS, ...] = ()


class Ingress(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "Ingress"

    spec: IngressSpec = IngressSpec()
    status: ServiceStatus = ServiceStatus()

    def backends(self) -> tuple[tuple[str, IngressBackend], ...]:
        """Every backend with the field that names it."""
        found: list[tuple[str, IngressBackend]] = []
        if self.spec.default_backend is not None:
            found.append(("spec.defaultBackend", self.spec.default_backend))
        for rule_index, rule in enumerate(self.spec.rules):
            for path_index, path in enumerate(rule.http.paths if rule.http else ()):
                found.append((f"spec.rules[{rule_index}].http.paths[{path_index}].backend", path.backend))
        return tuple(found)


class IngressClassSpec(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    controller: str = ""


class IngressClass(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "IngressClass"

    spec: IngressClassSpec = IngressClassSpec()


class IPBlock(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    cidr: str = ""
    except_: tuple[str, ...] = msgspec.field(default=(), name="except")


class PolicyPeer(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """Whom a rule lets through: both selectors together mean these pods of these namespaces; podSelector alone, of the policy's own."""

    pod_selector: Selector | None = None
    namespace_selector: Selector | None = None
    ip_block: IPBlock | None = None


class PolicyPort(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """No port means every port of the protocol."""

    protocol: str = "TCP"
    port: int | str | None = None
    end_port: int | None = None


class PolicyRule(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """No peers mean everybody, no ports mean all of them."""

    from_: tuple[PolicyPeer, ...] = msgspec.field(default=(), name="from")
    to: tuple[PolicyPeer, ...] = ()
    ports: tuple[PolicyPort, ...] = ()


class NetworkPolicySpec(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """The empty podSelector selects every pod of the namespace."""

    pod_selector: Selector = Selector()
    policy_types: tuple[str, ...] = ()
    ingress: tuple[PolicyRule, ...] = ()
    egress: tuple[PolicyRule, ...] = ()


class NetworkPolicy(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "NetworkPolicy"

    spec: NetworkPolicySpec = NetworkPolicySpec()

    @property
    def isolates_ingress(self) -> bool:
        """Whether pods it selects get only the connections that some policy allows: so unless policyTypes names only Egress."""
        return not self.spec.policy_types or "Ingress" in self.spec.policy_types

    @property
    def isolates_egress(self) -> bool:
        """Of a policy without policyTypes the API server takes it from the presence of egress rules."""
        return "Egress" in self.spec.policy_types if self.spec.policy_types else bool(self.spec.egress)


class ParentReference(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    group: str = "gateway.networking.k8s.io"
    kind: str = "Gateway"
    namespace: str = ""
    name: str = ""
    section_name: str = ""
    port: int | None = None


class BackendReference(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    group: str = ""
    kind: str = "Service"
    namespace: str = ""
    name: str = ""
    port: int | None = None
    weight: int | None = None


class RequestRedirect(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    scheme: str = ""


class RouteFilter(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    type: str = ""
    request_redirect: RequestRedirect | None = None


class RouteRule(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    backend_refs: tuple[BackendReference, ...] = ()
    filters: tuple[RouteFilter, ...] = ()


class RouteSpec(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    hostnames: tuple[str, ...] = ()
    parent_refs: tuple[ParentReference, ...] = ()
    rules: tuple[RouteRule, ...] = ()


class RouteParent(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    parent_ref: ParentReference = ParentReference()
    controller_name: str = ""
    conditions: tuple[Condition, ...] = ()


class RouteStatus(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    parents: tuple[RouteParent, ...] = ()


class HTTPRoute(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "HTTPRoute"

    spec: RouteSpec = RouteSpec()
    status: RouteStatus = RouteStatus()


class GRPCRoute(HTTPRoute, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "GRPCRoute"


class CertificateReference(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    group: str = ""
    kind: str = "Secret"
    name: str = ""
    namespace: str = ""


class ListenerTLS(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    mode: str = "Terminate"
    certificate_refs: tuple[CertificateReference, ...] = ()
    options: dict[str, str] = {}


class RouteNamespaces(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    from_: str = msgspec.field(default="Same", name="from")
    selector: Selector | None = None


class RouteKind(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    group: str = "gateway.networking.k8s.io"
    kind: str = ""


class AllowedRoutes(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """Which routes may attach to a listener; no kinds mean those of its protocol."""

    namespaces: RouteNamespaces = RouteNamespaces()
    kinds: tuple[RouteKind, ...] = ()


class Listener(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    name: str = ""
    hostname: str = ""
    port: int = 0
    protocol: str = ""
    tls: ListenerTLS | None = None
    allowed_routes: AllowedRoutes = AllowedRoutes()


class GatewaySpec(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    gateway_class_name: str = ""
    listeners: tuple[Listener, ...] = ()


class GatewayStatus(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    conditions: tuple[Condition, ...] = ()


class Gateway(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "Gateway"

    spec: GatewaySpec = GatewaySpec()
    status: GatewayStatus = GatewayStatus()

    def condition(self, type: str) -> Condition | None:
        return condition(self.status.conditions, type)


class GrantPeer(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    group: str = ""
    kind: str = ""
    namespace: str = ""
    name: str = ""


class GrantSpec(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    from_: tuple[GrantPeer, ...] = msgspec.field(default=(), name="from")
    to: tuple[GrantPeer, ...] = ()


class ReferenceGrant(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "ReferenceGrant"

    spec: GrantSpec = GrantSpec()
