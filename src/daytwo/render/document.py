"""The JSON documents: their fields are a promise. A field may be added within a version; none is renamed, dropped or given a new meaning.

Times are RFC 3339 in UTC, shares 0 to 1, commands argv lists. A field without a value is null or empty, never left out.
"""

from datetime import date, datetime
from typing import Literal

import msgspec

from daytwo.model.severity import Basis, Harm, Heading, Horizon, Severity

REVIEW_SCHEMA: Literal["daytwo.review/v1"] = "daytwo.review/v1"
PROBLEM_SCHEMA: Literal["daytwo.problem/v1"] = "daytwo.problem/v1"
CHECK_SCHEMA: Literal["daytwo.check/v1"] = "daytwo.check/v1"


class Object(msgspec.Struct, frozen=True):
    """An object of a cluster, or what only has a name: a missing object, an image, a registry. Cluster-scoped kinds have no namespace."""

    kind: str
    namespace: str
    name: str


class Began(msgspec.Struct, frozen=True):
    """When something began; not exact means at least since then: earlier evidence is no longer visible."""

    at: datetime
    exact: bool


class Fact(msgspec.Struct, frozen=True):
    """One fact seen in the cluster, with its time where it has one."""

    text: str
    at: datetime | None


class Change(msgspec.Struct, frozen=True):
    """What happened just before a fault; not exact means at `at` at the latest."""

    at: datetime
    exact: bool
    kind: str
    text: str
    who: str


class Touched(msgspec.Struct, frozen=True):
    """A workload that a problem touches: what is left of it and where its pods run."""

    workload: Object
    wanted: int
    ready: int
    exposure: str
    pods: tuple[str, ...]
    nodes: tuple[str, ...]
    zones: tuple[str, ...]
    services: tuple[str, ...]


class NextStep(msgspec.Struct, frozen=True):
    """What to do: one read that confirms, then at most one repair, as argv lists; `note` is the caveat, or why there is none."""

    confirm: tuple[str, ...] | None
    repair: tuple[str, ...] | None
    note: str


class FieldPlace(msgspec.Struct, frozen=True):
    """Where a field stands in a file; of rendered input, in what was rendered, and from which template.

    Not exact means the field is absent, and this is what it would stand in.
    """

    file: str
    line: int
    column: int
    template: str
    exact: bool


class Accepted(msgspec.Struct, frozen=True):
    """An exemption: which check, of what, why, whose decision, until which day, and where that is written."""

    check: str
    reason: str
    owner: str
    ticket: str
    expires: date | None
    place: str


class CheckFinding(msgspec.Struct, frozen=True):
    """A check's conclusion about one object. The fingerprint is stable over pod names, messages, times and clusters.

    - `verdict` is `fail` or `unknown`; `hidden_by` says what could not be read, for unknown.
    - `basis`: whether the check judges the `spec`, as written, or the `state` that a cluster shows.
    - `repairable`: whether `daytwo check --fix` can mend it in its file; `by_hand` says why not.
    - `lapsed`: the exemption that would have held, were it not over.
    """

    fingerprint: str
    check: str
    verdict: Literal["fail", "unknown"]
    severity: Severity
    heading: Heading
    harm: Harm
    subject: Object
    owner: Object
    item: str
    message: str
    path: str
    fix: str
    since: Began | None
    due: datetime | None
    evidence: tuple[Fact, ...]
    because: tuple[Object, ...]
    confirm: tuple[str, ...] | None
    hidden_by: str | None
    basis: Basis
    place: FieldPlace | None
    repairable: bool
    by_hand: str
    lapsed: Accepted | None


class Remembered(msgspec.Struct, frozen=True):
    """What the ledger knows of a problem from earlier looks: this time it began at `began_at`, the `times`-th time ever.

    Looks within 24 hours of its end are still the same time.
    """

    first_seen_at: datetime
    began_at: datetime
    times: int
    times_in_7_days: int


class OneProblem(msgspec.Struct, frozen=True):
    """The findings that share a cause. `id` is made of the cause alone; `number` is the place in this report.

    `mark` compares with an earlier look: new, still, gone, or unknown, where what would tell whether it is gone was not read; null
    where nothing was compared. `remembered` is null where no ledger was asked.
    """

    id: str
    number: int | None
    mark: Literal["new", "still", "gone", "unknown"] | None
    horizon: Horizon
    why_horizon: str
    severity: Severity
    subject: str
    cause: Object
    title: str
    since: Began | None
    due: datetime | None
    change: Change | None
    know: tuple[Fact, ...]
    timeline: tuple[Fact, ...]
    affected: tuple[Touched, ...]
    logs: tuple[str, ...]
    next: NextStep
    findings: tuple[CheckFinding, ...]
    remembered: Remembered | None


class Hidden(msgspec.Struct, frozen=True):
    """What could not be read, why, and the checks that leaves unknown. `kind` and `namespace` are empty where no single kind is hidden."""

    source: str
    wanted: str
    reason: str
    kind: str
    namespace: str
    checks: tuple[str, ...]


class Answered(msgspec.Struct, frozen=True):
    """Of all that was asked for, how much could be read."""

    answered: int
    asked: int
    ratio: float


class Looked(msgspec.Struct, frozen=True):
    """At which cluster, when, and with what: `uid` is that of namespace kube-system, `user` is who looked."""

    title: str
    cluster: str
    uid: str
    version: str
    user: str
    taken_at: datetime
    looked_at: datetime
    limits: str
    objects: int
    namespaces: int
    coverage: Answered
    daytwo: str


class Count(msgspec.Struct, frozen=True):
    """How many problems a horizon has, whether they are listed or not."""

    today: int
    this_week: int
    hygiene: int


class ReviewDocument(msgspec.Struct, frozen=True, rename={"schema_": "schema"}):
    """What `daytwo review -o json` writes: all problems of all horizons, in order of number.

    `gone` and `unknown` hold problems of the look compared with; from a look that the ledger remembers, without findings.
    """

    schema_: Literal["daytwo.review/v1"]
    look: Looked
    compared_with: datetime | None
    counts: Count
    problems: tuple[OneProblem, ...]
    gone: tuple[OneProblem, ...]
    unknown: tuple[OneProblem, ...]
    gaps: tuple[Hidden, ...]


class ProblemDocument(msgspec.Struct, frozen=True, rename={"schema_": "schema"}):
    """What `daytwo problem -o json` writes."""

    schema_: Literal["daytwo.problem/v1"]
    look: Looked
    problem: OneProblem


class ExemptFinding(msgspec.Struct, frozen=True):
    """A fail and why it is accepted."""

    finding: CheckFinding
    exemption: Accepted


class Verdicts(msgspec.Struct, frozen=True):
    """Of how many objects a check said what."""

    passed: int
    failed: int
    unknown: int
    not_applicable: int


class CheckDocument(msgspec.Struct, frozen=True, rename={"schema_": "schema"}):
    """What `daytwo check -o json` writes: failing findings, worst first, then unknown ones.

    `exempt` are fails that count for nothing, `unused_exemptions` what they met nothing with; `verdicts` is, per check that was asked,
    how many objects passed, failed, are unknown or not applicable; `notes` say what was read otherwise than it may seem.
    """

    schema_: Literal["daytwo.check/v1"]
    look: Looked
    profile: str
    files: int
    notes: tuple[str, ...]
    findings: tuple[CheckFinding, ...]
    exempt: tuple[ExemptFinding, ...]
    unused_exemptions: tuple[Accepted, ...]
    verdicts: dict[str, Verdicts]
    gaps: tuple[Hidden, ...]
