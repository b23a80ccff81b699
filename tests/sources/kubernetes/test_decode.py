"""From JSON to the model: nothing secret gets in, and nothing odd gets out as anything but Malformed."""

import json
from base64 import b64decode, b64encode
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daytwo.model.config import ConfigMap, Secret
from daytwo.model.control_plane import APIService, CustomResourceDefinition, ValidatingWebhookConfiguration
from daytwo.model.kinds import BY_NAME, KINDS
from daytwo.model.pod import Pod
from daytwo.sources.kubernetes.decode import Malformed, decode, decode_custom
from daytwo.sources.kubernetes.x509 import read_bundle
from tests.servers.certificates import Authority

Object = dict[str, Any]

_CERTIFICATE = Authority.create("shop CA").issue("shop.test", ["shop.test"]).certificate

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
# Names that API objects use, so that what is made up reaches deep.
_FIELDS = st.sampled_from(
    ["metadata", "name", "namespace", "labels", "annotations", "ownerReferences", "spec", "status", "data", "type", "template", "items"]
)


def encoded(**fields: Any) -> bytes:
    return json.dumps({"metadata": {"name": "x", "namespace": "shop"}, **fields}).encode()


@given(st.sampled_from([kind.name for kind in KINDS]), st.dictionaries(_FIELDS, _JSON), st.dictionaries(_FIELDS, _JSON))
def test_whatever_comes_is_an_object_or_malformed(kind: str, fields: Object, metadata: Object) -> None:
    """No JSON at all ends in another exception."""
    raw = json.dumps({**fields, "metadata": metadata}).encode()
    with suppress(Malformed):
        assert decode(BY_NAME[kind], raw).name
    with suppress(Malformed):
        assert decode_custom("Robot.toys.test", raw).name


@given(st.sampled_from([kind.name for kind in KINDS]), st.binary(max_size=200))
def test_bytes_that_are_no_json_are_malformed(kind: str, raw: bytes) -> None:
    """Nor do any bytes."""
    with suppress(Malformed):
        decode(BY_NAME[kind], raw)


@pytest.mark.parametrize("text", ["[" * 5000 + "]" * 5000, '{"a":' * 5000 + "1" + "}" * 5000])
def test_what_is_nested_too_deeply_is_malformed(text: str) -> None:
    """Depth is an attack, not an object."""
    raw = f'{{"metadata": {{"name": "x", "labels": {text}}}, "spec": {text}}}'.encode()
    with pytest.raises(Malformed):
        decode(BY_NAME["Pod"], raw)


def test_null_stands_for_absent() -> None:
    """Go writes empty containers as null, on every level."""
    pod = decode(BY_NAME["Pod"], encoded(spec={"containers": None, "nodeName": None}, status={"conditions": None}))

    assert isinstance(pod, Pod)
    assert pod.spec.containers == ()
    assert pod.spec.node_name == ""


def test_unknown_values_are_data() -> None:
    """New phases, reasons and fields are kept or passed over."""
    pod = decode(BY_NAME["Pod"], encoded(status={"phase": "Hovering", "altitude": 3}))

    assert isinstance(pod, Pod)
    assert pod.status.phase == "Hovering"


def test_a_malformed_object_is_named() -> None:
    """With the field and what was expected there, and never with a value."""
    with pytest.raises(Malformed) as caught:
        decode(BY_NAME["Secret"], encoded(data={"password": ["hunter2"]}))

    assert str(caught.value) == "Secret shop/x: Expected `str`, got `array` - at `$.data[...]`"
    assert caught.value.namespace == "shop"


def test_a_secret_is_its_keys_and_sizes() -> None:
    """`stringData` never comes back from an API server, and is not kept if it does."""
    raw = encoded(type="Opaque", data={"password": b64encode(b"hunter2!").decode(), "empty": ""}, stringData={"p": "hunter2!"})

    secret = decode(BY_NAME["Secret"], raw)

    assert isinstance(secret, Secret)
    assert secret.sizes_bytes == {"password": 8, "empty": 0}
    assert "hunter2" not in repr(secret)
    assert b64encode(b"hunter2!").decode() not in repr(secret)


def test_a_configmap_is_its_keys_and_sizes() -> None:
    """Text counts in bytes, binary data by what it stands for."""
    found = decode(BY_NAME["ConfigMap"], encoded(data={"text": "größe"}, binaryData={"blob": b64encode(b"12345").decode()}))

    assert isinstance(found, ConfigMap)
    assert found.sizes_bytes == {"text": 7, "blob": 5}


def test_a_tls_secret_shows_its_certificates() -> None:
    """The public part of each, and nothing of the key."""
    authority = Authority.create("shop CA")
    pair = authority.issue("shop.test", ["shop.test", "10.0.0.1"])
    chain = pair.certificate + authority.pair.certificate
    data = {"tls.crt": b64encode(chain).decode(), "tls.key": b64encode(pair.key).decode()}

    secret = decode(BY_NAME["Secret"], encoded(type="kubernetes.io/tls", data=data))

    assert isinstance(secret, Secret)
    assert [(found.subject, found.names) for found in secret.certificates] == [
        ("CN=shop.test", ("shop.test", "10.0.0.1")),
        ("CN=shop CA", ()),
    ]
    assert secret.certificate_error == ""
    assert "PRIVATE" not in repr(secret)


@pytest.mark.parametrize(
    ("certificate", "error"),
    [
        ("", "is empty"),
        ("%%%", "is not base64"),
        (b64encode(b"hello").decode(), "holds no PEM certificate"),
        (b64encode(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----").decode(), "holds a certificate that cannot be read"),
    ],
)
def test_a_tls_secret_that_cannot_be_read_says_why(certificate: str, error: str) -> None:
    """It is a finding of its own, not a malformed object."""
    secret = decode(BY_NAME["Secret"], encoded(type="kubernetes.io/tls", data={"tls.crt": certificate}))

    assert isinstance(secret, Secret)
    assert secret.certificate_error == error


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=6), st.integers(0, 500))
def test_a_damaged_certificate_is_read_or_unreadable(changes: list[tuple[int, int]], length: int) -> None:
    """Whatever bytes stand in one, the bundle is read or refused."""
    der = bytearray(b64decode(b"".join(_CERTIFICATE.splitlines()[1:-1])))
    for position, value in changes:
        der[position % len(der)] = value
    damaged = b"-----BEGIN CERTIFICATE-----\n" + b64encode(bytes(der[: length or None])) + b"\n-----END CERTIFICATE-----\n"
    with suppress(ValueError):
        (found,) = read_bundle(damaged)
        assert found.not_after.tzinfo is not None


def test_ca_bundles_become_certificates() -> None:
    """Of webhooks and API services; a bundle that cannot be read is none."""
    bundle = b64encode(Authority.create("hooks").pair.certificate).decode()
    hook = {"name": "a.test", "clientConfig": {"url": "https://user:pw@hooks.test:8443/check", "caBundle": bundle}}

    webhooks = decode(BY_NAME["ValidatingWebhookConfiguration"], encoded(webhooks=[hook, {"name": "b.test"}]))
    service = decode(BY_NAME["APIService"], encoded(spec={"group": "g", "version": "v1", "caBundle": "junk"}))

    assert isinstance(webhooks, ValidatingWebhookConfiguration)
    assert [found.subject for found in webhooks.webhooks[0].client_config.certificates] == ["CN=hooks"]
    assert webhooks.webhooks[0].client_config.url_host == "hooks.test"
    assert isinstance(service, APIService)
    assert service.spec.certificates == ()


@pytest.mark.parametrize(
    ("schema", "versions"),
    [
        ({"properties": {"spec": {"properties": {"template": {"properties": {"spec": {"properties": {"containers": {}}}}}}}}}, ("v1",)),
        ({"properties": {"spec": {"properties": {"template": {"x-kubernetes-preserve-unknown-fields": True}}}}}, ()),
        ({"properties": {"spec": {"properties": {"containers": {}, "template": {}}}}}, ()),
        ({"properties": {"spec": {"description": '"containers" "template"'}}}, ()),
        ({"properties": {"spec": {"properties": {"template": 3, "x": "containers"}}}}, ()),
        ({}, ()),
        (None, ()),
    ],
)
def test_a_schema_tells_whether_there_is_a_pod_template(schema: Object | None, versions: tuple[str, ...]) -> None:
    """Just `spec.template.spec.containers`, and the schema itself is not kept."""
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema} if schema is not None else None}
    spec = {"group": "toys.test", "names": {"kind": "Robot", "plural": "robots"}, "scope": "Namespaced", "versions": [version]}

    found = decode(BY_NAME["CustomResourceDefinition"], encoded(spec=spec))

    assert isinstance(found, CustomResourceDefinition)
    assert found.pod_template_versions == versions
    assert found.storage_version == "v1"
