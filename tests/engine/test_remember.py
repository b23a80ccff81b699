"""What a review remembers: conclusions whatever is shown, comparisons that never call hidden gone, and a ledger that hinders nobody."""

import asyncio
import time
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Event

import msgspec
import pytest
from sqlalchemy import func, select

from daytwo.engine.remember import Memory, compare, conclude
from daytwo.engine.review import Reviewed, asks_for, reviewed
from daytwo.ledger.database import Ledger
from daytwo.ledger.events import read_events
from daytwo.ledger.tables import look
from daytwo.ledger.unavailable import LedgerBusy
from daytwo.model.cluster import Cluster
from daytwo.model.errors import UsageError
from daytwo.model.gap import Gap
from daytwo.model.memory import Breadth, Episode, LookBefore, Past
from daytwo.model.ref import Cell, Ref
from daytwo.model.report import Mark, Report
from daytwo.model.scope import Filters
from daytwo.model.selector import parse_selector
from daytwo.model.severity import Horizon, Severity
from tests.conftest import NewLedger
from tests.engine.test_review import lost_claim, troubled

EVERYTHING = Filters()
NOW = datetime.fromisoformat("2026-11-20T08:00:00Z")
LOST = "storage/claim-lost"


def seen(*names: str, unread: tuple[str, ...] = (), filters: Filters = EVERYTHING, minutes: float = 0) -> Reviewed:
    """A look at the shop with a crash-looping web and these lost claims."""
    snapshot = troubled(*map(lost_claim, names), unread=unread)
    return reviewed(replace(snapshot, taken_at=NOW + timedelta(minutes=minutes)), filters)


def ids(whole: Reviewed) -> dict[str, str]:
    return {problem.subject: problem.id for problem in whole.problems}


def test_everything_is_remembered_whatever_the_report_shows() -> None:
    """Labels and severities only choose what to show; namespaces and checks say how far the look went."""
    whole = conclude(seen("db"), Filters(), "anna")
    narrow = Filters(selector=parse_selector("team=other"), min_severity=Severity.CRITICAL)
    assert conclude(seen("db", filters=narrow), narrow, "anna") == whole
    assert (whole.breadth, whole.by, whole.at) == (Breadth(), "anna", NOW)
    scoped = Filters(namespaces=("shop", "data"), only=("claim-lost",))
    assert conclude(seen("db", filters=scoped), scoped, "anna").breadth == Breadth(("data", "shop"), (LOST,))


def test_a_note_says_what_a_problem_rests_on() -> None:
    """The Deployment whose pods crash is its cause and its owner; the check stands by its name."""
    notes = {note.subject: note for note in conclude(seen("db"), Filters(), "anna").problems}
    assert Ref("Deployment", "shop", "web") in notes["shop/web"].touched
    assert notes["claim data/db"].checks == (LOST,)


def test_an_unknown_leaves_only_its_own_namespaces_open() -> None:
    """Claims hidden in one namespace say nothing about those of another; claims hidden everywhere do."""
    note = next(one for one in conclude(seen("db"), Filters(), "").problems if one.subject == "claim data/db")
    for unread, tells in (
        ((), True),
        (("PersistentVolumeClaim/shop",), True),
        (("PersistentVolumeClaim/data",), False),
        (("PersistentVolumeClaim",), False),
    ):
        assert conclude(seen(unread=unread), Filters(), "").would_tell(note) == tells, unread


def test_a_hidden_cause_is_not_gone() -> None:
    """What a problem touches was not read: what was told of it may now be told of something else."""
    note = next(one for one in conclude(seen("db"), Filters(), "").problems if one.subject == "shop/web")
    conclusion = conclude(seen(), Filters(), "")
    assert conclusion.would_tell(note)
    hidden = replace(seen().snapshot, gaps=(Gap("kubernetes", "Deployment", "forbidden", Cell("Deployment")),))
    assert not conclude(reviewed(hidden, Filters()), Filters(), "").would_tell(note)


def compared(now: Reviewed, filters: Filters, before: Reviewed, *, ended: bool = False) -> Report:
    notes = conclude(before, Filters(), "").problems
    at = NOW - timedelta(days=1)
    episodes = {note.id: Episode(note, 1, at, at, at, NOW if ended else None) for note in notes}
    return compare(now, filters, conclude(now, filters, ""), LookBefore(at, frozenset(episodes)), episodes)


def subjects(problems: tuple[object, ...]) -> set[str]:
    return {getattr(problem, "subject", "") for problem in problems if getattr(problem, "horizon", None) is Horizon.TODAY}


def test_each_problem_is_new_still_there_or_gone() -> None:
    before, now = seen("db", "old"), seen("db", "new")
    report = compared(now, Filters(), before)
    marks = {subject: report.marks[id] for subject, id in ids(now).items()}
    assert (marks["claim data/db"], marks["claim data/new"], marks["shop/web"]) == (Mark.STILL, Mark.NEW, Mark.STILL)
    assert (subjects(report.gone), subjects(report.unknown)) == ({"claim data/old"}, set())
    assert report.compared_with == NOW - timedelta(days=1)


def test_what_could_not_be_seen_is_unknown_unless_another_look_saw_it_end() -> None:
    now = seen(unread=("PersistentVolumeClaim",))
    assert subjects(compared(now, Filters(), seen("db")).unknown) == {"claim data/db"}
    assert subjects(compared(now, Filters(), seen("db"), ended=True).gone) == {"claim data/db"}


@pytest.mark.parametrize(
    ("filters", "gone"),
    [
        (Filters(), {"claim data/old"}),
        (Filters(namespaces=("data",)), {"claim data/old"}),
        (Filters(namespaces=("shop",)), set()),
        (Filters(only=("workloads",)), set()),
        (Filters(only=("storage",)), {"claim data/old"}),
        (Filters(min_severity=Severity.CRITICAL), {"claim data/old"}),
        (Filters(selector=parse_selector("team=checkout")), set()),
    ],
)
def test_only_what_was_asked_for_is_gone(filters: Filters, gone: set[str]) -> None:
    """What the filters leave out is neither listed as gone nor as unknown."""
    report = compared(seen(filters=filters), filters, seen("old"))
    assert (subjects(report.gone), subjects(report.unknown)) == (gone, set())


def test_what_is_less_severe_than_asked_for_is_not_listed_as_gone() -> None:
    """A remembered problem is chosen by its severity as one that is there is."""
    note = next(one for one in conclude(seen("db"), Filters(), "").problems if one.subject == "claim data/db")
    mild = msgspec.structs.replace(note, severity=Severity.LOW)
    critical = Filters(min_severity=Severity.CRITICAL)
    assert (asks_for(seen(), critical, note), asks_for(seen(), critical, mild)) == (True, False)


# -- the ledger beside the look ---------------------------------------------------------------------------------------


def told(memory: Memory, *looks: Reviewed, filters: Filters = EVERYTHING) -> list[Report]:
    async def go() -> list[Report]:
        memory.begin()
        try:
            return [await memory.told(whole, filters) for whole in looks]
        finally:
            await memory.close()

    return asyncio.run(go())


def test_looks_are_remembered_from_command_to_command(new_ledger: NewLedger) -> None:
    """The second command knows what the first one saw."""
    remarks: list[str] = []
    told(Memory(new_ledger, remarks.append, lambda: "me"), seen("db"))
    now = seen("db", "new", minutes=60)
    (report,) = told(Memory(new_ledger, remarks.append, lambda: "me", past=Past), now)
    assert report.known[ids(now)["claim data/db"]].first_seen_at == NOW
    assert report.known[ids(now)["claim data/new"]].first_seen_at == NOW + timedelta(minutes=60)
    assert remarks == []


def test_an_unreachable_ledger_is_one_remark_however_often_one_looks() -> None:
    remarks: list[str] = []

    def locked() -> Ledger:
        raise LedgerBusy("others hold it")

    reports = told(Memory(locked, remarks.append, lambda: "me"), seen("db"), seen("db", minutes=1))
    assert [report.known for report in reports] == [{}, {}]
    assert remarks == ["this review is not remembered: others hold it"]


def test_a_ledger_that_never_answers_holds_nobody_up() -> None:
    """Neither the report nor the end of the command waits for it."""
    remarks: list[str] = []
    never = Event()

    def hanging() -> Ledger:
        never.wait()
        raise LedgerBusy("it was over")

    began = time.monotonic()
    try:
        (report,) = told(Memory(hanging, remarks.append, lambda: "me", patience=timedelta(milliseconds=50)), seen("db"))
    finally:
        never.set()
    assert report.known == {}
    assert remarks == ["this review is not remembered: the ledger did not answer within 0.05 s"]
    assert time.monotonic() - began < 5


def test_watching_writes_when_something_changed_or_after_five_minutes(new_ledger: NewLedger) -> None:
    """A look each 30 seconds for 12 minutes, with one change on the way."""
    looks = [seen("db", *(["new"] if half >= 9 else []), minutes=half / 2) for half in range(24)]
    told(Memory(new_ledger, pytest.fail, lambda: "me"), *looks)
    with new_ledger().read() as connection:
        events = read_events(connection)
        assert [event.kind for event in events].count("look_concluded") == 2
        assert connection.scalar(select(func.sum(look.c.times))) == 3


def test_a_failed_comparison_is_told_and_the_look_is_remembered(new_ledger: NewLedger) -> None:
    """The next one has something to be compared with."""
    with pytest.raises(UsageError, match="no earlier look at this cluster is remembered"):
        told(Memory(new_ledger, pytest.fail, lambda: "me", past=Past), seen("db"))
    (report,) = told(Memory(new_ledger, pytest.fail, lambda: "me", past=Past), seen("db", minutes=1))
    assert set(report.marks.values()) == {Mark.STILL}


def test_recalling_alone_writes_nothing(new_ledger: NewLedger) -> None:
    told(Memory(new_ledger, pytest.fail, lambda: "me"), seen("db"))
    (report,) = told(Memory(new_ledger, pytest.fail, lambda: "me", is_written=False), seen("db", "new", minutes=9))
    assert {report.known[id].began_at for id in report.known} == {NOW}
    assert ids(seen("new"))["claim data/new"] not in report.known


def test_who_looks_is_told_by_the_api_server_else_by_the_machine(new_ledger: NewLedger) -> None:
    """Some API servers do not say who one is."""
    nameless = replace(seen("db").snapshot, taken_at=NOW + timedelta(hours=2), cluster=Cluster("shop", "uid-of-shop"))
    told(Memory(new_ledger, pytest.fail, lambda: "me"), seen("db"), reviewed(nameless, Filters()))
    with new_ledger().read() as connection:
        actors = [event.actor for event in read_events(connection)]
    assert (actors[0], actors[-1]) == ("viewer", "me")


def test_a_narrow_look_keeps_its_hands_off_what_it_left_out(new_ledger: NewLedger) -> None:
    """After a look at another namespace, the claim is still known since the first one."""
    filters = Filters(namespaces=("shop",))
    told(Memory(new_ledger, pytest.fail, lambda: "me"), seen("db"))
    told(Memory(new_ledger, pytest.fail, lambda: "me"), seen(filters=filters, minutes=60 * 30), filters=filters)
    now = seen("db", minutes=60 * 60)
    (report,) = told(Memory(new_ledger, pytest.fail, lambda: "me"), now)
    known = report.known[ids(now)["claim data/db"]]
    assert (known.began_at, known.times) == (NOW, 1)
