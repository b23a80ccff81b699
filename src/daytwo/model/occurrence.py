"""Things that happened, and numbers over time: what answers a `Want`."""

from array import array

import msgspec

from daytwo.model.masking import mask
from daytwo.model.moment import Moment, bound_times
from daytwo.model.ref import Ref


class Occurrence(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Something that happened at one time: a log line, a deploy, a page."""

    at: Moment | None
    kind: str
    subject: Ref
    summary: str
    source: str
    item: str = ""

    def __post_init__(self) -> None:
        bound_times(self, "at")
        # A log line says anything.
        msgspec.structs.force_setattr(self, "summary", mask(self.summary))


class Series:
    """Numbers over time: `times` f64[n] in unix seconds, `values` f64[n] in `unit`; equal lengths, else ValueError."""

    __slots__ = ("labels", "name", "times", "unit", "values")

    def __init__(self, name: str, labels: dict[str, str], times: "array[float]", values: "array[float]", unit: str) -> None:
        if len(times) != len(values):
            raise ValueError(f"series {name}: {len(times)} times but {len(values)} values")
        self.name, self.labels, self.times, self.values, self.unit = name, labels, times, values, unit
