"""The only things renderers know."""

from datetime import datetime
from enum import StrEnum

import msgspec

from daytwo.model.cluster import Cluster
from daytwo.model.exemption import Exemption
from daytwo.model.finding import Finding
from daytwo.model.gap import Gap
from daytwo.model.memory import Known
from daytwo.model.problem import Problem
from daytwo.model.severity import Verdict


class Mark(StrEnum):
    """A problem compared with an earlier look: new, still there, gone; or unknown, where nobody could look whether it is gone."""

    NEW = "new"
    STILL = "still"
    GONE = "gone"
    UNKNOWN = "unknown"


class Coverage(msgspec.Struct, frozen=True, gc=False):
    """Cells and wants answered, of those asked."""

    answered: int
    asked: int

    @property
    def ratio(self) -> float:
        return self.answered / self.asked if self.asked else 1.0


class Table(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A titled table of text cells; `numeric` names the columns that align right."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[str, ...] = ()


class GapSeen(msgspec.Struct, frozen=True, gc=False):
    """A gap with the checks that it leaves unknown. It is of the look where a read failed, else of a check that cannot conclude."""

    gap: Gap
    checks: tuple[str, ...]
    is_of_look: bool = True


class Report(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One look at one cluster: header, problems by horizon and severity, findings, gaps.

    `exempt` are fails that an exemption takes out of `findings`, `unused` the exemptions that met nothing, `verdicts` how many
    objects got which verdict, per check. Where `is_of_files`, the objects are those of `files` files, as somebody wants them.

    `marks` maps a problem's id to how it compares with an earlier look; `gone` holds that look's problems that are no more, and
    `unknown` those of which that cannot be told. `known` maps a problem's id to since when it is remembered.
    """

    title: str
    taken_at: datetime
    cluster: Cluster
    objects: int
    namespaces: int
    coverage: Coverage
    problems: tuple[Problem, ...] = ()
    findings: tuple[Finding, ...] = ()
    exempt: tuple[Finding, ...] = ()
    unused: tuple[Exemption, ...] = ()
    notes: tuple[str, ...] = ()
    verdicts: dict[str, dict[Verdict, int]] = {}
    profile: str = ""
    is_of_files: bool = False
    files: int = 0
    gaps: tuple[GapSeen, ...] = ()
    tables: tuple[Table, ...] = ()
    marks: dict[str, Mark] = {}
    gone: tuple[Problem, ...] = ()
    unknown: tuple[Problem, ...] = ()
    known: dict[str, Known] = {}
    compared_with: datetime | None = None

    def __repr__(self) -> str:
        # Short for the reason that a Snapshot's is: asyncio.run() tells its result.
        return f"<report of {self.title}: {len(self.problems)} problems, {len(self.findings)} findings>"
