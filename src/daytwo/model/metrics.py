"""metrics.k8s.io: one sample of what pods and nodes use."""

from typing import ClassVar

import msgspec

from daytwo.model.metadata import Resource
from daytwo.model.moment import Moment, bound_times


class PodMetricsContainer(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    name: str = ""
    usage: dict[str, str | int | float] = {}


class PodMetrics(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "PodMetrics"

    timestamp: Moment | None = None
    containers: tuple[PodMetricsContainer, ...] = ()

    def __post_init__(self) -> None:
        bound_times(self, "timestamp")


class NodeMetrics(Resource, frozen=True, omit_defaults=True, rename="camel", gc=False, kw_only=True):
    KIND: ClassVar[str] = "NodeMetrics"

    timestamp: Moment | None = None
    usage: dict[str, str | int | float] = {}

    def __post_init__(self) -> None:
        bound_times(self, "timestamp")
