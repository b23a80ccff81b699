"""The templates that a workload had before, as its controller keeps them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from daytwo.model.json import Json, Object, at, pointer
from daytwo.model.live import Live
from daytwo.model.workload import REVISION

_CHANGE_CAUSE: Final = "kubernetes.io/change-cause"
# What the controller adds to tell the pods of one revision from those of another.
_HASHES: Final = ("pod-template-hash", "controller-revision-hash")


@dataclass(frozen=True, slots=True)
class Revision:
    """One kept template, as it would stand in the workload. `number` moves when a revision is used again; `name` does not."""

    number: int
    name: str
    template: Object
    is_current: bool
    cause: str = ""

    @property
    def images(self) -> tuple[str, ...]:
        return images_of(self.template)


def revisions(workload: Live, kept: Iterable[Live]) -> tuple[Revision, ...]:
    """The revisions of a workload, the newest first, out of the ReplicaSets or ControllerRevisions of its namespace."""
    present = plain_template(workload.at("/spec/template"))
    found = []
    for keeper in kept:
        if not _is_controlled(keeper, workload.uid):
            continue
        held = keeper.at("/data/spec/template")
        template = plain_template(held if held is not None else keeper.at("/spec/template"))
        cause = keeper.at(pointer("metadata", "annotations", _CHANGE_CAUSE))
        found.append(
            Revision(_number(keeper), keeper.text("/metadata/name"), template, template == present, cause if isinstance(cause, str) else "")
        )
    return tuple(sorted(found, key=lambda revision: -revision.number))


def plain_template(template: Json) -> Object:
    """A template without what controllers add, so that one kept and one in use can be compared."""
    if not isinstance(template, dict):
        return {}
    found: Object = {key: _without_nulls(value) for key, value in template.items() if key != "$patch" and value is not None}
    metadata = found.get("metadata")
    labels = metadata.get("labels") if isinstance(metadata, dict) else None
    if isinstance(metadata, dict) and isinstance(labels, dict):
        found["metadata"] = {**metadata, "labels": {key: value for key, value in labels.items() if key not in _HASHES}}
    return found


def images_of(template: Json) -> tuple[str, ...]:
    """`app web:2` of each container, the init containers first."""
    lists = (at(template, f"/spec/{field}") for field in ("initContainers", "containers"))
    containers = [container for found in lists if isinstance(found, list) for container in found if isinstance(container, dict)]
    return tuple(f"{container.get('name')} {container.get('image')}" for container in containers)


def _without_nulls(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _without_nulls(one) for key, one in value.items() if one is not None}
    if isinstance(value, list):
        return [_without_nulls(one) for one in value]
    return value


def _is_controlled(keeper: Live, uid: str) -> bool:
    owners = keeper.at("/metadata/ownerReferences")
    return isinstance(owners, list) and any(
        isinstance(owner, dict) and owner.get("uid") == uid and owner.get("controller") is True for owner in owners
    )


def _number(keeper: Live) -> int:
    """ControllerRevisions have a number, ReplicaSets an annotation; 0 before the controller wrote it."""
    number = keeper.at("/revision")
    if isinstance(number, int):
        return number
    text = keeper.at(pointer("metadata", "annotations", REVISION))
    return int(text) if isinstance(text, str) and text.isdecimal() else 0
