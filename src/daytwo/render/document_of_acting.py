"""The JSON documents of acting: plans and runs. The same promise as in `document.py`: fields are added, never renamed or dropped."""

from datetime import datetime
from typing import Literal

import msgspec

from daytwo.model.json import Json
from daytwo.model.outcome import Status
from daytwo.model.ruling import Answer, Consent
from daytwo.model.run import RunState, StepState
from daytwo.model.tier import Class, Tier

PLAN_SCHEMA: Literal["daytwo.plan/v1"] = "daytwo.plan/v1"
RUN_SCHEMA: Literal["daytwo.run/v1"] = "daytwo.run/v1"
RUNS_SCHEMA: Literal["daytwo.runs/v1"] = "daytwo.runs/v1"


class OnCluster(msgspec.Struct, frozen=True):
    """`uid` is that of namespace kube-system; `name` the context's."""

    name: str
    uid: str


class Who(msgspec.Struct, frozen=True):
    """Who acts, how we know, and as whom in their stead (impersonation)."""

    name: str
    origin: str
    through: str


class On(msgspec.Struct, frozen=True):
    """One object; its uid is empty where it need not exist."""

    kind: str
    namespace: str
    name: str
    uid: str
    subresource: str


class Field(msgspec.Struct, frozen=True):
    """One field by JSON pointer; null is absent. Sensitive values are masked."""

    path: str
    old: Json
    new: Json


class Rehearsal(msgspec.Struct, frozen=True):
    """What the server-side dry run shows: fields asked for, and those that admission changes besides; `unknown` is why it shows nothing."""

    asked: tuple[Field, ...]
    besides: tuple[Field, ...]
    warnings: tuple[str, ...]
    unknown: str


class PlannedStep(msgspec.Struct, frozen=True, rename={"class_": "class"}):
    """One change. `digest` is what an approval of it covers."""

    title: str
    class_: Class
    form: str
    target: On | None
    argv: tuple[str, ...] | None
    deadline_seconds: float
    undo: str
    no_undo: str
    diff: Rehearsal
    digest: str


class Radius(msgspec.Struct, frozen=True):
    """How much is touched; `share_ratio` of one workload's replicas may be away at the same time."""

    pods: int
    nodes: int
    workloads: int
    share_ratio: float


class Reverter(msgspec.Struct, frozen=True):
    """Who would revert the change, when, how we know, and what to do instead; `is_later`: only whoever deploys next overwrites it."""

    who: str
    what: str
    evidence: str
    instead: str
    is_later: bool


class WhyRuled(msgspec.Struct, frozen=True):
    rule: str
    answer: Answer
    text: str


class Ruled(msgspec.Struct, frozen=True):
    """What policy says. So many `people` must approve; `consent` is what a terminal asks for; `no_yes` is why --yes will not do."""

    answer: Answer
    people: int
    consent: Consent
    no_yes: str
    reasons: tuple[WhyRuled, ...]


class PlannedCall(msgspec.Struct, frozen=True, rename={"class_": "class"}):
    """One action on one target. `already`: nothing is to be done, and how we know; `blocked`: why it cannot work."""

    action: str
    target: On | None
    parameters: dict[str, Json]
    title: str
    class_: Class
    tier: Tier
    steps: tuple[PlannedStep, ...]
    blast_radius: Radius
    effects: tuple[str, ...]
    fighters: tuple[Reverter, ...]
    warnings: tuple[str, ...]
    unknowns: tuple[str, ...]
    undo: str
    no_undo: str
    already: str
    blocked: str
    ruling: Ruled


class PlanDocument(msgspec.Struct, frozen=True, rename={"schema_": "schema"}):
    """What `daytwo act … --dry-run -o json` writes. `undoes` is the run that is taken back."""

    schema_: Literal["daytwo.plan/v1"]
    cluster: OnCluster
    person: Who
    undoes: str
    answer: Answer
    calls: tuple[PlannedCall, ...]


class Ended(msgspec.Struct, frozen=True):
    """`unknown`: it may have been stored."""

    status: Status
    at: datetime
    detail: str


class Try(msgspec.Struct, frozen=True):
    """One attempt: the intent was recorded at `at`, before anything was sent; no outcome yet is null."""

    number: int
    at: datetime
    digest: str
    outcome: Ended | None


class RunStage(msgspec.Struct, frozen=True):
    """A change or a timer. `undoes` is the number of the stage that it takes back."""

    number: int
    kind: Literal["act", "pause"]
    title: str
    action: str
    target: On | None
    state: StepState
    detail: str
    undoes: int | None
    people: int
    due_at: datetime | None
    finished_at: datetime | None
    attempts: tuple[Try, ...]


class WaitsFor(msgspec.Struct, frozen=True):
    """`approval`, `answer`, `timer`, `lock` or `brakes`."""

    kind: str
    text: str
    stage: int
    digest: str
    until: datetime | None


class Approved(msgspec.Struct, frozen=True):
    digest: str
    person: Who
    at: datetime
    why: str


class OneRun(msgspec.Struct, frozen=True):
    """One run as it stands."""

    id: str
    state: RunState
    title: str
    cluster: OnCluster
    person: Who
    why: str
    undoes: str
    created_at: datetime
    finished_at: datetime | None
    waiting: WaitsFor | None
    stages: tuple[RunStage, ...]
    approvals: tuple[Approved, ...]


class RunDocument(msgspec.Struct, frozen=True, rename={"schema_": "schema"}):
    """What `daytwo act`, `daytwo undo` and `daytwo runs show` write with -o json."""

    schema_: Literal["daytwo.run/v1"]
    run: OneRun


class RunsDocument(msgspec.Struct, frozen=True, rename={"schema_": "schema"}):
    """What `daytwo runs list -o json` writes, the newest first."""

    schema_: Literal["daytwo.runs/v1"]
    runs: tuple[OneRun, ...]
