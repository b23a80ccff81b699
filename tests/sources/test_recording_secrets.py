"""Nothing secret enters a recording: secrets are planted wherever an API server keeps text, and sought in the recording's bytes."""

import base64
import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from daytwo.model.cluster import Cluster, HealthLine
from daytwo.model.gap import Gap, Want
from daytwo.model.occurrence import Occurrence
from daytwo.model.ref import Ref
from daytwo.sources.recording import read_recording, write_recording
from tests.specimen import snapshot_of

AT = datetime(2026, 11, 20, 8, tzinfo=UTC)


class Planted:
    """Makes secrets that are easy to find again: each holds its number, and characters that JSON and URLs escape."""

    def __init__(self) -> None:
        self.secrets: list[str] = []

    def __call__(self) -> str:
        self.secrets.append(f'Plnt{len(self.secrets):03d}x"/é Wz{len(self.secrets):03d}q')
        return self.secrets[-1]

    def word(self) -> str:
        """A secret without spaces and quotes, as a command line or a URL can hold it."""
        self.secrets.append(f"Plnt{len(self.secrets):03d}xWz{len(self.secrets):03d}q+/=")
        return self.secrets[-1]

    def encoded(self) -> str:
        return base64.b64encode(self().encode()).decode()


def pod(planted: Planted) -> dict[str, Any]:
    word = planted.word
    manifest = {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"env": [{"name": "X", "value": planted()}]}]}}
    names = (
        *("PASSWORD", "DB_PASS", "PGPASSWORD", "MYSQL_PWD", "API_KEY", "apiKey", "CLIENT_SECRET", "SECRET_KEY_BASE", "GITHUB_TOKEN"),
        *(
            "AWS_SECRET_ACCESS_KEY",
            "AUTHORIZATION",
            "SENTRY_DSN",
            "CONNECTION_STRING",
            "DOCKER_AUTH_CONFIG",
            "SLACK_WEBHOOK_URL",
            "MASTER_KEY",
        ),
    )
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": "web-1",
            "namespace": "shop",
            "annotations": {
                "kubectl.kubernetes.io/last-applied-configuration": json.dumps(manifest),
                "kapp.k14s.io/original": json.dumps(manifest),
                "example.com/nested": json.dumps(json.dumps({"password": word()})),
                "example.com/password": planted(),
                "example.com/long": planted() * 100,
                "kubernetes.io/change-cause": f"kubectl set env deployment/web DB_PASSWORD={word()}",
            },
            "managedFields": [{"manager": "kubectl", "operation": "Update", "fieldsV1": {"f:data": {f"f:{word()}": {}}}}],
        },
        "spec": {
            "containers": [
                {
                    "name": "app",
                    "image": f"https://bob:{word()}@registry.example.com/app:1",
                    "command": ["sh", "-c", f"exec app --password={word()} --token {word()}"],
                    "args": ["--api-key", planted(), f"--db=postgres://app:{word()}@db/shop", "mysql", f"-p{word()}"],
                    "env": [
                        *({"name": name, "value": planted()} for name in names),
                        {"name": "DATABASE_URL", "value": f"postgres://app:{word()}@db:5432/shop"},
                        {"name": "CONFIG", "value": json.dumps({"db": {"password": planted()}})},
                        {"name": "PROPERTIES", "value": f"spring.datasource.password={word()}"},
                        {"name": "BLOB", "value": planted.encoded()},
                        {"name": "PEM", "value": f"-----BEGIN PRIVATE KEY-----\n{word()}\n-----END PRIVATE KEY-----\n"},
                    ],
                    "livenessProbe": {"exec": {"command": ["redis-cli", "-a", word(), "ping"]}},
                    "readinessProbe": {
                        "httpGet": {
                            "path": f"/health?token={word()}",
                            "port": 80,
                            "httpHeaders": [{"name": "Authorization", "value": f"Bearer {word()}"}],
                        }
                    },
                    "startupProbe": {"exec": {"command": ["curl", "-H", f"Authorization: Basic {word()}", "http://x"]}},
                    "lifecycle": {"preStop": {"exec": {"command": ["app", "stop", planted()]}}},
                }
            ],
        },
        "status": {
            "message": f"cannot start: password={word()}",
            "conditions": [{"type": "Ready", "status": "False", "message": f"token={word()} refused"}],
            "containerStatuses": [
                {
                    "name": "app",
                    "image": f"bob:{word()}@registry.example.com/app:1",
                    "state": {"waiting": {"reason": "X", "message": f"Authorization: Bearer {word()}"}},
                    "lastState": {
                        "terminated": {"exitCode": 1, "message": f"connecting with postgres://app:{word()}@db/shop\npassword: {word()}"}
                    },
                }
            ],
        },
    }


def others(planted: Planted) -> list[dict[str, Any]]:
    word = planted.word
    template = pod(planted)
    bundle = base64.b64encode(f"-----BEGIN PRIVATE KEY-----\n{word()}\n-----END PRIVATE KEY-----\n".encode()).decode()
    return [
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "db", "namespace": "shop"},
            "data": {"password": planted.encoded(), "plain": planted.encoded()},
            "stringData": {"password": planted()},
        },
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "type": "kubernetes.io/tls",
            "metadata": {"name": "tls", "namespace": "shop"},
            "data": {"tls.crt": planted.encoded(), "tls.key": bundle},
        },
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "web", "namespace": "shop"},
            "data": {"app.yaml": planted()},
            "binaryData": {"blob": planted.encoded()},
        },
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "web", "namespace": "shop"},
            "spec": {"template": {"metadata": template["metadata"], "spec": template["spec"]}},
            "status": {"conditions": [{"type": "Progressing", "status": "False", "message": f"secret={word()}"}]},
        },
        {
            "apiVersion": "apps/v1",
            "kind": "ControllerRevision",
            "metadata": {"name": "db-1", "namespace": "shop"},
            "revision": 1,
            "data": {"spec": {"template": {"spec": template["spec"]}}, "other": planted()},
        },
        {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": "web-1.1", "namespace": "shop"},
            "involvedObject": {"kind": "Pod", "namespace": "shop", "name": "web-1"},
            "reason": "Failed",
            "message": f'(combined from similar events): pull "https://bob:{word()}@registry.example.com/app": token: {word()}',
        },
        {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "ValidatingWebhookConfiguration",
            "metadata": {"name": "hook"},
            "webhooks": [
                {
                    "name": "a",
                    "clientConfig": {
                        "url": f"https://bob:{quote(word(), safe='')}@hook.example.com/{word()}?token={word()}",
                        "caBundle": bundle,
                    },
                }
            ],
        },
        {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": "things.example.com"},
            "spec": {
                "group": "example.com",
                "names": {"kind": "Thing", "plural": "things"},
                "versions": [
                    {
                        "name": "v1",
                        "schema": {"openAPIV3Schema": {"type": "object", "description": planted(), "default": {"password": planted()}}},
                    }
                ],
                "conversion": {"webhook": {"clientConfig": {"url": f"https://conv.example.com/{word()}", "caBundle": bundle}}},
            },
        },
        {
            "apiVersion": "certificates.k8s.io/v1",
            "kind": "CertificateSigningRequest",
            "metadata": {"name": "csr"},
            "spec": {"request": planted.encoded(), "signerName": "x"},
            "status": {"certificate": planted.encoded()},
        },
        {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "VolumeAttachment",
            "metadata": {"name": "va"},
            "status": {"attached": False, "attachError": {"message": f"login with password={word()} failed"}},
        },
        {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": "pv"},
            "spec": {"csi": {"driver": "x", "volumeAttributes": {"password": planted()}}},
            "status": {"phase": "Failed", "message": f"accountKey={word()}"},
        },
        {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "metadata": {"name": "fast"},
            "parameters": {"restuserkey": planted()},
        },
        {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Rollout",
            "metadata": {"name": "web", "namespace": "shop"},
            "status": {"phase": "Degraded", "message": f"analysis failed: apiKey={word()}"},
        },
    ]


def forms(secret: str) -> set[bytes]:
    """A secret as it may stand in a file: plain, and as JSON, URLs and base64 write it, at each of the three alignments of base64."""
    plain = secret.encode()
    found = {plain, json.dumps(secret)[1:-1].encode(), json.dumps(secret, ensure_ascii=False)[1:-1].encode()}
    found |= {json.dumps(json.dumps(secret)[1:-1])[1:-1].encode(), quote(secret).encode(), quote(secret, safe="").encode()}
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + plain)
        found.add(encoded[4 if shift else 0 : len(encoded) - 4])
    # Half of a secret is a leak too: planted ones begin and end with a mark of their own.
    found |= {secret[:8].encode(), secret[-6:].encode() if secret.endswith("q") else secret[8:14].encode()}
    return found


def test_planted_secrets_are_not_in_the_recording(tmp_path: Path) -> None:
    planted = Planted()
    snapshot = snapshot_of({"at": AT, "items": [pod(planted), *others(planted)]})
    snapshot = replace(
        snapshot,
        cluster=Cluster("shop", readyz=(HealthLine("etcd", ok=False, reason=f"https://etcd:{planted.word()}@10.0.0.1 failed"),)),
        occurrences=tuple(
            Occurrence(AT, "log", Ref("Pod", "shop", "web-1"), line, "logs", "app")
            for line in (
                f"login with password='{planted.word()}' failed",
                json.dumps({"level": "info", "headers": {"cookie": f"session={planted.word()}"}}),
                f"GET /callback?code={planted.word()} 200",
                f"export TOKEN={planted.word()}",
                f"jwt: eyJhbGciOiJSUzI1NiJ9.{base64.urlsafe_b64encode(planted().encode()).decode()}.c2ln",
            )
        ),
        gaps=(Gap("kubernetes", "pods", f"exec plugin: Authorization: Bearer {planted.word()}"),),
        answered=frozenset([Want("logs", "shop/web-1/app")]),
    )
    assert len(planted.secrets) > 90
    path = tmp_path / "shop.recording"
    write_recording(snapshot, path)
    text = gzip.decompress(path.read_bytes())
    leaks = {secret: form for secret in planted.secrets for form in forms(secret) if form in text}
    assert not leaks, [text[max(text.index(form) - 60, 0) :][:150] for form in leaks.values()]
    # What is not secret is there: key names, sizes, and around what was masked.
    for kept in (
        b'"password":',
        b'"app.yaml":',
        b"registry.example.com/app:1",
        b"@db:5432/shop",
        b"--api-key",
        b"DB_PASS",
        b"hook.example.com",
    ):
        assert kept in text
    again = tmp_path / "again.recording"
    write_recording(read_recording(path), again)
    assert again.read_bytes() == path.read_bytes()


@pytest.mark.parametrize("secret", ['pläin & "quoted" / secret'])
def test_the_search_finds_what_is_there(secret: str) -> None:
    """The seeker is no good if it finds nothing: each form of a secret is found in what holds that form."""
    for text in (
        secret,
        json.dumps({"a": secret}),
        json.dumps(json.dumps({"a": secret})),
        quote(secret),
        *(base64.b64encode(b"x" * length + secret.encode() + b"y").decode() for length in range(4)),
    ):
        assert any(form in text.encode() for form in forms(secret)), text
