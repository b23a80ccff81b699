"""One frozen tree of settings, read once. Its descriptions are the reference; how a file becomes this tree is `sources/settings.py`."""

from datetime import timedelta
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from daytwo.model.tier import Class, Tier

ACTION_NAMES: Final = {"names": "actions"}
"""Marks what holds names of actions, so that a misspelt one is refused."""
ACTIONS_OR_OTHERS: Final = {"names": "actions or others"}
"""The same, where `*` may stand for every action that is not named."""
LEAST_A_SECOND: Final = {"least_seconds": 1}
"""Marks a duration that must not be nothing."""

Count = Annotated[int, Meta(ge=1)]
Share = Annotated[float, Meta(gt=0, le=1)]
OTHERS: Final = "*"
"""Stands for every action that is not named."""


class People(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """How many people must approve a step, who starts it included. More than one takes a ledger that they share (PostgreSQL)."""

    mutating: Annotated[Count, Meta(description="For a step that changes something and can be taken back.")] = 1
    destructive: Annotated[Count, Meta(description="For a step that cannot be taken back.")] = 1

    def needed(self, class_: Class) -> int:
        return {Class.READ: 0, Class.MUTATING: self.mutating, Class.DESTRUCTIVE: self.destructive}[class_]


class Ceilings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """Brakes that are always on. `daytwo brakes on` stops everything at once. An undo is warned by these, not stopped."""

    cooldown: Annotated[timedelta, Meta(description="How long a target is left alone after a run on it.")] = timedelta()
    runs_per_day: Annotated[Count | None, Meta(description="Most runs that may start within 24 hours, on all clusters.")] = None
    most_pods: Annotated[Count | None, Meta(description="Most pods that one run may end.")] = None
    most_nodes: Annotated[Count | None, Meta(description="Most nodes that one run may touch.")] = None
    most_share: Annotated[Share | None, Meta(description="Largest share of one workload's replicas that may be away at once.")] = None


class Acting(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """What may be changed, and who must agree."""

    allow_yes: Annotated[bool, Meta(description="Whether `--yes` may answer for a mutating step. It never does for a destructive one.")] = (
        True
    )
    people: People = People()
    enabled: Annotated[
        tuple[str, ...] | None, Meta(description="The actions that may be used; all where this is absent.", extra=ACTION_NAMES)
    ] = None
    tiers: Annotated[
        dict[str, Tier], Meta(description="Actions whose changes count as of at least this tier; none is lowered.", extra=ACTIONS_OR_OTHERS)
    ] = {}
    as_: Annotated[
        dict[str, str],
        Meta(
            description="The user whom an action impersonates, such as `system:serviceaccount:ops:drainer`; `*` for all others.",
            extra=ACTIONS_OR_OTHERS,
        ),
    ] = msgspec.field(default={}, name="as")
    brakes: Ceilings = Ceilings()

    def is_enabled(self, action: str) -> bool:
        return self.enabled is None or action in self.enabled

    def impersonated(self, action: str) -> str:
        """Whom this action acts as; empty: who one is."""
        return self.as_.get(action, self.as_.get(OTHERS, ""))


class Running(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """How runs are worked on."""

    at_once: Annotated[Count, Meta(description="Most runs that are worked on at the same time, by all workers together.")] = 10
    lease: Annotated[
        timedelta,
        Meta(
            description="How long a worker holds a run without a sign of life; after a crash another one takes over within this time.",
            extra=LEAST_A_SECOND,
        ),
    ] = timedelta(seconds=15)
    request_timeout: Annotated[
        timedelta, Meta(description="How long one request that changes something may take.", extra=LEAST_A_SECOND)
    ] = timedelta(seconds=30)


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """All settings. Each has a default that works."""

    ledger: Annotated[
        str,
        Meta(description="Where daytwo remembers: a file, or `postgresql://USER@HOST/DATABASE`; a file of the user's where it is absent."),
    ] = ""
    act: Acting = Acting()
    runs: Running = Running()
