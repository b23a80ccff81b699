"""From an object as a file holds it to the model. Raises Malformed, with the path of the field that is not what its kind says."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import msgspec

from daytwo.model.foreign import ForeignObject
from daytwo.model.json import Json, Object
from daytwo.model.kinds import BY_NAME, Kind, kind_name
from daytwo.model.metadata import Metadata, Resource
from daytwo.model.origin import Origin
from daytwo.sources.kubernetes.decode import Malformed as Undecodable
from daytwo.sources.kubernetes.decode import decode, decode_custom
from daytwo.sources.manifests.defaults import defaulted
from daytwo.sources.manifests.misfits import misfit
from daytwo.sources.manifests.older import current

DEFAULT_NAMESPACE: Final = "default"


class Misshapen(Exception):
    """An object that is not what its kind says. `path` is the field, as far as it is known; empty is the object."""

    def __init__(self, text: str, path: str = "") -> None:
        # Names and kinds that somebody wrote are in it, however many lines they have.
        super().__init__(" ".join(text.splitlines()))
        self.path = path


class Written(NamedTuple):
    """An object with where it stands. `kind` is the unique name of its kind, `value` as the version that daytwo models would write it."""

    kind: str
    value: Object
    origin: Origin


def written(value: Object, origin: Origin) -> Written:
    """What an object is, told by its apiVersion and kind. Raises Misshapen where it has none."""
    api_version, kind = value.get("apiVersion"), value.get("kind")
    if not isinstance(api_version, str) or not api_version:
        if not kind:
            raise Misshapen("is no Kubernetes object: it has no apiVersion and no kind")
        raise Misshapen(f"has no apiVersion; write apiVersion: {_api_version_of(kind)}")
    if not isinstance(kind, str) or not kind:
        raise Misshapen("has no kind; write kind: Deployment")
    name, changed = current(api_version, kind, value)
    return Written(name, changed, origin)


def _api_version_of(kind: Json) -> str:
    """That of a kind that daytwo reads, else the one most often meant."""
    known = BY_NAME.get(kind) if isinstance(kind, str) else None
    return f"{known.group}/{known.version}".lstrip("/") if known is not None else "apps/v1"


def is_named(one: Written) -> bool:
    """A configuration file with an apiVersion and a kind is no object of a cluster unless it has a name."""
    metadata = one.value.get("metadata")
    return isinstance(metadata, dict) and bool(metadata.get("name") or metadata.get("generateName"))


def is_observed(value: Object) -> bool:
    """Whether it carries what only a cluster gives: a uid, or a status that says something."""
    metadata = value.get("metadata")
    if isinstance(metadata, dict) and metadata.get("uid"):
        return True
    status = value.get("status")
    return isinstance(status, dict) and bool(status) and _says_something(status)


def _says_something(value: Json) -> bool:
    if isinstance(value, dict):
        return any(map(_says_something, value.values()))
    if isinstance(value, list):
        return any(map(_says_something, value))
    return bool(value)


class Decoder:
    """Makes resources of objects, with what their files leave to whoever applies them: a namespace, and the defaults of a version."""

    def __init__(self, namespace: str, version: str) -> None:
        self._namespace = namespace or DEFAULT_NAMESPACE
        self._version = version

    def known(self, one: Written) -> Resource:
        """An object of a kind that daytwo reads, with what the API server fills in, unless that has been done."""
        known = BY_NAME[one.kind]
        value = self._placed(one, is_namespaced=known.is_namespaced)
        if not one.origin.is_observed:
            value = defaulted(value, self._version)
        found = _decoded(known, _encoded(value), value)
        msgspec.structs.force_setattr(found, "origin", self._origin(one, is_namespaced=known.is_namespaced))
        return found

    def foreign(self, one: Written, scopes: Mapping[str, bool]) -> Resource:
        """An object of another kind. `scopes` holds for each kind whose definition is among the files whether it is namespaced.

        With a pod template it is a workload; whose kind is not known to be namespaced is left without a namespace.
        """
        is_namespaced = scopes.get(one.kind)
        value = self._placed(one, is_namespaced=is_namespaced)
        origin = self._origin(one, is_namespaced=is_namespaced)
        if _has_pod_template(value):
            try:
                workload = decode_custom(one.kind, _encoded(value))
            except Undecodable:
                # What it calls a template is something else.
                pass
            else:
                msgspec.structs.force_setattr(workload, "origin", origin)
                return workload
        try:
            metadata = msgspec.convert(given := _without_nulls(value.get("metadata")), Metadata)
        except msgspec.ValidationError as error:
            raise _misshapen(str(error), given, "metadata") from None
        return ForeignObject(metadata=metadata, origin=origin, kind=one.kind)

    def _placed(self, one: Written, *, is_namespaced: bool | None) -> Object:
        metadata = one.value.get("metadata")
        if not isinstance(metadata, dict):
            raise Misshapen("has no metadata.name", "metadata")
        changed: Object = {}
        if not metadata.get("name") and isinstance(prefix := metadata.get("generateName"), str):
            changed["name"] = prefix
        if is_namespaced and not metadata.get("namespace"):
            changed["namespace"] = self._namespace
        elif is_namespaced is False and metadata.get("namespace"):
            changed["namespace"] = ""
        return {**one.value, "metadata": {**metadata, **changed}} if changed else one.value

    def _origin(self, one: Written, *, is_namespaced: bool | None) -> Origin:
        metadata = one.value["metadata"]
        spec = one.value.get("spec")
        is_assumed = bool(is_namespaced) and isinstance(metadata, dict) and not metadata.get("namespace")
        has_replicas = isinstance(spec, dict) and spec.get("replicas") is not None
        if not is_assumed and not has_replicas:
            return one.origin
        return msgspec.structs.replace(one.origin, is_namespace_assumed=is_assumed, has_replicas=has_replicas)


def scopes_of(definitions: Iterable[Written]) -> dict[str, bool]:
    """For each kind that these CustomResourceDefinitions define, by its unique name: whether it is namespaced."""
    found: dict[str, bool] = {}
    for one in definitions:
        spec = one.value.get("spec")
        names = spec.get("names") if isinstance(spec, dict) else None
        if isinstance(spec, dict) and isinstance(names, dict):
            group, kind, scope = spec.get("group"), names.get("kind"), spec.get("scope")
            if isinstance(group, str) and isinstance(kind, str):
                found[kind_name(f"{group}/v1", kind)] = scope != "Cluster"
    return found


def _encoded(value: Object) -> bytes:
    try:
        return msgspec.json.encode(value)
    except RecursionError:
        raise Misshapen("is nested too deeply") from None
    except UnicodeEncodeError:
        raise Misshapen("holds half of a character (a surrogate such as \\ud83d without its other half)") from None


def _decoded(kind: Kind, raw: bytes | msgspec.Raw, value: Json = None) -> Resource:
    """`value` is what stands in `raw`, for whoever is told what is wrong in it."""
    try:
        return decode(kind, raw)
    except Undecodable as error:
        raise _misshapen(str(error), value) from None


def observed(kind: Kind, raw: msgspec.Raw, origin: Origin) -> Resource:
    """An object as a cluster wrote it, straight from its JSON. Raises Misshapen."""
    found = _decoded(kind, raw)
    msgspec.structs.force_setattr(found, "origin", origin)
    return found


def _misshapen(told: str, value: Json, path: str = "") -> Misshapen:
    found = misfit(told, value, path)
    return Misshapen(found.text, found.path) if found is not None else Misshapen(told, path)


def _has_pod_template(value: Object) -> bool:
    spec = value.get("spec")
    template = spec.get("template") if isinstance(spec, dict) else None
    pod_spec = template.get("spec") if isinstance(template, dict) else None
    return isinstance(pod_spec, dict) and isinstance(pod_spec.get("containers"), list)


def _without_nulls(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _without_nulls(one) for key, one in value.items() if one is not None}
    if isinstance(value, list):
        return [_without_nulls(one) for one in value if one is not None]
    return value
