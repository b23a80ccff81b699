"""The findings that share a cause, as a person would tell them: one line, since when, what changed, what to do."""

from datetime import datetime

import msgspec

from daytwo.model.command import Next
from daytwo.model.finding import Evidence, Finding, Since
from daytwo.model.ref import Ref
from daytwo.model.severity import Horizon, Severity


class ChangeSeen(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What happened just before a fault: a rollout, a scaling, an edit, a node event. `text` is without the time.

    Not `exact` means at `at` at the latest: what is left to see bounds it from above.
    """

    at: datetime
    text: str
    kind: str
    exact: bool = True
    who: str = ""


class Affected(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One workload that a problem touches: what is left of it, and where its pods run."""

    workload: Ref
    wanted: int
    ready: int
    exposure: str
    pods: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    services: tuple[str, ...] = ()


class Problem(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One cause and everything it owns. `id` is made of the cause alone, so it survives changes of its members."""

    id: str
    cause: Ref
    subject: str
    title: str
    severity: Severity
    horizon: Horizon
    why_horizon: str
    findings: tuple[Finding, ...]
    since: Since | None = None
    change: ChangeSeen | None = None
    know: tuple[Evidence, ...] = ()
    timeline: tuple[Evidence, ...] = ()
    affected: tuple[Affected, ...] = ()
    logs: tuple[str, ...] = ()
    next: Next = Next()
