"""How events of the ledger read."""

from datetime import UTC, datetime, timedelta, timezone

from daytwo.model.json import Json
from daytwo.model.remembered import Event
from daytwo.render.text_of_history import history

LONG = "x" * 120
FRIDAY = datetime(2026, 11, 20, 14, 2, 11, tzinfo=UTC)


def event(seq: int, kind: str, data: dict[str, Json]) -> Event:
    return Event(seq, FRIDAY + timedelta(seconds=seq), "anna", "r7k2", kind, data, "ab" * 32)


EVENTS = [
    event(9, "run_started", {"title": "scale deployment shop/web from 3 to 5", "why": "\x1b[31mlunch"}),
    event(10, "step_started", {"digest": "ab" * 32, "request": {"method": "PATCH"}, "detail": LONG}),
    event(11, "run_finished", {}),
]


def test_pipes_get_a_line_each_and_all_of_it() -> None:
    """Nothing is cut or wrapped for a program; nothing steers a terminal."""
    rows = history(EVENTS, UTC, width=None, is_coloured=False).splitlines()
    assert rows == [
        " 9  2026-11-20 14:02:20 UTC  run_started   r7k2  by anna  title: scale deployment shop/web from 3 to 5, why: \\x1b[31mlunch",
        f'10  2026-11-20 14:02:21 UTC  step_started  r7k2  by anna  digest: {"ab" * 32}, request: {{"method":"PATCH"}}, detail: {LONG}',
        "11  2026-11-20 14:02:22 UTC  run_finished  r7k2  by anna",
    ]


def test_people_get_what_it_tells_below_and_shortened() -> None:
    """On a terminal of 80 columns each event has its own line, and digests and long values are cut."""
    rows = history(EVENTS, timezone(timedelta(hours=1)), width=80, is_coloured=False).splitlines()
    assert rows[:3] == [
        " 9  2026-11-20 15:02:20 UTC+01:00  run_started   r7k2  by anna",
        "    title: scale deployment shop/web from 3 to 5, why: \\x1b[31mlunch",
        "10  2026-11-20 15:02:21 UTC+01:00  step_started  r7k2  by anna",
    ]
    assert rows[3].startswith('    digest: abababababab…, request: {"method":"PATCH"}')
    assert f"{'x' * 99}…" in rows[4]
    assert rows[-1] == "11  2026-11-20 15:02:22 UTC+01:00  run_finished  r7k2  by anna"


def test_no_events_are_no_lines() -> None:
    """Whoever shows them says in words that there are none."""
    assert history([], UTC, width=80, is_coloured=True) == ""
