"""A Kubernetes Event, whichever of its three shapes it was written in."""

import re
from datetime import datetime
from typing import ClassVar

import msgspec

from daytwo.model.masking import mask
from daytwo.model.metadata import Resource
from daytwo.model.moment import Moment, bound_times
from daytwo.model.workload import ObjectReference

_COMBINED = re.compile(r"(?:\(combined from similar events\): )+")


class EventSource(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    component: str = ""
    host: str = ""


class EventSeries(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    count: int = 0
    last_observed_time: Moment | None = None

    def __post_init__(self) -> None:
        bound_times(self, "last_observed_time")


class Event(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    """core/v1 Event. Counts are lower bounds, and absence proves nothing about anything older than an hour."""

    KIND: ClassVar[str] = "Event"

    involved_object: ObjectReference = ObjectReference()
    type: str = ""
    reason: str = ""
    message: str = ""
    count: int = 0
    first_timestamp: Moment | None = None
    last_timestamp: Moment | None = None
    event_time: Moment | None = None
    series: EventSeries | None = None
    source: EventSource = EventSource()
    reporting_component: str = ""
    related: ObjectReference | None = None

    def __post_init__(self) -> None:
        bound_times(self, "first_timestamp", "last_timestamp", "event_time")
        combined = _COMBINED.match(self.message)
        message = self.message[combined.end() :] if combined else self.message
        msgspec.structs.force_setattr(self, "message", mask(message))

    @property
    def at(self) -> datetime | None:
        """When it last happened: the newest of the four times that recorders use."""
        times = [self.series.last_observed_time if self.series else None, self.last_timestamp, self.event_time, self.created]
        known = [time for time in times if time is not None]
        return max(known) if known else None

    @property
    def first_at(self) -> datetime | None:
        return self.first_timestamp or self.event_time or self.created

    @property
    def times(self) -> int:
        """How often at least."""
        return max(self.count, self.series.count if self.series else 0, 1)
