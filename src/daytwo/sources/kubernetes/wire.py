"""Kinds whose objects on the wire hold more than the model may keep: values of Secrets and ConfigMaps, schemas, certificate bundles."""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable
from datetime import UTC, datetime
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
from daytwo.model.gitops import Application, ApplicationCondition, Health, ManagedResource, Operation, Sync
from daytwo.model.masked import MASK
from daytwo.model.masking import mask_value
from daytwo.model.metadata import Condition, Metadata, Resource
from daytwo.model.moment import Moment
from daytwo.model.selector import Selector
from daytwo.model.vulnerability import Artifact, Vulnerability, VulnerabilityReport

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
        return ConfigMap(
            metadata=self.metadata,
            sizes_bytes=sizes,
            immutable=self.immutable,
            credential_keys=tuple(key for key, value in self.data.items() if _holds_credential(key, value)),
        )


class _Secret(_Wire, rename="camel", gc=False):
    type: str = "Opaque"
    data: dict[str, str] = {}
    immutable: bool = False
    # Not of the API: SOPS leaves it in the files that it encrypts.
    sops: msgspec.Raw = msgspec.Raw()

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
            blank_keys=tuple(key for key, value in self.data.items() if _is_blank(value)),
            is_encrypted=bool(bytes(self.sops)),
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


class _Application(_Wire, rename="camel", gc=False):
    class Spec(msgspec.Struct, rename="camel", gc=False):
        class Policy(msgspec.Struct, rename="camel", gc=False):
            class Automated(msgspec.Struct, gc=False):
                # An absent one is true since there is such a field.
                enabled: bool = True

            automated: Automated | None = None

        sync_policy: Policy | None = None

    class Status(msgspec.Struct, rename="camel", gc=False):
        class Managed(msgspec.Struct, gc=False):
            kind: str = ""
            namespace: str = ""
            name: str = ""
            status: str = ""
            health: Health = Health()

            @property
            def is_amiss(self) -> bool:
                return self.status == "OutOfSync" or self.health.status in ("Degraded", "Missing")

            def to_model(self) -> ManagedResource:
                return ManagedResource(self.kind, self.namespace, self.name, self.status, self.health.status)

        sync: Sync = Sync()
        health: Health = Health()
        operation_state: Operation | None = None
        conditions: tuple[ApplicationCondition, ...] = ()
        resources: tuple[Managed, ...] = ()

    spec: Spec = msgspec.field(default_factory=Spec)
    status: Status = msgspec.field(default_factory=Status)

    def to_model(self) -> Application:
        policy, status = self.spec.sync_policy, self.status
        return Application(
            metadata=self.metadata,
            is_automated=policy is not None and policy.automated is not None and policy.automated.enabled,
            sync=status.sync,
            health=status.health,
            operation=status.operation_state,
            conditions=status.conditions,
            amiss=tuple(one.to_model() for one in [one for one in status.resources if one.is_amiss][:_MOST_AMISS]),
        )


class _VulnerabilityReport(_Wire, rename="camel", gc=False):
    class Report(msgspec.Struct, rename="camel", gc=False):
        class Summary(msgspec.Struct, rename="camel", gc=False):
            critical_count: int = 0
            high_count: int = 0

        class Found(msgspec.Struct, rename="camel", gc=False):
            vulnerability_id: str = msgspec.field(default="", name="vulnerabilityID")
            severity: str = ""
            resource: str = ""
            installed_version: str = ""
            fixed_version: str = ""
            published_date: str = ""

            def to_model(self) -> Vulnerability:
                return Vulnerability(
                    id=self.vulnerability_id,
                    severity=self.severity,
                    resource=self.resource,
                    installed_version=self.installed_version,
                    fixed_version=self.fixed_version,
                    published=_moment(self.published_date),
                )

        update_timestamp: Moment | None = None
        artifact: Artifact = Artifact()
        summary: Summary = msgspec.field(default_factory=Summary)
        vulnerabilities: tuple[Found, ...] = ()

    report: Report = msgspec.field(default_factory=Report)

    def to_model(self) -> VulnerabilityReport:
        report = self.report
        grave = [one for one in report.vulnerabilities if one.severity == "CRITICAL" or (one.severity == "HIGH" and one.fixed_version)]
        # Oldest first; where nothing says when, last.
        grave.sort(key=lambda one: (one.severity != "CRITICAL", one.published_date or "~"))
        return VulnerabilityReport(
            metadata=self.metadata,
            updated=report.update_timestamp,
            artifact=report.artifact,
            critical=report.summary.critical_count,
            high=report.summary.high_count,
            vulnerabilities=tuple(one.to_model() for one in grave[: VulnerabilityReport.MOST]),
        )


SHAPES: Final[dict[str, tuple[Any, ToModel]]] = {
    "ConfigMap": (_ConfigMap, _ConfigMap.to_model),
    "Secret": (_Secret, _Secret.to_model),
    "ValidatingWebhookConfiguration": (_WebhookConfiguration, lambda found: found.to_model(ValidatingWebhookConfiguration)),
    "MutatingWebhookConfiguration": (_WebhookConfiguration, lambda found: found.to_model(MutatingWebhookConfiguration)),
    "APIService": (_APIService, _APIService.to_model),
    "CustomResourceDefinition": (_CustomResourceDefinition, _CustomResourceDefinition.to_model),
    "Application": (_Application, _Application.to_model),
    "VulnerabilityReport": (_VulnerabilityReport, _VulnerabilityReport.to_model),
    "CertificateSigningRequest": (_CertificateSigningRequest, _CertificateSigningRequest.to_model),
}


# As many as a person reads.
_MOST_AMISS: Final = 20


def _moment(text: str) -> Moment | None:
    """A date as vulnerability databases write it; None for what is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


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


# Of the value of one key; configuration that is longer is rarely written by hand.
_LONGEST_LOOKED_AT: Final = 16_384
_PIECE: Final = 4_096
_LONGEST_PLACEHOLDER: Final = 128
_PLACEHOLDER: Final = re.compile(
    r"\s*(?:<[^<>]*>|\$\{[^{}]*\}|\$\([^()]*\)|\{\{.*\}\}|\*+|x{3,}|todo|tbd|redacted"
    r"|(?:please[-_ ]?)?(?:change|replace|set|fill)[-_ ]?(?:me|this|it|in)"
    r"|placeholder|dummy|example|your[-_ ][\w -]*)?\s*\Z",
    re.IGNORECASE | re.DOTALL,
)


def _holds_credential(key: str, value: str) -> bool:
    """Whether a value of a ConfigMap gives a credential away, looked for in its first 16 KiB."""
    start = 0
    while start < min(len(value), _LONGEST_LOOKED_AT):
        end = start + _PIECE
        if end < len(value):
            # Pieces end with a line, or what is cut in two is not known again.
            end = max(value.rfind("\n", start, end), value.rfind(" ", start, end)) + 1 or end
            end = end if end > start else start + _PIECE
        piece = value[start:end]
        masked = mask_value(key, piece)
        if MASK in masked:
            from daytwo.model.credentials import is_marked
            from daytwo.model.giveaway import gave_away

            if gave_away(key, masked, is_bare_sure=is_marked(piece)):
                return True
        start = end
    return False


def _is_blank(encoded: str) -> bool:
    """Whether base64 stands for nothing, or for words that say that something else is to stand there."""
    if len(encoded) > _LONGEST_PLACEHOLDER:
        return False
    try:
        return bool(_PLACEHOLDER.match(b64decode(encoded, validate=True).decode()))
    except ValueError:
        # Not base64 at all: a template that nobody rendered.
        return bool(_PLACEHOLDER.match(encoded))


def _decoded_size(encoded: str) -> int:
    """The number of bytes that base64 text stands for."""
    return max(len(encoded) * 3 // 4 - encoded[-2:].count("="), 0)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
