"""The containers of a pod template by name, and where they stand."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from daytwo.model.change import Guard
from daytwo.model.errors import UsageError, did_you_mean
from daytwo.model.json import Object, pointer
from daytwo.model.live import Live
from daytwo.model.target import Target


@dataclass(frozen=True, slots=True)
class Place:
    """One container of a template: a list names its elements only for people, a patch finds them by their index."""

    name: str
    index: int
    is_init: bool
    value: Object

    def path(self, *parts: str) -> str:
        return pointer("spec", "template", "spec", "initContainers" if self.is_init else "containers", self.index, *parts)

    @property
    def guard(self) -> Guard:
        return Guard(self.path("name"), self.name)


def places(live: Live) -> Iterator[Place]:
    """All containers of the template, those that run first to last, then the init containers."""
    for field, is_init in (("containers", False), ("initContainers", True)):
        found = live.at(f"/spec/template/spec/{field}")
        for index, container in enumerate(found if isinstance(found, list) else ()):
            if isinstance(container, dict):
                yield Place(str(container.get("name")), index, is_init, container)


def place(target: Target, known: Iterable[Place], name: str) -> Place:
    """The container of this name. Raises UsageError that lists those there are."""
    found = {place.name: place for place in known}
    if name in found:
        return found[name]
    raise UsageError(f'{target} has no container "{name}"{did_you_mean(name, found)}; it has {", ".join(found)}')
