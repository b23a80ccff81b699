"""One object exactly as the API server told it: what a change is tested against. Held in memory only; may hold secrets."""

from dataclasses import dataclass
from typing import TypeVar

import msgspec

from daytwo.model import json
from daytwo.model.json import Json, Object
from daytwo.model.metadata import Resource

R = TypeVar("R", bound=Resource)


@dataclass(frozen=True, slots=True, repr=False)
class Live:
    """The answer to a GET of one object, or of its subresource."""

    value: Object

    def at(self, pointer: str) -> Json:
        """What stands at a JSON pointer; None where nothing does."""
        return json.at(self.value, pointer)

    def text(self, pointer: str) -> str:
        found = self.at(pointer)
        return found if isinstance(found, str) else ""

    @property
    def uid(self) -> str:
        return self.text("/metadata/uid")

    @property
    def resource_version(self) -> str:
        return self.text("/metadata/resourceVersion")

    @property
    def generation(self) -> int | None:
        """None where the kind has none, such as HorizontalPodAutoscaler."""
        found = self.at("/metadata/generation")
        return found if isinstance(found, int) else None

    @property
    def is_terminating(self) -> bool:
        return self.at("/metadata/deletionTimestamp") is not None

    def as_(self, type: type[R]) -> R:
        """The same object as the model sees it: masked, and without what daytwo does not read."""
        # By way of text: the model takes managedFields raw, which a value is not any more.
        return msgspec.json.decode(msgspec.json.encode(self.value), type=type, strict=False)
