"""How somebody wants to read a report: everything that does not come from the cluster."""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from daytwo.model.report import Mark, Report
from daytwo.model.severity import Horizon
from daytwo.render.clock import Clock


@dataclass(frozen=True, slots=True)
class View:
    """How to lay out, what to leave out, and what to call things.

    - `width` None leaves lines unwrapped, for pipes and files.
    - `limits` says in words what was not looked at on purpose; `paths` names what was looked at instead of a cluster, quoted for a shell.
    - `since` is what `new_only` compares with, as it was named; `nothing_asked` says why no check was asked, where none was.
    - `looked_at` differs from the report's own time when a recording is judged as of another moment.
    """

    zone: tzinfo = UTC
    width: int | None = None
    is_coloured: bool = False
    is_all: bool = False
    new_only: bool = False
    since: str = ""
    limits: str = ""
    nothing_asked: str = ""
    program: str = "daytwo"
    paths: str = ""
    looked_at: datetime | None = None

    def clock(self, report: Report) -> Clock:
        return Clock(report.taken_at, self.zone)

    def shows(self, report: Report, problem_id: str) -> bool:
        return not self.new_only or report.marks.get(problem_id) is Mark.NEW

    def most(self, horizon: Horizon) -> int | None:
        """How many problems of a horizon fit on the one screen."""
        return None if self.is_all else {Horizon.TODAY: 10, Horizon.WEEK: 15, Horizon.HYGIENE: 0}[horizon]
