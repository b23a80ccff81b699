"""Every field is found where it stands, whatever way the document is written; what is absent is told by what it would stand in."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from daytwo.model.files import Files
from daytwo.model.json import Json
from daytwo.model.origin import Origin, Place
from daytwo.model.scope import Scope
from daytwo.sources.manifests.places import At, Places
from daytwo.sources.manifests.source import Manifests
from daytwo.sources.manifests.values import values_of

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)

WEB = """\
# The shop's front.
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  annotations:
    prometheus.io/scrape: "true"
spec:
  "replicas": 2
  template:
    spec:
      containers:
        # The application.
        - image: nginx
          name: app
          resources: {requests: {cpu: 1, memory: 1Gi}}
        - name: sidecar
          env:
          - {name: A, value: b}
---
apiVersion: v1
kind: Service
metadata: {name: web}
"""

ANCHORS = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: a}
base: &base
  requests: &requests
    cpu: 1
first:
  <<: *base
  limits: *requests
second: {<<: [*base, {more: 1}], own: 2}
0644: octal
yes: true
"""


def read(text: str) -> Manifests:
    manifests = Manifests(Files(("-",)), stdin=lambda: text, now=NOW)
    asyncio.run(manifests.read(Scope(), lambda progress: None))
    return manifests


def at(text: str, path: str, number: int = 0) -> At:
    found = list(values_of(text))[number]
    return Places({"f": text}.get).find(Origin("f", found.line, found.column), path)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", (3, 1, True)),
        ("kind", (4, 1, True)),
        ("spec.replicas", (10, 3, True)),
        ("metadata.annotations[prometheus.io/scrape]", (8, 5, True)),
        ("spec.template.spec.containers[app]", (15, 11, True)),
        ("spec.template.spec.containers[0].name", (16, 11, True)),
        ("spec.template.spec.containers[app].resources.requests.memory", (17, 42, True)),
        ("spec.template.spec.containers[sidecar].env[A].value", (20, 23, True)),
        # What is absent: the deepest that is there.
        ("spec.template.spec.containers[app].resources.limits.memory", (17, 11, False)),
        ("spec.template.spec.containers[sidecar].livenessProbe", (18, 11, False)),
        ("spec.template.spec.containers[other].image", (13, 7, False)),
        ("spec.template.spec.volumes[+]", (12, 5, False)),
        ("spec.replicas.deeper", (10, 3, False)),
        ("no path[", (3, 1, False)),
    ],
)
def test_a_field_is_where_its_key_stands(path: str, expected: tuple[int, int, bool]) -> None:
    """Through comments, quoted keys, flow style and lists at either indent."""
    assert at(WEB, path) == expected
    assert at(WEB.replace("\n", "\r\n"), path) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("first.requests.cpu", (6, 5, True)),
        ("first.requests", (5, 3, True)),
        ("first.limits", (9, 3, True)),
        ("first.limits.cpu", (6, 5, True)),
        ("second.own", (10, 34, True)),
        ("second.more", (10, 23, True)),
        ("second.requests.cpu", (6, 5, True)),
        ("420", (11, 1, True)),
        ("true", (12, 1, True)),
    ],
)
def test_anchors_and_merges_lead_to_where_the_field_is_written(path: str, expected: tuple[int, int, bool]) -> None:
    """That is what one has to change, and what else it changes is seen there."""
    assert at(ANCHORS, path) == expected


def test_documents_after_the_first_are_cut_out() -> None:
    """Also where they begin behind the marker, or in the middle of a line."""
    assert at(WEB, "metadata.name", 1) == (24, 12, True)
    assert at("a: 1\n--- {b: 2}\n", "b", 1) == (2, 6, True)
    assert at('{"a": 1} {"b":\n {"c": 2}}', "b.c", 1) == (2, 3, True)
    block = "a: |\n  ---\n  b: 1\nc: 2\n---\nd: 3\n"
    assert (at(block, "c"), at(block, "d", 1)) == ((4, 1, True), (6, 1, True))
    assert at("  a:\n    b: 1\n  c: 1\n", "a.b") == (2, 5, True)


def test_items_of_lists_are_found_each_on_its_own() -> None:
    """In YAML and in JSON, on one line or on many, with characters in two halves."""
    items = [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"c{n}"}, "data": {"x": "🙂" * n}} for n in range(3)]
    compact = json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
    manifests = read(compact)
    found = [manifests.locate(origin, "metadata.name") for origin in manifests.documents]
    assert [compact[place.column - 1 :][:6] for place in found] == ['"name"'] * 3
    assert [place.line for place in found] == [1, 1, 1]
    lines = json.dumps({"kind": "List", "apiVersion": "v1", "metadata": {"items": 1}, "items": items}, indent=2).splitlines()
    manifests = read("\n".join(lines))
    for number, origin in enumerate(manifests.documents):
        place = manifests.locate(origin, "metadata.name")
        assert lines[place.line - 1][place.column - 1 :] == f'"name": "c{number}"'
        assert origin == Origin("stdin", api_version="v1", item=number, is_namespace_assumed=True)
    first_item = "- &a\n  apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: a}\n"
    manifests = read(f"apiVersion: v1\nkind: List\nitems:\n{first_item}- {{<<: *a, metadata: {{name: b}}}}\n")
    first, second = manifests.documents
    assert manifests.locate(first, "metadata.name") == Place("stdin", 7, 14)
    # It refers to the one before it.
    assert manifests.locate(second, "metadata.name") == Place("stdin", 8, 23)
    assert manifests.locate(second, "kind") == Place("stdin", 6, 3)


def test_every_field_of_any_document_is_found_exactly() -> None:
    """All paths of a document that has everything in it."""
    for text in (WEB, ANCHORS):
        places = Places({"f": text}.get)
        for found in values_of(text):
            origin = Origin("f", found.line, found.column)
            for path in paths(found.value):
                assert places.find(origin, path).is_exact, path


def paths(value: Json, path: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from paths(one, f"{path}[{key}]")
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from paths(one, f"{path}[{number}]")
    else:
        yield path


def test_a_text_that_changed_does_not_mislead() -> None:
    """A document that is not there any more is told by where it was."""
    assert Places({"f": "a: 1\n"}.get).find(Origin("f", 7, 1), "a") == At(7, 1, is_exact=False)
    assert Places(lambda file: None).find(Origin("f", 7, 3), "a") == At(7, 3, is_exact=False)
