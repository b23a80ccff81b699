"""What looks concluded: which problems are there since when, how often they came back, and what an earlier look knew.

Kept per cluster as looks and episodes of problems; each change writes its event in the same transaction.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, Update, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from daytwo.ledger.database import Ledger, Transaction
from daytwo.ledger.tables import episode, head, look
from daytwo.ledger.unavailable import LedgerBusy
from daytwo.model.json import Json
from daytwo.model.memory import SAME_EPISODE, WEEK, Breadth, Conclusion, Episode, Known, LookBefore, Past, ProblemNote
from daytwo.model.ref import Ref
from daytwo.model.severity import Horizon, Severity

LONGEST_SPAN: Final = timedelta(hours=1)
"""Looks in a row that conclude the same are one row for this long, and one event."""

OVERLAP: Final = timedelta(hours=1)
"""A look older than the newest by less than this overlapped with it. By more, a clock was wrong; the newer one is believed no longer."""

HOURLY_AFTER: Final = timedelta(days=7)
DAILY_AFTER: Final = timedelta(days=90)
KEPT: Final = timedelta(days=400)
"""Older looks are thinned out to the last of each hour, then of each day; what is older than `KEPT` is forgotten."""

UNSEEN: Final = timedelta(days=30)
"""A problem that no look could tell for this long is over for all that anybody knows."""

_ROWS: Final = 1_000


def remember(ledger: Ledger, conclusion: Conclusion) -> dict[str, Known]:
    """Stores what a look concluded, in one transaction, and returns since when each of its problems is known, by id.

    A look that is older than one that is remembered already changes nothing. Raises LedgerUnavailable.
    """
    try:
        return ledger.transact(lambda transaction: _Remembering(transaction, conclusion).remember())
    except IntegrityError as error:
        raise LedgerBusy(f"{ledger.place}: somebody else wrote the same just now; look again") from error


def recall(ledger: Ledger, conclusion: Conclusion) -> dict[str, Known]:
    """Since when each problem of this look is known, by id, without remembering the look; what is not known yet is left out."""
    with ledger.read() as connection:
        episodes = _Episodes(connection, conclusion)
    return {note.id: episodes.known(note.id) for note in conclusion.problems if episodes.continues(note.id) is not None}


def look_before(ledger: Ledger, cluster: str, breadth: Breadth, past: Past) -> LookBefore | None:
    """The look to compare with: one that covers the breadth. None when there is none that long ago."""
    with ledger.read() as connection:
        if past.day is not None:
            start, end = past.day
            of_day = _looks(connection, cluster, breadth, look.c.at < end, look.c.until >= start)
            nearest = min(of_day, key=lambda one: one.distance(past.at), default=None)
            if nearest is not None:
                return LookBefore(nearest.within(past.at), _problems(connection, cluster, nearest))
            past = Past(start)
        found = next(_looks(connection, cluster, breadth, look.c.at <= past.at), None)
        return LookBefore(found.within(past.at), _problems(connection, cluster, found)) if found is not None else None


def oldest_look(ledger: Ledger, cluster: str, breadth: Breadth) -> datetime | None:
    """When the memory begins, for looks that cover the breadth."""
    with ledger.read() as connection:
        return min((found.at for found in _looks(connection, cluster, breadth)), default=None)


def episodes_of(ledger: Ledger, cluster: str, problems: Iterable[str]) -> dict[str, Episode]:
    """The newest episode of each of these problems, by id."""
    newest: dict[str, Episode] = {}
    wanted = sorted(problems)
    with ledger.read() as connection:
        for start in range(0, len(wanted), _ROWS):
            chosen = episode.c.problem.in_(wanted[start : start + _ROWS])
            rows = connection.execute(select(episode).where(episode.c.cluster == cluster, chosen).order_by(episode.c.number))
            newest.update((row.problem, _episode(row)) for row in rows)
    return newest


# -- one look ---------------------------------------------------------------------------------------------------------


class _Remembering:
    """One look, within its transaction."""

    def __init__(self, transaction: Transaction, conclusion: Conclusion) -> None:
        self._transaction = transaction
        self._connection = transaction.connection
        self._look = conclusion

    def remember(self) -> dict[str, Known]:
        # Two looks at one cluster take turns: whoever appends holds the head until the end of the transaction.
        self._connection.execute(select(head.c.seq).with_for_update())
        last = self._last_look()
        if last is not None and timedelta() < last.until - self._look.at < OVERLAP:
            episodes = _Episodes(self._connection, self._look)
            return {note.id: episodes.known(note.id) for note in self._look.problems if episodes.continues(note.id) is not None}
        if last is None or last.until.date() != self._look.at.date():
            self._forget()
        episodes = _Episodes(self._connection, self._look)
        self._go_on(episodes)
        self._begin(episodes)
        self._end(episodes)
        episodes = _Episodes(self._connection, self._look)
        self._note_look(last, episodes)
        return {note.id: episodes.known(note.id) for note in self._look.problems}

    def _go_on(self, episodes: "_Episodes") -> None:
        """The episodes of problems that are still there, or back so soon that they were never really gone."""
        going_on = [(note, found) for note in self._look.problems if (found := episodes.continues(note.id)) is not None]
        for note, found in going_on:
            if found.ended_at is not None:
                gone: dict[str, Json] = {"gone_since": _told(found.ended_at), "began_at": _told(found.began_at)}
                self._append("problem_returned", note, found.number, gone)
        self._write(
            update(episode).where(*_KEY).values(last_seen_at=self._look.at, ended_at=None),
            [{"_problem": note.id, "_number": found.number} for note, found in going_on],
        )
        # What was not looked at would be missing from the note of a narrower look.
        changed = [(note, found) for note, found in going_on if self._look.breadth.is_whole and found.note != note]
        self._write(
            update(episode).where(*_KEY),
            [{"_problem": note.id, "_number": found.number, **_columns(note)} for note, found in changed],
        )

    def _begin(self, episodes: "_Episodes") -> None:
        notes = [note for note in self._look.problems if episodes.continues(note.id) is None]
        before = _times_before(self._connection, self._look.cluster, [note.id for note in notes])
        rows: list[dict[str, object]] = []
        for note in notes:
            times, first_seen_at = before.get(note.id, (0, self._look.at))
            rows.append(
                {
                    "cluster": self._look.cluster,
                    "problem": note.id,
                    "number": times + 1,
                    "first_seen_at": first_seen_at,
                    "began_at": self._look.at,
                    "last_seen_at": self._look.at,
                    "ended_at": None,
                    **_columns(note),
                }
            )
            self._append("problem_began", note, times + 1, {"horizon": note.horizon, "severity": note.severity, "title": note.title})
        if rows:
            self._connection.execute(insert(episode), rows)

    def _end(self, episodes: "_Episodes") -> None:
        """The episodes of problems that this look would have told."""
        there = {note.id for note in self._look.problems}
        over = [one for one in episodes.open() if one.note.id not in there and self._look.would_tell(one.note)]
        self._close(over, {})

    def _close(self, over: Sequence[Episode], why: dict[str, Json]) -> None:
        for one in over:
            self._append("problem_ended", one.note, one.number, {"began_at": _told(one.began_at), **why})
        self._write(
            update(episode).where(*_KEY).values(ended_at=self._look.at),
            [{"_problem": one.note.id, "_number": one.number} for one in over],
        )

    def _note_look(self, last: "_Stretch | None", episodes: "_Episodes") -> None:
        cluster, breadth = self._look.cluster, msgspec.to_builtins(self._look.breadth)
        problems = " ".join(sorted(one.note.id for one in episodes.open()))
        alike = self._last_look(look.c.breadth == breadth, look.c.problems == problems)
        newest = self._last_look(look.c.breadth == breadth)
        if alike is not None and alike == newest and timedelta() <= self._look.at - alike.at < LONGEST_SPAN:
            this = (look.c.cluster == cluster, look.c.number == alike.number)
            self._connection.execute(update(look).where(*this).values(until=self._look.at, times=look.c.times + 1))
            return
        row = {
            "cluster": cluster,
            "number": last.number + 1 if last is not None else 1,
            "name": self._look.name,
            "at": self._look.at,
            "until": self._look.at,
            "times": 1,
            "by": self._look.by,
            "breadth": breadth,
            "problems": problems,
        }
        self._connection.execute(insert(look).values(row))
        data: dict[str, Json] = {
            "name": self._look.name,
            "looked_at": _told(self._look.at),
            "breadth": breadth,
            "problems": {horizon: sum(note.horizon is horizon for note in self._look.problems) for horizon in Horizon},
            "unknown_checks": len({spot.check for spot in self._look.blind}),
        }
        self._transaction.append(self._look.by, cluster, "look_concluded", data)

    def _forget(self) -> None:
        """Once a day: old looks are thinned out, and what nobody could tell for long is over."""
        now, cluster = self._look.at, self._look.cluster
        for since, until, seconds in ((now - DAILY_AFTER, now - HOURLY_AFTER, 3_600), (now - KEPT, now - DAILY_AFTER, 86_400)):
            kept: set[tuple[str, int]] = set()
            spare: list[int] = []
            rows = self._connection.execute(
                select(look.c.number, look.c.at, look.c.breadth)
                .where(look.c.cluster == cluster, look.c.at >= since, look.c.at < until)
                .order_by(look.c.number.desc())
            )
            for row in rows:
                stretch = (repr(row.breadth), int(row.at.timestamp() // seconds))
                if stretch in kept:
                    spare.append(row.number)
                kept.add(stretch)
            for start in range(0, len(spare), _ROWS):
                numbers = spare[start : start + _ROWS]
                self._connection.execute(delete(look).where(look.c.cluster == cluster, look.c.number.in_(numbers)))
        self._connection.execute(delete(look).where(look.c.cluster == cluster, look.c.until < now - KEPT))
        self._connection.execute(delete(episode).where(episode.c.cluster == cluster, episode.c.ended_at < now - KEPT))
        unseen = self._connection.execute(
            select(episode).where(episode.c.cluster == cluster, episode.c.ended_at.is_(None), episode.c.last_seen_at < now - UNSEEN)
        )
        there = {note.id for note in self._look.problems}
        self._close([_episode(row) for row in unseen if row.problem not in there], {"why": f"not told for {UNSEEN.days} days"})

    def _last_look(self, *conditions: ColumnElement[bool]) -> "_Stretch | None":
        return next(_stretches(self._connection, self._look.cluster, *conditions, most=1), None)

    def _append(self, kind: str, note: ProblemNote, number: int, more: dict[str, Json]) -> None:
        data: dict[str, Json] = {"problem": note.id, "subject": note.subject, "number": number, **more}
        self._transaction.append(self._look.by, self._look.cluster, kind, data)

    def _write(self, statement: Update, rows: list[dict[str, object]]) -> None:
        if rows:
            self._connection.execute(statement, [{"_cluster": self._look.cluster, **row} for row in rows])


_KEY: Final = (
    episode.c.cluster == bindparam("_cluster"),
    episode.c.problem == bindparam("_problem"),
    episode.c.number == bindparam("_number"),
)


# -- reading ----------------------------------------------------------------------------------------------------------


class _Episodes:
    """The episodes of a cluster that are open or ended within a week before a look."""

    def __init__(self, connection: Connection, conclusion: Conclusion) -> None:
        self._at = conclusion.at
        self._by_problem: dict[str, list[Episode]] = {}
        rows = connection.execute(
            select(episode)
            .where(episode.c.cluster == conclusion.cluster, episode.c.ended_at.is_(None) | (episode.c.ended_at >= self._at - WEEK))
            .order_by(episode.c.problem, episode.c.number)
        )
        for row in rows:
            self._by_problem.setdefault(row.problem, []).append(_episode(row))

    def open(self) -> Iterator[Episode]:
        return (found[-1] for found in self._by_problem.values() if found[-1].ended_at is None)

    def continues(self, problem: str) -> Episode | None:
        """The episode that a problem belongs to if it is there now."""
        found = self._by_problem.get(problem)
        if found is None:
            return None
        ended_at = found[-1].ended_at
        return found[-1] if ended_at is None or self._at - ended_at <= SAME_EPISODE else None

    def known(self, problem: str) -> Known:
        found = self._by_problem[problem]
        return Known(found[-1].first_seen_at, found[-1].began_at, found[-1].number, len(found))


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A row of looks in a row that concluded the same, without what that is."""

    number: int
    at: datetime
    until: datetime
    breadth: Breadth

    def within(self, moment: datetime) -> datetime:
        """When the last of these looks was, as of a moment that is not before them."""
        return max(self.at, min(self.until, moment))

    def distance(self, moment: datetime) -> timedelta:
        return abs(moment - self.within(moment))


def _stretches(connection: Connection, cluster: str, *conditions: ColumnElement[bool], most: int | None = None) -> Iterator[_Stretch]:
    """Newest first."""
    rows = connection.execute(
        select(look.c.number, look.c.at, look.c.until, look.c.breadth)
        .where(look.c.cluster == cluster, *conditions)
        .order_by(look.c.number.desc())
        .limit(most)
    )
    return (_Stretch(row.number, row.at, row.until, msgspec.convert(row.breadth, Breadth)) for row in rows)


def _looks(connection: Connection, cluster: str, breadth: Breadth, *conditions: ColumnElement[bool]) -> Iterator[_Stretch]:
    """The looks that cover a breadth, newest first."""
    return (found for found in _stretches(connection, cluster, *conditions) if found.breadth.covers(breadth))


def _problems(connection: Connection, cluster: str, stretch: _Stretch) -> frozenset[str]:
    found = connection.scalar(select(look.c.problems).where(look.c.cluster == cluster, look.c.number == stretch.number))
    return frozenset((found or "").split())


def _times_before(connection: Connection, cluster: str, problems: Sequence[str]) -> dict[str, tuple[int, datetime]]:
    """How many episodes each of these problems has had, and when it was seen first; those that had none are left out."""
    found: dict[str, tuple[int, datetime]] = {}
    for start in range(0, len(problems), _ROWS):
        rows = connection.execute(
            select(episode.c.problem, func.max(episode.c.number).label("number"), func.min(episode.c.first_seen_at).label("first_seen_at"))
            .where(episode.c.cluster == cluster, episode.c.problem.in_(problems[start : start + _ROWS]))
            .group_by(episode.c.problem)
        )
        found.update((row.problem, (row.number, row.first_seen_at)) for row in rows)
    return found


def _columns(note: ProblemNote) -> dict[str, object]:
    return {
        "subject": note.subject,
        "title": note.title,
        "severity": note.severity,
        "horizon": note.horizon,
        "cause": _named(note.cause),
        "touched": [_named(ref) for ref in note.touched],
        "checks": list(note.checks),
    }


def _episode(row: Any) -> Episode:  # a row of `episode`, whose columns SQLAlchemy does not type
    note = ProblemNote(
        id=row.problem,
        cause=Ref(*row.cause),
        subject=row.subject,
        title=row.title,
        severity=Severity(row.severity),
        horizon=Horizon(row.horizon),
        touched=tuple(Ref(*ref) for ref in row.touched),
        checks=tuple(row.checks),
    )
    return Episode(note, row.number, row.first_seen_at, row.began_at, row.last_seen_at, row.ended_at)


def _named(ref: Ref) -> list[str]:
    return [ref.kind, ref.namespace, ref.name]


def _told(moment: datetime) -> str:
    return moment.isoformat()
