"""Configuration by name only: values of ConfigMaps and Secrets never enter the model."""

from typing import ClassVar

from daytwo.model.certificate import Certificate
from daytwo.model.metadata import Resource
from daytwo.model.pod_spec import NameRef


class ConfigMap(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    """Key names with the size of their values in bytes; `credential_keys` are those whose value gives a credential away."""

    KIND: ClassVar[str] = "ConfigMap"

    sizes_bytes: dict[str, int] = {}
    immutable: bool = False
    credential_keys: tuple[str, ...] = ()


class Secret(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    """Key names with the size of their values in bytes, and the public part of the certificates in `tls.crt`.

    `certificate_error` says why `tls.crt` could not be read. `blank_keys` hold nothing, or a placeholder that something else fills in;
    `is_encrypted`: the values stand here as SOPS wrote them.
    """

    KIND: ClassVar[str] = "Secret"

    type: str = "Opaque"
    sizes_bytes: dict[str, int] = {}
    immutable: bool = False
    certificates: tuple[Certificate, ...] = ()
    certificate_error: str = ""
    blank_keys: tuple[str, ...] = ()
    is_encrypted: bool = False


class ServiceAccount(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    """`automount_service_account_token` is what pods get that say nothing themselves; None is true."""

    KIND: ClassVar[str] = "ServiceAccount"

    automount_service_account_token: bool | None = None
    image_pull_secrets: tuple[NameRef, ...] = ()
