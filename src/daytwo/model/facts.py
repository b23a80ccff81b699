"""What an action needs to read, and what was read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from daytwo.model.gap import Gap, Unseen
from daytwo.model.live import Live
from daytwo.model.snapshot import Snapshot
from daytwo.model.target import Target


class Needs(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Single objects, raw; and whole kinds by name, in some namespaces or (none given) in the whole cluster.

    `lists` are targets without a name: every object of that kind in that namespace, raw.
    """

    objects: tuple[Target, ...] = ()
    lists: tuple[Target, ...] = ()
    kinds: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()


@dataclass(frozen=True)
class Facts:
    """What was read for one plan or one verification, at the API server's time.

    `objects` maps a target without uid to what stands there; None means that it does not exist. `lists` maps a target without a
    name to all that is there. What could not be read is in `gaps`.
    """

    at: datetime
    snapshot: Snapshot
    objects: Mapping[Target, Live | None] = field(default_factory=dict)
    gaps: Mapping[Target, Gap] = field(default_factory=dict)
    lists: Mapping[Target, tuple[Live, ...]] = field(default_factory=dict)

    def live(self, target: Target) -> Live | None:
        """The object at this URL, whatever its uid; None when it does not exist. Raises Unseen where it could not be read."""
        key = msgspec.structs.replace(target, uid="")
        if key in self.gaps:
            raise Unseen(self.gaps[key])
        if key not in self.objects:
            raise Unseen(Gap("kubernetes", str(target), "was not asked for"))
        return self.objects[key]

    def listed(self, target: Target) -> tuple[Live, ...]:
        """Every object of a kind in a namespace. Raises Unseen where they could not be listed."""
        if target in self.gaps:
            raise Unseen(self.gaps[target])
        if target not in self.lists:
            raise Unseen(Gap("kubernetes", str(target), "were not asked for"))
        return self.lists[target]
