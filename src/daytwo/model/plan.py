"""What a call would do, before anything is done."""

import msgspec

from daytwo.model.call import Call
from daytwo.model.json import Json
from daytwo.model.step import Step
from daytwo.model.tier import Class, Tier


class BlastRadius(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """How much is touched: pods that end or restart in all, nodes, workloads.

    `share_ratio` is the share of one workload's replicas that may be away at the same time, 0 to 1; the largest of them.
    """

    pods: int = 0
    nodes: int = 0
    workloads: int = 0
    share_ratio: float = 0.0


class Fighter(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Who would revert the change, when, how we know, and what to do instead.

    `is_later`: nobody reverts it by himself; whoever deploys next overwrites it.
    """

    who: str
    what: str
    evidence: str
    instead: str = ""
    is_later: bool = False


class FieldDiff(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One field as it is and as the API server's dry run says it would be; sensitive values are masked."""

    path: str
    old: Json = None
    new: Json = None


class Diff(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What the server-side dry run of one step shows: fields asked for, and those that admission changed besides.

    `unknown` says why there is no diff: hidden is unknown, never empty.
    """

    asked: tuple[FieldDiff, ...] = ()
    besides: tuple[FieldDiff, ...] = ()
    warnings: tuple[str, ...] = ()
    unknown: str = ""


class Plan(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The steps of one call in order, what they touch, who would fight them.

    `already` says that nothing is to be done and how we know; then there are no steps. `blocked` says why it cannot work, and what
    to do. `effects` are consequences that no diff shows ("2 pods start"), `unknowns` what could not be seen. `tier` is raised, never
    lowered, by policy. `undo` in words; empty when it cannot be undone, and then `no_undo` says why.
    """

    call: Call
    title: str
    steps: tuple[Step, ...] = ()
    class_: Class = msgspec.field(default=Class.MUTATING, name="class")
    tier: Tier = Tier.T1
    blast: BlastRadius = BlastRadius()
    effects: tuple[str, ...] = ()
    fighters: tuple[Fighter, ...] = ()
    warnings: tuple[str, ...] = ()
    unknowns: tuple[str, ...] = ()
    undo: str = ""
    no_undo: str = ""
    already: str = ""
    blocked: str = ""
