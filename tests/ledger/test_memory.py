"""The memory of looks: episodes begin, go on, end and come back; earlier looks are found; two looks at once do no harm."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from threading import Barrier, Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import func, select

from daytwo.ledger.database import Ledger
from daytwo.ledger.events import Wanted, read_events
from daytwo.ledger.memory import episodes_of, look_before, oldest_look, recall, remember
from daytwo.ledger.proof import prove
from daytwo.ledger.tables import episode, look
from daytwo.model.memory import BlindSpot, Breadth, Conclusion, Known, Past, ProblemNote
from daytwo.model.ref import Cell, Ref
from daytwo.model.severity import Horizon, Severity

MONDAY = datetime(2026, 11, 16, 8, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CHECKS = frozenset({"workloads/crash-looping", "storage/claim-lost", "nodes/not-ready"})
WHOLE = Breadth()


def note(id: str, *, namespace: str = "shop", check: str = "workloads/crash-looping", title: str = "crash looping") -> ProblemNote:
    ref = Ref("Deployment", namespace, id)
    return ProblemNote(id, ref, ref.short, title, Severity.HIGH, Horizon.TODAY, (ref,), (check,))


def concluded(
    at: datetime,
    *problems: ProblemNote | str,
    cluster: str = "uid-1",
    breadth: Breadth = WHOLE,
    blind: tuple[BlindSpot, ...] = (),
    unread: tuple[Cell, ...] = (),
) -> Conclusion:
    notes = tuple(note(one) if isinstance(one, str) else one for one in problems)
    ran = CHECKS if breadth.checks is None else frozenset(breadth.checks)
    return Conclusion(cluster, "prod", at, "anna", breadth, ran, notes, blind, unread)


def kinds(ledger: Ledger) -> list[str]:
    with ledger.read() as connection:
        return [event.kind for event in read_events(connection)]


def count(ledger: Ledger, table: object = look) -> int:
    with ledger.read() as connection:
        found = connection.scalar(select(func.count()).select_from(table))  # type: ignore[arg-type]  # any table
    return int(found or 0)


def test_a_problem_is_known_since_the_first_look_that_found_it(ledger: Ledger) -> None:
    """The second look tells when the first one found it, and what is new only since now."""
    assert remember(ledger, concluded(MONDAY, "web")) == {"web": Known(MONDAY, MONDAY)}
    later = MONDAY + HOUR
    assert remember(ledger, concluded(later, "web", "api")) == {"web": Known(MONDAY, MONDAY), "api": Known(later, later)}
    assert kinds(ledger) == ["problem_began", "look_concluded", "problem_began", "look_concluded"]
    assert prove(ledger).fault is None


def test_a_problem_that_is_gone_ends(ledger: Ledger) -> None:
    remember(ledger, concluded(MONDAY, "web"))
    remember(ledger, concluded(MONDAY + HOUR))
    assert episodes_of(ledger, "uid-1", ["web"])["web"].ended_at == MONDAY + HOUR
    assert kinds(ledger)[2:] == ["problem_ended", "look_concluded"]


@pytest.mark.parametrize(
    ("away", "known"),
    [
        (timedelta(hours=24), Known(MONDAY, MONDAY)),
        (timedelta(hours=24, seconds=1), Known(MONDAY, MONDAY + HOUR + timedelta(hours=24, seconds=1), 2, 2)),
        (timedelta(days=8), Known(MONDAY, MONDAY + HOUR + timedelta(days=8), 2, 1)),
    ],
)
def test_what_is_back_within_a_day_was_never_gone(ledger: Ledger, away: timedelta, known: Known) -> None:
    """Later it is another time; and only what was there in the last 7 days counts for those."""
    remember(ledger, concluded(MONDAY, "web"))
    remember(ledger, concluded(MONDAY + HOUR))
    assert remember(ledger, concluded(MONDAY + HOUR + away, "web")) == {"web": known}


def test_the_third_time_in_seven_days(ledger: Ledger) -> None:
    for days in (0, 2, 4):
        known = remember(ledger, concluded(MONDAY + days * DAY, "web"))
        remember(ledger, concluded(MONDAY + days * DAY + HOUR))
    assert known == {"web": Known(MONDAY, MONDAY + 4 * DAY, 3, 3)}
    assert episodes_of(ledger, "uid-1", ["web", "none"])["web"].number == 3


HIDING: list[tuple[str, Conclusion, bool]] = [
    ("all seen", concluded(MONDAY + HOUR), True),
    ("another namespace", concluded(MONDAY + HOUR, breadth=Breadth(("blog",))), False),
    ("its namespace", concluded(MONDAY + HOUR, breadth=Breadth(("blog", "shop"))), True),
    ("another check", concluded(MONDAY + HOUR, breadth=Breadth(checks=("storage/claim-lost",))), False),
    ("its check", concluded(MONDAY + HOUR, breadth=Breadth(checks=("workloads/crash-looping",))), True),
    ("unknown anywhere", concluded(MONDAY + HOUR, blind=(BlindSpot("workloads/crash-looping"),)), False),
    ("unknown there", concluded(MONDAY + HOUR, blind=(BlindSpot("workloads/crash-looping", ("shop",)),)), False),
    ("unknown elsewhere", concluded(MONDAY + HOUR, blind=(BlindSpot("workloads/crash-looping", ("vault",)),)), True),
    ("other check unknown", concluded(MONDAY + HOUR, blind=(BlindSpot("storage/claim-lost"),)), True),
    ("its kind unread", concluded(MONDAY + HOUR, unread=(Cell("Deployment"),)), False),
    ("its kind unread there", concluded(MONDAY + HOUR, unread=(Cell("Deployment", "shop"),)), False),
    ("its kind unread elsewhere", concluded(MONDAY + HOUR, unread=(Cell("Deployment", "vault"),)), True),
]


@pytest.mark.parametrize(("second", "is_gone"), [case[1:] for case in HIDING], ids=[case[0] for case in HIDING])
def test_only_a_look_that_would_have_told_it_ends_a_problem(ledger: Ledger, second: Conclusion, is_gone: bool) -> None:
    """What a look left out or could not see is neither gone nor still there."""
    remember(ledger, concluded(MONDAY, "web"))
    remember(ledger, second)
    found = episodes_of(ledger, "uid-1", ["web"])["web"]
    assert (found.ended_at is not None, found.last_seen_at) == (is_gone, MONDAY)


def test_what_touches_the_whole_cluster_is_not_gone_for_a_look_at_one_namespace(ledger: Ledger) -> None:
    node = ProblemNote(
        "n", Ref("Node", "", "node-a"), "node node-a", "is not ready", Severity.HIGH, Horizon.TODAY, (Ref("Node", "", "node-a"),)
    )
    remember(ledger, concluded(MONDAY, node))
    remember(ledger, concluded(MONDAY + HOUR, breadth=Breadth(("shop",))))
    assert episodes_of(ledger, "uid-1", ["n"])["n"].ended_at is None


def test_what_has_no_namespace_may_be_hidden_by_an_unknown_in_any() -> None:
    """A check that was unknown somewhere may have had to tell of the node there."""
    node = Ref("Node", "", "node-a")
    known = ProblemNote("n", node, "node node-a", "is not ready", Severity.HIGH, Horizon.TODAY, (node,), ("nodes/not-ready",))
    assert concluded(MONDAY).would_tell(known)
    assert not concluded(MONDAY, blind=(BlindSpot("nodes/not-ready", ("shop",)),)).would_tell(known)


def test_a_narrow_look_does_not_retell_a_problem(ledger: Ledger) -> None:
    """It has not seen all that the problem rests on; a whole look has."""
    remember(ledger, concluded(MONDAY, "web"))
    remember(ledger, concluded(MONDAY + HOUR, note("web", title="half of it"), breadth=Breadth(("shop",))))
    assert episodes_of(ledger, "uid-1", ["web"])["web"].note.title == "crash looping"
    remember(ledger, concluded(MONDAY + 2 * HOUR, note("web", title="worse")))
    assert episodes_of(ledger, "uid-1", ["web"])["web"].note.title == "worse"


def test_clusters_are_kept_apart(ledger: Ledger) -> None:
    remember(ledger, concluded(MONDAY, "web"))
    later = MONDAY + HOUR
    assert remember(ledger, concluded(later, "web", cluster="uid-2")) == {"web": Known(later, later)}
    remember(ledger, concluded(later, cluster="uid-2"))
    assert episodes_of(ledger, "uid-1", ["web"])["web"].ended_at is None


def test_recalling_writes_nothing(ledger: Ledger) -> None:
    """What is not known yet is left out."""
    remember(ledger, concluded(MONDAY, "web"))
    before = ledger.head()
    assert recall(ledger, concluded(MONDAY + HOUR, "web", "api")) == {"web": Known(MONDAY, MONDAY)}
    assert (ledger.head(), count(ledger)) == (before, 1)


def test_a_look_that_took_longer_than_a_newer_one_changes_nothing(ledger: Ledger) -> None:
    """It saw an older state of the cluster; but after a clock was an hour wrong, memory goes on."""
    remember(ledger, concluded(MONDAY, "web"))
    assert remember(ledger, concluded(MONDAY - timedelta(seconds=20))) == {}
    assert episodes_of(ledger, "uid-1", ["web"])["web"].ended_at is None
    remember(ledger, concluded(MONDAY - 2 * HOUR))
    assert episodes_of(ledger, "uid-1", ["web"])["web"].ended_at is not None


def test_looks_that_conclude_the_same_are_one_row_an_hour(ledger: Ledger) -> None:
    """A day of looks every five minutes grows by a row and an event an hour, and both ends of a row are kept."""
    for minutes in range(0, 24 * 60, 5):
        remember(ledger, concluded(MONDAY + timedelta(minutes=minutes), "web"))
    assert count(ledger) == 24
    assert kinds(ledger).count("look_concluded") == 24
    with ledger.read() as connection:
        rows = connection.execute(select(look.c.at, look.c.until, look.c.times).order_by(look.c.number)).all()
    assert [(row.until - row.at, row.times) for row in rows] == [(timedelta(minutes=55), 12)] * 24


def test_old_looks_are_thinned_out_and_what_nobody_could_tell_is_over(ledger: Ledger) -> None:
    """After 7 days one look an hour stays, after 90 days one a day, after 400 none; a problem not told for 30 days is over."""
    start = MONDAY - timedelta(days=2)
    for minutes in range(0, 180, 10):
        remember(ledger, concluded(start + timedelta(minutes=minutes), *(["web"] if minutes % 20 else [])))
    assert count(ledger) == 18
    blind = (BlindSpot("workloads/crash-looping"),)
    remember(ledger, concluded(start + 8 * DAY, blind=blind))
    assert count(ledger) == 3 + 1
    remember(ledger, concluded(start + 91 * DAY, blind=blind))
    assert count(ledger) == 1 + 1 + 1
    over = episodes_of(ledger, "uid-1", ["web"])["web"]
    assert over.ended_at == start + 91 * DAY
    remember(ledger, concluded(start + 600 * DAY))
    assert count(ledger) == 1
    assert count(ledger, episode) == 0


def test_the_last_look_that_covers_is_compared_with(ledger: Ledger) -> None:
    """Whole looks cover narrow ones, never the other way round."""
    remember(ledger, concluded(MONDAY, "web"))
    remember(ledger, concluded(MONDAY + 2 * HOUR, "web", "api", breadth=Breadth(("shop",))))
    now = MONDAY + 3 * HOUR

    def before(breadth: Breadth, at: datetime) -> tuple[datetime, set[str]] | None:
        found = look_before(ledger, "uid-1", breadth, Past(at))
        return (found.at, set(found.problems)) if found is not None else None

    assert before(WHOLE, now) == (MONDAY, {"web"})
    assert before(Breadth(("shop",)), now) == (MONDAY + 2 * HOUR, {"web", "api"})
    assert before(Breadth(("shop",)), MONDAY + HOUR) == (MONDAY, {"web"})
    assert before(Breadth(("blog", "shop")), now) == (MONDAY, {"web"})
    assert before(WHOLE, MONDAY - HOUR) is None
    assert (oldest_look(ledger, "uid-1", WHOLE), oldest_look(ledger, "uid-2", WHOLE)) == (MONDAY, None)


def test_within_a_row_of_alike_looks_the_time_asked_for_is_told(ledger: Ledger) -> None:
    remember(ledger, concluded(MONDAY, "web"))
    remember(ledger, concluded(MONDAY + HOUR / 2, "web"))
    for asked, told in ((HOUR / 4, HOUR / 4), (HOUR, HOUR / 2)):
        found = look_before(ledger, "uid-1", WHOLE, Past(MONDAY + asked))
        assert found is not None
        assert found.at == MONDAY + told


@pytest.mark.parametrize(
    ("looks", "chosen"),
    [
        ((9.0, 33.1), 9.0),
        ((9.1, 33.0), 9.1),
        ((8.0, 20.0, 33.0), 8.0),
        ((-10.0, 33.0), -10.0),
        ((33.0,), None),
        ((-30.0, -3.0, 33.0), -3.0),
    ],
)
def test_yesterday_is_the_look_of_that_day_nearest_to_this_time(ledger: Ledger, looks: tuple[float, ...], chosen: float | None) -> None:
    """Hours from yesterday's midnight; it is 9 o'clock. Who looked some minutes later yesterday compares with that all the same."""
    midnight = MONDAY.replace(hour=0)
    for number, hours in enumerate(looks):
        remember(ledger, concluded(midnight + hours * HOUR, *map(str, range(number))))
    found = look_before(ledger, "uid-1", WHOLE, Past(midnight + 9 * HOUR, (midnight, midnight + DAY)))
    assert (found.at if found else None) == (midnight + chosen * HOUR if chosen is not None else None)


def test_two_looks_at_once_begin_a_problem_once(new_ledger: Callable[[], Ledger]) -> None:
    """Eight processes' worth of looks at the same second: one episode, and the chain holds."""
    ledgers = [new_ledger() for _ in range(8)]
    barrier = Barrier(len(ledgers))

    def run(ledger: Ledger) -> None:
        barrier.wait()
        remember(ledger, concluded(MONDAY, "web", "api"))

    threads = [Thread(target=run, args=(ledger,)) for ledger in ledgers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert kinds(ledgers[0]) == ["problem_began", "problem_began", "look_concluded"]
    assert count(ledgers[0], episode) == 2
    assert prove(ledgers[0]).fault is None


def test_secrets_do_not_enter(ledger: Ledger) -> None:
    """Neither a title nor a name that looks like a credential is stored as it is."""
    secret = "AKIAIOSFODNN7EXAMPLE"
    remember(ledger, concluded(MONDAY, note("web", title=f"panic: https://user:hunter2@db/ failed, key {secret}")))
    with ledger.read() as connection:
        stored = repr([connection.execute(select(table)).all() for table in (episode, look)]) + repr(read_events(connection, Wanted()))
    assert "crash" in stored
    assert "hunter2" not in stored
    assert secret not in stored


PROBLEMS = some.frozensets(some.sampled_from("abc"))
BREADTHS = some.sampled_from([WHOLE, Breadth(("shop",)), Breadth(("blog",)), Breadth(checks=("storage/claim-lost",))])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(looks=some.lists(some.tuples(some.integers(1, 40), PROBLEMS, BREADTHS), min_size=1, max_size=12))
def test_whatever_the_looks_the_episodes_tell_one_story(
    new_ledger: Callable[[], Ledger], looks: list[tuple[int, frozenset[str], Breadth]]
) -> None:
    """Episodes of a problem are numbered, do not overlap, are a day apart; what a look found is open after it, and its events say so."""
    ledger = new_ledger()
    cluster = f"uid-{ledger.head().seq}"
    at = MONDAY
    for hours, found, breadth in looks:
        at += hours * HOUR
        known = remember(ledger, concluded(at, *sorted(found), cluster=cluster, breadth=breadth))
        assert set(known) == found
        again = recall(ledger, concluded(at, *sorted(found), cluster=cluster))
        assert again == known
    with ledger.read() as connection:
        rows = connection.execute(select(episode).where(episode.c.cluster == cluster).order_by(episode.c.problem, episode.c.number)).all()
        events = [event for event in read_events(connection) if event.about == cluster]
    for earlier, later in pairwise(rows):
        if earlier.problem == later.problem:
            assert later.number == earlier.number + 1
            assert later.began_at - earlier.ended_at > DAY
            assert later.first_seen_at == earlier.first_seen_at
    assert {row.problem for row in rows if row.last_seen_at == at and row.ended_at is None} >= looks[-1][1]
    open_by_events: set[object] = set()
    for event in events:
        if event.kind in ("problem_began", "problem_returned"):
            open_by_events.add(event.data["problem"])
        elif event.kind == "problem_ended":
            open_by_events.remove(event.data["problem"])
    assert open_by_events == {row.problem for row in rows if row.ended_at is None}
