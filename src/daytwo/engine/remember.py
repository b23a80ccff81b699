"""What a review remembers: each look's conclusion goes into the ledger, and is compared with an earlier one.

The ledger is opened and asked in a thread beside the reading of the cluster, and nobody waits long for it.
"""

import asyncio
import signal
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from datetime import datetime, timedelta
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from daytwo.engine.review import Reviewed, asks_for, touched
from daytwo.model.errors import UsageError
from daytwo.model.finding import Finding
from daytwo.model.memory import BlindSpot, Breadth, Conclusion, Episode, Known, LookBefore, Past, ProblemNote
from daytwo.model.problem import Problem
from daytwo.model.report import Mark, Report
from daytwo.model.scope import Filters
from daytwo.model.severity import Verdict

if TYPE_CHECKING:
    from daytwo.ledger.database import Ledger

T = TypeVar("T")

PATIENCE: Final = timedelta(seconds=5)
"""How long a look waits for the ledger, once the cluster is read."""

REST: Final = timedelta(minutes=5)
"""Who looks again and again writes a look that concluded the same as the last one this often."""

_CLOSING_SECONDS: Final = 1.0


def conclude(whole: Reviewed, filters: Filters, by: str) -> Conclusion:
    """All that a look concluded, whatever of it the report shows."""
    names = frozenset(check.name for check in whole.checks)
    unknown = [finding for finding in whole.judgement.findings if finding.verdict is Verdict.UNKNOWN]
    return Conclusion(
        cluster=whole.report.cluster.uid or whole.report.cluster.name,
        name=whole.report.cluster.name,
        at=whole.report.taken_at,
        by=by,
        breadth=Breadth(tuple(sorted(filters.namespaces)), tuple(sorted(names)) if filters.only or filters.skip else None),
        ran=names,
        problems=tuple(map(_note, whole.problems)),
        blind=tuple(sorted({BlindSpot(finding.check, finding.open_in) for finding in unknown})),
        unread=tuple(sorted({gap.cell for gap in whole.snapshot.gaps if gap.cell is not None})),
    )


def compare(whole: Reviewed, filters: Filters, conclusion: Conclusion, before: LookBefore, episodes: Mapping[str, Episode]) -> Report:
    """The report with each problem marked new or still, and with those that were there before: gone, or nobody knows.

    `episodes` are the newest ones of the problems of that look. Of labels (`-l`) only those of objects that are still there are known.
    """
    there = {problem.id for problem in whole.problems}
    missing = [episodes[id] for id in before.problems - there if id in episodes and asks_for(whole, filters, episodes[id].note)]
    missing.sort(key=lambda one: (one.note.horizon.rank, one.note.severity.rank, one.note.subject, one.note.id))
    gone = [one for one in missing if one.ended_at is not None or conclusion.would_tell(one.note)]
    return msgspec.structs.replace(
        whole.report,
        marks={problem.id: Mark.STILL if problem.id in before.problems else Mark.NEW for problem in whole.report.problems},
        gone=tuple(_remembered(one.note) for one in gone),
        unknown=tuple(_remembered(one.note) for one in missing if one not in gone),
        compared_with=before.at,
    )


def _note(problem: Problem) -> ProblemNote:
    return ProblemNote(
        id=problem.id,
        cause=problem.cause,
        subject=problem.subject,
        title=problem.title,
        severity=problem.severity,
        horizon=problem.horizon,
        touched=tuple(sorted(touched(problem))),
        checks=tuple(sorted({finding.check for finding in problem.findings})),
    )


def _remembered(note: ProblemNote) -> Problem:
    """As much of a problem as is left of it."""
    findings: tuple[Finding, ...] = ()
    return Problem(note.id, note.cause, note.subject, note.title, note.severity, note.horizon, "", findings)


class Memory:
    """The ledger beside the looks of one command. One that cannot be reached is remarked on once, and is no fault of the review.

    - `past` says for the time of a look with which earlier one to compare it; where that cannot be told, `told` raises UsageError.
    - With `is_written` False nothing is remembered, only recalled.
    """

    def __init__(
        self,
        open: "Callable[[], Ledger]",
        remark: Callable[[str], None],
        by: Callable[[], str],
        *,
        is_written: bool = True,
        past: Callable[[datetime], Past] | None = None,
        patience: timedelta = PATIENCE,
    ) -> None:
        self._open = open
        self._remark = remark
        self._by = by
        self._is_written = is_written
        self._past = past
        self._patience_seconds = patience.total_seconds()
        self._ledger: Ledger | None = None
        self._has_remarked = False
        self._before: tuple[LookBefore, Mapping[str, Episode]] | None = None
        self._written: tuple[Conclusion, dict[str, Known]] | None = None
        self._aside = _Aside()

    def begin(self) -> None:
        """Opens the ledger, which takes as long as reading a small cluster. Failing is told when there is something to write."""
        self._aside.run(self._opened)

    @property
    def is_compared(self) -> bool:
        """Whether looks are compared with an earlier one of the ledger."""
        return self._past is not None

    async def told(self, whole: Reviewed, filters: Filters) -> Report:
        """The report with what is known of its problems from before; the look is remembered."""
        conclusion = conclude(whole, filters, whole.report.cluster.user or self._by())
        found, failure = await self._look_up(conclusion)
        known = await self._known(conclusion)
        if failure is not None:
            # The look is remembered all the same: next time there is something to compare with.
            raise failure
        report = compare(whole, filters, conclusion, *found) if found is not None else whole.report
        shown = {problem.id for problem in report.problems}
        return msgspec.structs.replace(report, known={id: one for id, one in known.items() if id in shown})

    async def close(self) -> None:
        """Waits a little for the ledger to be closed in order; the end of the process closes it otherwise."""
        with suppress(TimeoutError):
            await self._wait(self._aside.run(self._close), _CLOSING_SECONDS)

    async def _look_up(self, conclusion: Conclusion) -> tuple[tuple[LookBefore, Mapping[str, Episode]] | None, UsageError | None]:
        """The look to compare with, found once however often this command looks; else why not."""
        if self._past is None:
            return None, None
        if self._before is None:
            try:
                past = self._past(conclusion.at)
                self._before = await self._ask(lambda ledger: _before(ledger, conclusion, past))
            except UsageError as error:
                return None, UsageError(f"--since: {error}")
        return self._before, None

    async def _known(self, conclusion: Conclusion) -> dict[str, Known]:
        if self._written is not None and _is_alike(self._written[0], conclusion):
            return self._written[1]
        try:
            known = await self._ask(lambda ledger: _write(ledger, conclusion) if self._is_written else _read(ledger, conclusion))
        except UsageError as error:
            if not self._has_remarked:
                self._remark(f"this review is not remembered: {error}" if self._is_written else f"nothing is remembered: {error}")
            self._has_remarked = True
            return {}
        self._written = (conclusion, known)
        return known

    async def _ask(self, job: "Callable[[Ledger], T]") -> T:
        try:
            return await self._wait(self._aside.run(lambda: job(self._opened())), self._patience_seconds)
        except TimeoutError:
            raise UsageError(f"the ledger did not answer within {self._patience_seconds:g} s") from None

    async def _wait(self, future: "Future[T]", seconds: float) -> T:
        return await asyncio.wait_for(asyncio.wrap_future(future), seconds)

    def _close(self) -> None:
        if self._ledger is not None:
            self._ledger.close()

    def _opened(self) -> "Ledger":
        if self._ledger is None:
            self._ledger = self._open()
        return self._ledger


def _before(ledger: "Ledger", conclusion: Conclusion, past: Past) -> tuple[LookBefore, Mapping[str, Episode]]:
    from daytwo.ledger.memory import episodes_of, look_before, oldest_look

    before = look_before(ledger, conclusion.cluster, conclusion.breadth, past)
    if before is not None:
        return before, episodes_of(ledger, conclusion.cluster, before.problems)
    oldest = oldest_look(ledger, conclusion.cluster, conclusion.breadth)
    what = "look at this cluster" if conclusion.breadth.is_whole else "look at this cluster that saw as much as this one"
    if oldest is None:
        raise UsageError(f"no earlier {what} is remembered; this one is now, as each `daytwo review` will be")
    raise UsageError(f"no {what} is remembered from that long ago; the first one was at {oldest:%Y-%m-%dT%H:%M:%SZ}: write that time")


def _write(ledger: "Ledger", conclusion: Conclusion) -> dict[str, Known]:
    from daytwo.ledger.memory import remember

    return remember(ledger, conclusion)


def _read(ledger: "Ledger", conclusion: Conclusion) -> dict[str, Known]:
    from daytwo.ledger.memory import recall

    return recall(ledger, conclusion)


def _is_alike(written: Conclusion, conclusion: Conclusion) -> bool:
    """Whether a look adds nothing to what was just written."""
    same = {note.id for note in written.problems} == {note.id for note in conclusion.problems}
    return same and written.blind == conclusion.blind and written.unread == conclusion.unread and conclusion.at - written.at < REST


class _Aside:
    """One thread that does what it is given, in order. Nobody waits for its end: a database that hangs must not hold a command up."""

    def __init__(self) -> None:
        self._jobs: SimpleQueue[Callable[[], None]] = SimpleQueue()
        # A signal that lands in this thread would not wake the event loop: Ctrl-C would wait for the cluster. Threads inherit the mask.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        try:
            Thread(target=self._work, name="ledger", daemon=True).start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def run(self, job: Callable[[], T]) -> "Future[T]":
        future: Future[T] = Future()

        def work() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(job())
            except BaseException as error:  # noqa: BLE001 - handed over to whoever waits for the result
                future.set_exception(error)

        self._jobs.put(work)
        return future

    def _work(self) -> None:
        while True:
            self._jobs.get()()
