"""A snapshot retold at another time: what was staged within a minute is told as if it had taken weeks.

A story has acts. Each begins at a real moment, and is told to have begun at another; what happened in it keeps its distance to
its beginning. Times before the story, and after it, keep their distance to the moment of the look.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from daytwo.model.event import Event
from daytwo.model.metadata import ManagedField, Resource
from daytwo.model.node import Lease
from daytwo.model.snapshot import Snapshot
from tests.servers.kubelet import MANAGED_LABEL, PREFIX
from tests.servers.polling import until
from tests.shop.shop import stamp

_EVENTS_LAST: Final = timedelta(hours=1)
_RENEWED_WITHIN: Final = timedelta(seconds=60)
# A time in an annotation: its controller writes it as text.
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@dataclass
class Story:
    """When the acts really began, and when they are told to have begun, before `told_end`: the moment of the look."""

    told_end: datetime
    _real: list[datetime] = field(default_factory=list)
    _told: list[datetime] = field(default_factory=list)

    def begin(self, before_the_end: timedelta) -> datetime:
        """Begins an act, at a whole second: the API server cuts times to seconds. Gives the real moment."""
        last = _second()
        until(lambda: _second() > last, "the next second")
        self._real.append(_second())
        self._told.append(self.told_end - before_the_end)
        return self._real[-1]

    def retold(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot in the story's time, without the marks by which the tests move their nodes and pods."""
        move = _Move(tuple(self._real), tuple(self._told), snapshot.taken_at, self.told_end)
        resources = {
            kind: tuple(resource for resource in map(move.resource, found) if not self._is_forgotten(resource))
            for kind, found in snapshot.resources.items()
        }
        return replace(snapshot, taken_at=self.told_end, resources=resources)

    def _is_forgotten(self, resource: Resource) -> bool:
        return isinstance(resource, Event) and (resource.at is None or resource.at < self.told_end - _EVENTS_LAST)


@dataclass(frozen=True)
class _Move:
    real: tuple[datetime, ...]
    told: tuple[datetime, ...]
    real_end: datetime
    told_end: datetime

    def resource(self, resource: Resource) -> Resource:
        moved: Resource = self.value(resource)
        renewed = resource.spec.renew_time if isinstance(resource, Lease) else None
        if renewed is None or not isinstance(moved, Lease) or not self._is_kept_up(renewed):
            return moved
        spec = msgspec.structs.replace(moved.spec, renew_time=renewed + (self.told_end - self.real_end))
        return msgspec.structs.replace(moved, spec=spec)

    def _is_kept_up(self, renewed: datetime) -> bool:
        """Whether a node's lease is renewed all along. A lost node's was written by hand, in whole seconds."""
        return self.real_end - renewed < _RENEWED_WITHIN and renewed.microsecond != 0

    def value(self, value: Any) -> Any:
        if isinstance(value, datetime):
            return self.time(value)
        if isinstance(value, ManagedField) and value.manager == "kwok":
            value = msgspec.structs.replace(value, manager="kubelet")
        if isinstance(value, msgspec.Struct):
            fields = {name: getattr(value, name) for name in value.__struct_fields__}
            moved = {name: self.value(member) for name, member in fields.items()}
            changed = {name: member for name, member in moved.items() if member is not fields[name]}
            return msgspec.structs.replace(value, **changed) if changed else value
        if isinstance(value, str) and _TIME.fullmatch(value):
            return stamp(self.time(datetime.fromisoformat(value)))
        if isinstance(value, tuple) and value:
            members = [self.value(member) for member in value]
            return value if all(new is old for new, old in zip(members, value, strict=True)) else tuple(members)
        if isinstance(value, dict):
            return {key: self.value(member) for key, member in value.items() if not _is_ours(key)}
        return value

    def time(self, at: datetime) -> datetime:
        act = bisect_right(self.real, at) - 1
        if act < 0 or at > self.real_end:
            return at + (self.told_end - self.real_end)
        return self.told[act] + (at - self.real[act])


def _is_ours(key: object) -> bool:
    return isinstance(key, str) and (key.startswith(PREFIX) or key == MANAGED_LABEL)


def _second() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
