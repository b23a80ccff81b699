"""The cluster's own machinery: namespaces, webhooks, aggregated APIs, custom kinds, signing requests, cert-manager's certificates."""

from typing import ClassVar

import msgspec

from daytwo.model.certificate import Certificate
from daytwo.model.metadata import Condition, Resource, condition
from daytwo.model.moment import Moment, bound_times
from daytwo.model.selector import Selector


class NamespaceStatus(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    phase: str = ""
    conditions: tuple[Condition, ...] = ()


class Namespace(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "Namespace"

    status: NamespaceStatus = NamespaceStatus()

    def condition(self, type: str) -> Condition | None:
        return condition(self.status.conditions, type)


class ServiceReference(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    namespace: str = ""
    name: str = ""
    port: int = 443
    path: str = ""


class ClientConfig(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """Whom the API server calls. `url_host` is the host of `url`; the certificates are those of caBundle."""

    service: ServiceReference | None = None
    url_host: str = ""
    certificates: tuple[Certificate, ...] = ()


class WebhookRule(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    api_groups: tuple[str, ...] = ()
    api_versions: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    scope: str = "*"


class MatchCondition(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    name: str = ""


class Webhook(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    name: str = ""
    client_config: ClientConfig = ClientConfig()
    failure_policy: str = "Fail"
    timeout_seconds: int = 10
    side_effects: str = ""
    match_policy: str = "Equivalent"
    reinvocation_policy: str = "Never"
    rules: tuple[WebhookRule, ...] = ()
    namespace_selector: Selector = Selector()
    object_selector: Selector = Selector()
    match_conditions: tuple[MatchCondition, ...] = ()


class WebhookConfiguration(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    """Both kinds of admission webhook configuration."""

    webhooks: tuple[Webhook, ...] = ()


class ValidatingWebhookConfiguration(WebhookConfiguration, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "ValidatingWebhookConfiguration"


class MutatingWebhookConfiguration(WebhookConfiguration, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "MutatingWebhookConfiguration"


class APIServiceSpec(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """`service` is None for groups that the API server serves itself."""

    group: str = ""
    version: str = ""
    service: ServiceReference | None = None
    certificates: tuple[Certificate, ...] = ()


class APIServiceStatus(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    conditions: tuple[Condition, ...] = ()


class APIService(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "APIService"

    spec: APIServiceSpec = APIServiceSpec()
    status: APIServiceStatus = APIServiceStatus()

    def condition(self, type: str) -> Condition | None:
        return condition(self.status.conditions, type)


class CustomResourceDefinition(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    """A custom kind, without its schema. `pod_template_versions` are the versions whose schema has spec.template.spec.containers."""

    KIND: ClassVar[str] = "CustomResourceDefinition"

    group: str = ""
    kind: str = ""
    plural: str = ""
    scope: str = ""
    versions: tuple[str, ...] = ()
    storage_version: str = ""
    pod_template_versions: tuple[str, ...] = ()
    conversion: ClientConfig | None = None
    conditions: tuple[Condition, ...] = ()


class CSRSpec(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    signer_name: str = ""
    username: str = ""


class CSRStatus(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """`has_certificate` replaces the certificate itself."""

    conditions: tuple[Condition, ...] = ()
    has_certificate: bool = False


class CertificateSigningRequest(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "CertificateSigningRequest"

    spec: CSRSpec = CSRSpec()
    status: CSRStatus = CSRStatus()

    def condition(self, type: str) -> Condition | None:
        return condition(self.status.conditions, type)


class ManagedCertificateSpec(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    secret_name: str = ""


class ManagedCertificateStatus(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    not_after: Moment | None = None
    renewal_time: Moment | None = None
    conditions: tuple[Condition, ...] = ()

    def __post_init__(self) -> None:
        bound_times(self, "not_after", "renewal_time")


class ManagedCertificate(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    """cert-manager.io Certificate."""

    KIND: ClassVar[str] = "Certificate"

    spec: ManagedCertificateSpec = ManagedCertificateSpec()
    status: ManagedCertificateStatus = ManagedCertificateStatus()

    def condition(self, type: str) -> Condition | None:
        return condition(self.status.conditions, type)
