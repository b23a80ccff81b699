"""From the API server's JSON to the model: one object at a time, so that an odd one is one gap and not a lost snapshot."""

from functools import cache
from typing import TypeVar

import msgspec

from daytwo.model.kinds import BY_NAME, Kind, kind_name
from daytwo.model.metadata import Resource
from daytwo.model.workload import CustomWorkload
from daytwo.sources.kubernetes import wire

R = TypeVar("R", bound=Resource)


class _Peek(msgspec.Struct, frozen=True, gc=False):
    """Enough of an object to name it when the rest cannot be read."""

    class Metadata(msgspec.Struct, frozen=True, gc=False):
        name: str = "?"
        namespace: str = ""

    metadata: Metadata = Metadata()


class _Typed(msgspec.Struct, rename="camel", gc=False):
    api_version: str = ""
    kind: str = ""


class Malformed(ValueError):
    """An object that is not what its kind says; the message names the object, the field and what was expected."""

    def __init__(self, kind: str, raw: bytes | msgspec.Raw, why: object) -> None:
        metadata = _peek(raw).metadata
        self.namespace = metadata.namespace
        super().__init__(f"{kind} {f'{metadata.namespace}/' if metadata.namespace else ''}{metadata.name}: {why}")


def decode(kind: Kind, raw: bytes | msgspec.Raw) -> Resource:
    """One object of a kind daytwo reads. Raises Malformed."""
    decoder, to_model = _decoder(kind.name)
    found = _decode(decoder, kind.name, raw)
    model: Resource = to_model(found) if to_model is not None else found
    return model


def decode_any(raw: bytes | msgspec.Raw) -> Resource | None:
    """One object that names its own kind, as in a `kubectl get -o json` dump; None for kinds daytwo does not read."""
    typed = msgspec.json.decode(raw, type=_Typed)
    kind = BY_NAME.get(kind_name(typed.api_version, typed.kind))
    return decode(kind, raw) if kind is not None else None


def decode_custom(kind: str, raw: bytes | msgspec.Raw) -> CustomWorkload:
    """One object of a custom kind with a pod template; `kind` is the kind's unique name. Raises Malformed."""
    return msgspec.structs.replace(_decode(_custom(), kind, raw), kind=kind)


def _decode(decoder: "msgspec.json.Decoder[R]", kind: str, raw: bytes | msgspec.Raw) -> R:
    try:
        try:
            found = decoder.decode(raw)
        except msgspec.ValidationError as odd:
            first = odd
            # Go encodes empty containers as null here and there, which means absent.
            found = decoder.decode(msgspec.json.encode(_without_nulls(msgspec.json.decode(raw))))
    except msgspec.ValidationError:
        raise Malformed(kind, raw, first) from None
    except RecursionError:
        raise Malformed(kind, raw, "nested too deeply") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Malformed(kind, raw, f"not JSON: {error}") from None
    if not found.metadata.name:
        raise Malformed(kind, raw, "has no name")
    return found


@cache
def _decoder(name: str) -> tuple["msgspec.json.Decoder[Resource]", "wire.ToModel | None"]:
    on_the_wire = wire.SHAPES.get(name)
    if on_the_wire is not None:
        shape, to_model = on_the_wire
        return msgspec.json.Decoder(shape), to_model
    return msgspec.json.Decoder(BY_NAME[name].type), None


@cache
def _custom() -> "msgspec.json.Decoder[CustomWorkload]":
    return msgspec.json.Decoder(CustomWorkload)


def _without_nulls(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_nulls(member) for key, member in value.items() if member is not None}
    if isinstance(value, list):
        return [_without_nulls(member) for member in value if member is not None]
    return value


def _peek(raw: bytes | msgspec.Raw) -> _Peek:
    try:
        return msgspec.json.decode(raw, type=_Peek)
    except (msgspec.DecodeError, RecursionError):
        return _Peek()
