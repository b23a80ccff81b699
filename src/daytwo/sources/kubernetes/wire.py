"""Kinds whose objects on the wire hold more than the model may keep: values of Secrets and ConfigMaps, schemas, certificate bundles."""

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from daytwo.model.certificate import Certificate
from daytwo.model.config import ConfigMap, Secret
from daytwo.model.control_plane import (
    APIService,
    APIServiceSpec,
    APIServiceStatus,
    CertificateSigningRequest,
    ClientConfig,
    CSRSpec,
    CSRStatus,
    CustomResourceDefinition,
    MatchCondition,
    MutatingWebhookConfiguration,
    ServiceReference,
    ValidatingWebhookConfiguration,
    Webhook,
    WebhookConfiguration,
    WebhookRule,
)
from daytwo.model.metadata import Condition, Metadata, Resource
from daytwo.model.selector import Selector

ToModel = Callable[[Any], Resource]


class _Wire(msgspec.Struct, rename="camel", gc=False):
    metadata: Metadata = Metadata()


class _ConfigMap(_Wire, rename="camel", gc=False):
    data: dict[str, str] = {}
    binary_data: dict[str, str] = {}
    immutable: bool = False

    def to_model(self) -> ConfigMap:
        sizes = {key: len(value.encode()) for key, value in self.data.items()}
        sizes.update({key: _decoded_size(value) for key, value in self.binary_data.items()})
        return ConfigMap(metadata=self.metadata, sizes_bytes=sizes, immutable=self.immutable)


class _Secret(_Wire, rename="camel", gc=False):
    type: str = "Opaque"
    data: dict[str, str] = {}
    immutable: bool = False

    def to_model(self) -> Secret:
        certificates: tuple[Certificate, ...] = ()
        error = ""
        if self.type == "kubernetes.io/tls":
            certificates, error = _certificates(self.data.get("tls.crt", ""))
        return Secret(
            metadata=self.metadata,
            type=self.type,
            sizes_bytes={key: _decoded_size(value) for key, value in self.data.items()},
            immutable=self.immutable,
            certificates=certificates,
            certificate_error=error,
        )


class _ClientConfig(msgspec.Struct, rename="camel", gc=False):
    service: ServiceReference | None = None
    url: str = ""
    ca_bundle: str = ""

    def to_model(self) -> ClientConfig:
        return ClientConfig(service=self.service, url_host=_host(self.url), certificates=_certificates(self.ca_bundle)[0])


class _Webhook(msgspec.Struct, rename="camel", gc=False):
    name: str = ""
    client_config: _ClientConfig = msgspec.field(default_factory=_ClientConfig)
    failure_policy: str = "Fail"
    timeout_seconds: int = 10
    side_effects: str = ""
    match_policy: str = "Equivalent"
    reinvocation_policy: str = "Never"
    rules: tuple[WebhookRule, ...] = ()
    namespace_selector: Selector = Selector()
    object_selector: Selector = Selector()
    match_conditions: tuple[MatchCondition, ...] = ()

    def to_model(self) -> Webhook:
        return Webhook(
            name=self.name,
            client_config=self.client_config.to_model(),
            failure_policy=self.failure_policy,
            timeout_seconds=self.timeout_seconds,
            side_effects=self.side_effects,
            match_policy=self.match_policy,
            reinvocation_policy=self.reinvocation_policy,
            rules=self.rules,
            namespace_selector=self.namespace_selector,
            object_selector=self.object_selector,
            match_conditions=self.match_conditions,
        )


class _WebhookConfiguration(_Wire, rename="camel", gc=False):
    webhooks: tuple[_Webhook, ...] = ()

    def to_model(self, type: type[WebhookConfiguration]) -> WebhookConfiguration:
        return type(metadata=self.metadata, webhooks=tuple(webhook.to_model() for webhook in self.webhooks))


class _APIService(_Wire, rename="camel", gc=False):
    class Spec(msgspec.Struct, rename="camel", gc=False):
        group: str = ""
        version: str = ""
        service: ServiceReference | None = None
        ca_bundle: str = ""

    spec: Spec = msgspec.field(default_factory=Spec)
    status: APIServiceStatus = APIServiceStatus()

    def to_model(self) -> APIService:
        spec = APIServiceSpec(
            group=self.spec.group,
            version=self.spec.version,
            service=self.spec.service,
            certificates=_certificates(self.spec.ca_bundle)[0],
        )
        return APIService(metadata=self.metadata, spec=spec, status=self.status)


class _CustomResourceDefinition(_Wire, rename="camel", gc=False):
    class Version(msgspec.Struct, rename="camel", gc=False):
        name: str = ""
        served: bool = True
        storage: bool = False
        schema: msgspec.Raw = msgspec.Raw()

    class Names(msgspec.Struct, rename="camel", gc=False):
        kind: str = ""
        plural: str = ""

    class Conversion(msgspec.Struct, rename="camel", gc=False):
        class Webhook(msgspec.Struct, rename="camel", gc=False):
            client_config: _ClientConfig | None = None

        webhook: Webhook | None = None

    class Spec(msgspec.Struct, rename="camel", gc=False):
        group: str = ""
        names: "_CustomResourceDefinition.Names" = msgspec.field(default_factory=lambda: _CustomResourceDefinition.Names())
        scope: str = ""
        versions: tuple["_CustomResourceDefinition.Version", ...] = ()
        conversion: "_CustomResourceDefinition.Conversion | None" = None

    class Status(msgspec.Struct, rename="camel", gc=False):
        conditions: tuple[Condition, ...] = ()

    spec: Spec = msgspec.field(default_factory=Spec)
    status: Status = msgspec.field(default_factory=Status)

    def to_model(self) -> CustomResourceDefinition:
        served = [version for version in self.spec.versions if version.served]
        webhook = self.spec.conversion.webhook if self.spec.conversion else None
        return CustomResourceDefinition(
            metadata=self.metadata,
            group=self.spec.group,
            kind=self.spec.names.kind,
            plural=self.spec.names.plural,
            scope=self.spec.scope,
            versions=tuple(version.name for version in served),
            storage_version=next((version.name for version in self.spec.versions if version.storage), ""),
            pod_template_versions=tuple(version.name for version in served if _has_pod_template(version.schema)),
            conversion=webhook.client_config.to_model() if webhook and webhook.client_config else None,
            conditions=self.status.conditions,
        )


class _CertificateSigningRequest(_Wire, rename="camel", gc=False):
    class Status(msgspec.Struct, rename="camel", gc=False):
        conditions: tuple[Condition, ...] = ()
        certificate: str = ""

    spec: CSRSpec = CSRSpec()
    status: Status = msgspec.field(default_factory=Status)

    def to_model(self) -> CertificateSigningRequest:
        status = CSRStatus(conditions=self.status.conditions, has_certificate=bool(self.status.certificate))
        return CertificateSigningRequest(metadata=self.metadata, spec=self.spec, status=status)


SHAPES: Final[dict[str, tuple[Any, ToModel]]] = {
    "ConfigMap": (_ConfigMap, _ConfigMap.to_model),
    "Secret": (_Secret, _Secret.to_model),
    "ValidatingWebhookConfiguration": (_WebhookConfiguration, lambda found: found.to_model(ValidatingWebhookConfiguration)),
    "MutatingWebhookConfiguration": (_WebhookConfiguration, lambda found: found.to_model(MutatingWebhookConfiguration)),
    "APIService": (_APIService, _APIService.to_model),
    "CustomResourceDefinition": (_CustomResourceDefinition, _CustomResourceDefinition.to_model),
    "CertificateSigningRequest": (_CertificateSigningRequest, _CertificateSigningRequest.to_model),
}


class _Schema(msgspec.Struct, gc=False):
    """Just deep enough to see whether `spec.template.spec.containers` exists."""

    properties: dict[str, msgspec.Raw] = {}


def _has_pod_template(schema: msgspec.Raw) -> bool:
    raw = bytes(schema)
    if b'"containers"' not in raw or b'"template"' not in raw:
        return False
    try:
        level = msgspec.json.decode(raw, type=dict[str, msgspec.Raw]).get("openAPIV3Schema")
        for step in ("spec", "template", "spec", "containers"):
            level = msgspec.json.decode(level, type=_Schema).properties.get(step) if level is not None else None
    except msgspec.DecodeError:
        return False
    return level is not None


def _certificates(encoded: str) -> tuple[tuple[Certificate, ...], str]:
    """The public facts of every certificate in a base64 PEM bundle, and why it could not be read."""
    if not encoded:
        return (), "is empty"
    from daytwo.sources.kubernetes import x509

    try:
        return x509.read_bundle(b64decode(encoded, validate=True)), ""
    except Base64Error:
        return (), "is not base64"
    except ValueError as error:
        return (), str(error)


def _decoded_size(encoded: str) -> int:
    """The number of bytes that base64 text stands for."""
    return max(len(encoded) * 3 // 4 - encoded[-2:].count("="), 0)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
