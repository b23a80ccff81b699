"""Manifests are read as kubectl reads them; what is wrong in a file is told with its place; nothing ends the process."""

import json
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daytwo.model.errors import UsageError
from daytwo.model.json import Json
from daytwo.sources.manifests.documents import documents, read_manifests
from tests.servers.control_plane import ControlPlane

WEB = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n"

SCALARS = (
    *("yes", "Yes", "y", "N", "no", "off", "On", "oN", "true", "tRUE", "null", "~", "nULL", '""', "0644", "0o644", "08", "0x1f", "0b101"),
    *("-0b1", "1_000", "_1", "+1", "-0", "1.0", "1e3", "1.5", "1.", "-.5", "1e400", "12345678901234567890", "1:30", "2001-01-01"),
    *("2001-12-14t21:59:43.10-05:00", "0.1", "1e21", "1e-7", "'1'", "!!str 1", "!!int '3'", "!!binary aGk=", "=", "+.5", "0o", "1,000"),
)


def value_of(text: str) -> Json:
    (document,) = documents(f"{WEB}x: {text}\n", "web.yaml")
    return document.value["x"]


@pytest.mark.cluster
def test_scalars_are_what_kubectl_takes_them_for(control_plane: ControlPlane) -> None:
    """YAML 1.1 without base 60 and dates: `yes` is true, `0644` is 420, a date is a text. kubectl is asked, all at once."""
    rows = "".join(f"  k{number}: {text}\n" for number, text in enumerate(SCALARS))
    kubectl = (str(control_plane.kubectl), "--kubeconfig", str(control_plane.kubeconfig()))
    command = (*kubectl, "create", "--dry-run=client", "--validate=false", "-o", "json", "-f", "-")
    answer = subprocess.run(command, input=f"{WEB}x:\n{rows}", capture_output=True, text=True, check=True)
    # What no integer of Go holds is a float; kubectl writes it without an exponent.
    found = json.loads(answer.stdout, parse_int=lambda digits: int(digits) if abs(int(digits)) < 2**63 else float(digits))["x"]
    ours = [value_of(one) for one in SCALARS]
    assert dict(zip(SCALARS, ours, strict=True)) == {text: found[f"k{number}"] for number, text in enumerate(SCALARS)}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("kind: Pod\n", "f.yaml:1:1: has no apiVersion; write apiVersion: apps/v1"),
        ("---\n---\napiVersion: v1\n", "f.yaml:3:1: has no kind"),
        (
            "apiVersion: v1\nkind: Pod\nmetadata: {generateName: a-}",
            "f.yaml:1:1: Pod has no metadata.name; generateName makes a new object",
        ),
        (WEB + "data: {a: '1',\n  a: '2'}\n", 'f.yaml:5:3: "a" stands here a second time, the first is in line 4; keep one'),
        ('{"apiVersion": "v1",\n "kind": "Pod", "kind": "Job"}', 'f.yaml:2:17: "kind" stands here a second time'),
        (WEB + "data: *nowhere\n", 'f.yaml:4:7: there is no anchor "&nowhere" before this'),
        (WEB + "data:\n\ta: b\n", "f.yaml:5:1: is no YAML"),
        (WEB + "data: {a: !!int 1.5}\n", 'f.yaml:4:11: "1.5" is no !!int; leave the tag out'),
        (WEB + "data: {a: .inf}\n", "f.yaml:4:11: .inf is no value of JSON"),
        (WEB + "? [a, b]\n: c\n", "f.yaml:4:3: a key is one text"),
        ("- a\n- b\n", "f.yaml:1:1: is no object; begin with apiVersion and kind"),
        ("hello", "f.yaml:1:1: is no object"),
        ("\x00", "f.yaml:1:1: is no YAML"),
        ("[" * 100_000, "f.yaml:1:202: is nested more than 200 deep"),
        ('{"a":' * 100_000, "f.yaml:1:1006: is nested more than 200 deep"),
        ("a: &a [1]\n" + "".join(f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join([f'*{chr(97 + i)}'] * 9)}]\n" for i in range(9)), "1,000,000"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, told: str) -> None:
    """File, line and column; brackets nested without end and aliases of aliases are refused, not followed."""
    with pytest.raises(UsageError) as caught:
        list(documents(text, "f.yaml"))
    assert told in str(caught.value)


def test_documents_lists_anchors_and_merges_are_followed() -> None:
    """Comments, empty documents, CRLF and a folder's files in order."""
    text = f"# nothing\n---\n{WEB}base: &base {{a: 1, b: 2}}\nmore: {{<<: *base, b: 3}}\n---\n...\n---\n{WEB.replace('web', 'two')}"
    one, two = documents(text.replace("\n", "\r\n"), "f")
    assert (one.value["more"], two.name, two.origin) == ({"a": 1, "b": 3}, "two", "f:11:1")
    item = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}
    (found,) = documents(json.dumps({"apiVersion": "v1", "kind": "List", "items": [item]}), "f")
    assert (found.value, found.origin) == (item, "f:1:1: items[0]")


def test_files_folders_and_standard_input_are_read(tmp_path: Path) -> None:
    """Only what ends like a manifest; nothing at all is a mistake."""
    (tmp_path / "b.yaml").write_text(WEB, encoding="utf-8-sig")
    (tmp_path / "a.json").write_text(json.dumps({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "shop"}}))
    (tmp_path / "README.md").write_text("hello")
    assert [(one.kind, one.namespace) for one in read_manifests(str(tmp_path))] == [("Secret", "shop"), ("ConfigMap", "")]
    assert read_manifests("-", WEB)[0].origin == "stdin:1:1"
    for path, text, told in (("-", "# nothing", "holds no object"), (str(tmp_path / "c.yaml"), "", "No such file")):
        with pytest.raises(UsageError, match=told):
            read_manifests(path, text)
    (tmp_path / "c.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="no text in UTF-8"):
        read_manifests(str(tmp_path / "c.yaml"))


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
PLAIN = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**62), 2**62), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=12,
)


@given(PLAIN)
def test_json_is_read_as_json(value: Json) -> None:
    """Every value comes back, whichever way it is written."""
    manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "x": value}
    for text in (json.dumps(manifest), json.dumps(manifest, indent=1, ensure_ascii=False)):
        (found,) = documents(text, "f")
        assert found.value == manifest


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    """There is no third way."""
    with suppress(UsageError):
        list(documents(text, "f"))
