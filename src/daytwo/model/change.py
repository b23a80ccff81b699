"""The forms that a change of the world takes: a closed set. Each is one request at most, and each is safe to repeat or never repeated."""

from typing import TypeAlias

import msgspec

from daytwo.model.json import Json, Object
from daytwo.model.target import Target


class FieldChange(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One field by JSON pointer, as the live object has it and as it shall be. None is absent."""

    path: str
    old: Json = None
    new: Json = None


class Guard(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A field that is not changed and must be what the change was planned on, such as the name of the container at an index.

    `until_done` marks what moves by itself once the change is made, such as the revision: then it is not asked for any more.
    """

    path: str
    value: Json = None
    until_done: bool = False


class Patch(msgspec.Struct, frozen=True, omit_defaults=True, gc=False, tag="patch"):
    """A JSON patch of fields, sent with tests on uid, resourceVersion, guards and old values."""

    target: Target
    fields: tuple[FieldChange, ...]
    guards: tuple[Guard, ...] = ()


class Apply(msgspec.Struct, frozen=True, omit_defaults=True, gc=False, tag="apply"):
    """Server-side apply of a manifest; the target's uid is empty where the object is to be created. `force` takes fields from others.

    `before` is what stood where the manifest says something, or where we had said something before: what it was planned on.
    """

    target: Target
    manifest: Object
    force: bool = False
    before: Object = {}


class Delete(msgspec.Struct, frozen=True, omit_defaults=True, gc=False, tag="delete"):
    """Deletion by uid. `propagation` as in DeleteOptions (Background, Foreground, Orphan)."""

    target: Target
    grace_seconds: int | None = None
    propagation: str = ""


class Evict(msgspec.Struct, frozen=True, omit_defaults=True, gc=False, tag="evict"):
    """Eviction of a pod by uid, within its disruption budget."""

    target: Target


class Wait(msgspec.Struct, frozen=True, omit_defaults=True, gc=False, tag="wait"):
    """Changes nothing: done when what the action's `verify` looks for holds."""

    target: Target
    until: str


class Execute(msgspec.Struct, frozen=True, omit_defaults=True, gc=False, tag="execute"):
    """A foreign argv: what it does is not known, so it is never repeated after a crash."""

    argv: tuple[str, ...]
    target: Target | None = None


Change: TypeAlias = Patch | Apply | Delete | Evict | Wait | Execute
