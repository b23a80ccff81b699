"""Edits of rendered objects as a kustomization: its patches say to kustomize what cannot be said to the files that were rendered."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from daytwo.model.json import Json, Object, pointer
from daytwo.model.origin import Origin
from daytwo.model.path import APPEND, Part, index_of, parse
from daytwo.model.repair import Edit, applied
from daytwo.sources.manifests.editing import appended, object_at, written

KUSTOMIZATION = "kustomization.yaml"
RENDERED = "rendered.yaml"
ADDED = "added.yaml"


class Change(NamedTuple):
    """Edits of one object of a rendered text."""

    origin: Origin
    edits: Sequence[Edit]


def kustomization(source: str, text: str, changes: Iterable[Change], documents: Sequence[Object], *, is_chart: bool) -> dict[str, str]:
    """The files of a kustomization, by name, that makes these changes to what `source` renders, which is `text`.

    A kustomization stands on another as its resource, from the folder in which `source` is named as it is; of a chart, which
    kustomize does not render, the output of helm does. Raises Uneditable, and Inapplicable.
    """
    lines = ["apiVersion: kustomize.config.k8s.io/v1beta1", "kind: Kustomization"]
    if is_chart:
        lines.insert(0, f"# First: helm template {source} > {RENDERED}")
    resources: list[Json] = [RENDERED if is_chart else source, *([ADDED] if documents else [])]
    lines += ["resources:", *written(resources)]
    patches: list[str] = []
    for change in changes:
        value = object_at(text, change.origin)
        made = operations(value, change.edits)
        if made:
            target: Json = {"target": _target(value, change.origin)}
            first, *others = written(target, 2)
            patches += [f"- {first.lstrip()}", *others, "  patch: |-", *written(list[Json](made), 4)]
    lines += ["patches:", *patches] if patches else []
    files = {KUSTOMIZATION: "\n".join(lines) + "\n"}
    return {**files, ADDED: appended("", documents)} if documents else files


def _target(value: Object, origin: Origin) -> Object:
    """Which object a patch is for. Its name is a pattern to kustomize."""
    group, _, version = str(value.get("apiVersion", "")).rpartition("/")
    metadata = value.get("metadata")
    named: Object = metadata if isinstance(metadata, dict) else {}
    target: Object = {"group": group} if group else {}
    target |= {"version": version, "kind": value.get("kind"), "name": str(named.get("name", "")).replace(".", r"\.")}
    return {**target, "namespace": named["namespace"]} if named.get("namespace") else target


def operations(value: Json, edits: Iterable[Edit]) -> list[Object]:
    """The edits as a JSON patch (RFC 6902), which tests the names of the elements that it finds by number. Raises Inapplicable."""
    made: list[Object] = []
    tested: set[str] = set()
    for edit in edits:
        for one in _operations(value, edit):
            if one["op"] != "test" or str(one["path"]) not in tested:
                made.append(one)
            if one["op"] == "test":
                tested.add(str(one["path"]))
        value = applied(value, [edit])
    return made


def _operations(value: Json, edit: Edit) -> Iterable[Object]:
    after = applied(value, [edit])
    if after == value and (edit.is_removal or type(after) is type(value)):
        return
    parts = parse(edit.path)
    way: list[str | int] = []
    for number, part in enumerate(parts):
        is_last = number == len(parts) - 1
        if isinstance(value, list):
            index = None if part.is_bracketed and part.name == APPEND else index_of(value, part.name)
            if index is None:
                yield {"op": "add", "path": pointer(*way, "-"), "value": _nested(parts[number + 1 :], edit.value)}
                return
            element = value[index]
            if isinstance(element, dict) and element.get("name") == part.name:
                yield {"op": "test", "path": pointer(*way, index, "name"), "value": part.name}
            way.append(index)
            value = element
        elif isinstance(value, dict) and value.get(part.name) is not None:
            way.append(part.name)
            value = value[part.name]
        else:
            rest = parts[number:]
            if value is None:
                # What is null is written over as a whole.
                yield {"op": "replace", "path": pointer(*way), "value": _nested(rest, edit.value)}
            else:
                yield {"op": "add", "path": pointer(*way, part.name), "value": _nested(rest[1:], edit.value)}
            return
        if is_last:
            yield (
                {"op": "remove", "path": pointer(*way)}
                if edit.is_removal
                else {"op": "replace", "path": pointer(*way), "value": edit.value}
            )


def _nested(parts: Sequence[Part], value: Json) -> Json:
    for part in reversed(parts):
        value = [value] if part.is_bracketed and part.name == APPEND else {part.name: value}
    return value
