"""Whatever bytes a manifest is made of: it is read and every field is found, or it is refused with its place. There is no third way."""

import asyncio
import json
import random
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest
import yaml
from bench.make_manifests import make_manifests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daytwo.app import Outside
from daytwo.cli.main import run
from daytwo.model.errors import UsageError
from daytwo.model.files import Files
from daytwo.model.json import Json
from daytwo.model.scope import Scope
from daytwo.sources.manifests.source import Manifests
from daytwo.sources.manifests.values import values_of

FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
MANY = settings(FEW, max_examples=20_000)
FEW_CHECKS = settings(FEW, max_examples=4)
MANY_CHECKS = settings(FEW, max_examples=1_000)
SEEDS = st.integers(0, 2**32)
NOW: Final = datetime(2026, 11, 21, 8, tzinfo=UTC)

LIST: Final = """\
apiVersion: v1
kind: List
items:
- &a
  apiVersion: v1
  kind: Service
  metadata: {name: a, uid: u, creationTimestamp: "2026-11-20T08:00:00Z"}
- {<<: *a, metadata: {name: b}}
- apiVersion: extensions/v1beta1
  kind: Ingress
  metadata: {name: c}
  spec:
    backend: {serviceName: a, servicePort: 80}
    rules: [{host: a, http: {paths: [{backend: {serviceName: a, servicePort: http}}]}}]
- apiVersion: autoscaling/v2beta1
  kind: HorizontalPodAutoscaler
  metadata: {name: d}
  spec:
    maxReplicas: 3
    metrics:
    - {type: Resource, resource: {name: cpu, targetAverageUtilization: 3}}
    - {type: Pods, pods: {metricName: m, targetAverageValue: 3}}
- apiVersion: apiextensions.k8s.io/v1beta1
  kind: CustomResourceDefinition
  metadata: {name: widgets.example.com}
  spec: {group: example.com, version: v1, scope: Namespaced, names: {kind: Widget, plural: widgets}}
- apiVersion: example.com/v1
  kind: Widget
  metadata: {name: e, labels: {a: b}, annotations: {c: d}}
  spec: {template: {spec: {containers: [{name: app, image: nginx}]}}}
- {apiVersion: v1, kind: Secret, metadata: {name: f}, stringData: {a: b}}
- apiVersion: admissionregistration.k8s.io/v1beta1
  kind: ValidatingWebhookConfiguration
  metadata: {name: g}
  webhooks: [{name: a, clientConfig: {service: {name: a, namespace: b}}}]
"""

PIECES: Final = (
    *("---\n", "...\n", "- ", "? ", ": ", "&a ", "*a", "<<: *a\n", "!!int ", "!x ", "|\n", ">-\n", "'", '"', "{", "}", "[", "]", ",", "#"),
    *(
        "%YAML 1.1\n",
        "\t",
        "\r",
        "\ufeff",
        "\x85",
        "\u2028",
        "~",
        "0644",
        "1e999",
        ".nan",
        "yes",
        "{{ .Values.x }}",
        "\\ud83d",
        "\x00",
        "  ",
    ),
    *(
        "9" * 5_000,
        "[" * 300,
        "apiVersion: v1\n",
        "kind: List\n",
        "items:\n",
        "metadata:\n",
        "name: ",
        "generateName: a\n",
        "\n",
        "=",
        "!!binary ",
    ),
)
TEXTS: Final = (
    "",
    "a",
    "x" * 3_000,
    "\u202e",
    "‹masked›",
    "5Gi",
    "-5",
    "50%",
    "200%",
    "1e999",
    "0",
    "http",
    "v1",
    "UDP",
    "ALL",
    "* * * * *",
)
VALUES: Final[list[Json]] = [None, True, 0, -1, 2**31, 2**63 - 1, 2**70, 0.5, [], {}, [None], {"a": None}, [[]], {"": ""}, *TEXTS]


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Manifests of many kinds and versions, in YAML and in JSON."""
    folder = tmp_path_factory.mktemp("fuzz")
    make_manifests(folder, 2)
    files = [file.read_text() for file in sorted(folder.rglob("*.yaml"))]
    (of_list,) = values_of(LIST)
    return [*files, LIST, json.dumps(of_list.value), json.dumps(of_list.value, indent=2)]


def read_or_refuse(path: Path, data: bytes, choose: random.Random) -> None:
    path.write_bytes(data)
    source = Manifests(Files((str(path),)), now=NOW)
    try:
        snapshot = asyncio.run(source.read(Scope(), lambda progress: None))
    except UsageError as error:
        for line in str(error).splitlines():
            assert re.match(rf"{path}(:\d+:\d+)?: |and \d+ more", line), line
        return
    lines = len(re.split("\r\n|[\n\r\x85\u2028\u2029]", source.texts[str(path)]))
    for resource in snapshot.all():
        assert resource.origin is not None
        path_to = choose.choice(("", "metadata.name", "spec.template.spec.containers[app].image", "spec.rules[0]", "a[", "items[+]"))
        place = source.locate(resource.origin, path_to)
        assert 1 <= place.line <= lines


def changed(choose: random.Random, text: str) -> bytes:
    """Some of it replaced, taken away, doubled or put in."""
    data = text.encode()
    for _ in range(choose.randint(1, 5)):
        start = choose.randrange(len(data) + 1)
        end = min(start + choose.choice([0, 0, 1, 2, 8, 300]), len(data))
        new = choose.choice([b"", data[start:end] * 2, choose.randbytes(end - start), choose.choice(PIECES).encode(errors="surrogatepass")])
        data = data[:start] + new + data[end:]
    return data


def pieces(choose: random.Random, text: str) -> bytes:
    """What YAML is made of, in any order, behind a beginning that is right."""
    drawn = "".join(choose.choice(PIECES) for _ in range(choose.randint(1, 20)))
    return ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n" * choose.choice((0, 1)) + drawn).encode(errors="surrogatepass")


def odd(choose: random.Random, text: str) -> bytes:
    """The same objects with odd values in them."""
    chance = choose.choice((0.002, 0.01, 0.05))
    values = [with_odd_values(choose, found.value, chance) for found in values_of(text)]
    if choose.random() < 0.5:
        return yaml.dump_all(values, allow_unicode=choose.random() < 0.5, default_flow_style=choose.choice((True, False, None))).encode()
    return "\n".join(map(json.dumps, values)).encode()


def with_odd_values(choose: random.Random, value: Json, chance: float) -> Json:
    if choose.random() < chance:
        return choose.choice(VALUES)
    if isinstance(value, list):
        return [with_odd_values(choose, one, chance) for one in value]
    if isinstance(value, dict):
        return {key: with_odd_values(choose, one, chance) for key, one in value.items()}
    return value


WAYS: Final[dict[str, Callable[[random.Random, str], bytes]]] = {function.__name__: function for function in (changed, pieces, odd)}


@FEW
@given(data=st.binary(max_size=300))
def test_any_bytes(tmp_path: Path, data: bytes) -> None:
    read_or_refuse(tmp_path / "x.yaml", data, random.Random(0))


@pytest.mark.parametrize("how", WAYS)
@FEW
@given(seed=SEEDS)
def test_damaged_manifests(tmp_path: Path, texts: list[str], how: str, seed: int) -> None:
    choose = random.Random(seed)
    read_or_refuse(tmp_path / "x.yaml", WAYS[how](choose, choose.choice(texts)), choose)


@pytest.mark.deep
@pytest.mark.parametrize("how", WAYS)
@MANY
@given(seed=SEEDS)
def test_many_damaged_manifests(tmp_path: Path, texts: list[str], how: str, seed: int) -> None:
    choose = random.Random(seed)
    read_or_refuse(tmp_path / "x.yaml", WAYS[how](choose, choose.choice(texts)), choose)


def check(path: Path, data: bytes, capsys: pytest.CaptureFixture[str], state: Path) -> None:
    """Exit code 70 is a fault of daytwo's own; and no control character of a file's reaches the terminal."""
    path.write_bytes(data)
    for arguments in (["check"], ["check", "-o", "json"]):
        code = run(Outside(), [*arguments, str(path)])
        shown = capsys.readouterr()
        traceback = "".join(file.read_text() for file in state.rglob("fault-*.txt"))
        assert code in (0, 1, 2, 3), f"{arguments}: exit code {code}\n{shown.err}\n{traceback}"
        assert not {character for character in shown.out + shown.err if character < " " and character != "\n"}, arguments


@FEW_CHECKS
@given(seed=SEEDS)
def test_odd_manifests_are_judged_to_the_end(
    tmp_path: Path, texts: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    choose = random.Random(seed)
    check(tmp_path / "x.yaml", odd(choose, choose.choice(texts)), capsys, tmp_path / "state")


@pytest.mark.deep
@MANY_CHECKS
@given(seed=SEEDS)
def test_many_odd_manifests_are_judged_to_the_end(
    tmp_path: Path, texts: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    choose = random.Random(seed)
    check(tmp_path / "x.yaml", WAYS[choose.choice(list(WAYS))](choose, choose.choice(texts)), capsys, tmp_path / "state")
