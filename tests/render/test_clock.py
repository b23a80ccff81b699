"""Times are in the reader's zone, with a day where it is not today's; durations have two units at most."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from daytwo.model.finding import Evidence, Since
from daytwo.render.clock import Clock, placed
from tests.render.shop import at

NOW = at("08:00")
CLOCK = Clock(NOW, UTC)


def test_a_time_of_today_is_hours_and_minutes() -> None:
    assert CLOCK.time(at("07:12")) == "07:12"


def test_a_time_of_another_day_names_it() -> None:
    assert CLOCK.time(at("2026-11-19T23:59")) == "Thu 23:59"
    assert CLOCK.time(at("2026-11-03T07:12")) == "3 Nov 07:12"
    assert CLOCK.time(at("2024-11-03T07:12")) == "3 Nov 2024"


def test_today_is_the_readers_day() -> None:
    """23:30 UTC is already tomorrow in Berlin."""
    berlin = Clock(at("2026-11-20T00:30"), ZoneInfo("Europe/Berlin"))
    assert berlin.time(at("2026-11-19T23:30")) == "00:30"
    assert Clock(at("2026-11-20T00:30"), UTC).time(at("2026-11-19T23:30")) == "Thu 23:30"


def test_the_header_names_the_zone() -> None:
    assert CLOCK.full(NOW) == "2026-11-20 08:00 UTC"
    assert Clock(NOW, ZoneInfo("Europe/Berlin")).full(NOW) == "2026-11-20 09:00 CET"
    assert Clock(NOW, ZoneInfo("America/Sao_Paulo")).full(NOW) == "2026-11-20 05:00 UTC-03"


def test_since_says_when_it_is_only_the_earliest_evidence_left() -> None:
    assert CLOCK.since(Since(at("07:12"))) == "since 07:12"
    assert CLOCK.since(Since(at("07:12"), exact=False)) == "at least since 07:12"


def test_a_due_date_is_told_as_a_span_and_a_date() -> None:
    assert CLOCK.due(at("2026-11-26T08:00")) == "in 6 days (26 Nov 08:00)"
    assert CLOCK.due(at("2026-11-21T03:00")) == "in 19 h (Sat 03:00)"
    assert CLOCK.due(at("2026-11-18T04:00")) == "2 days ago (18 Nov 04:00)"
    assert CLOCK.due(at("2027-02-01T00:00")) == "in 72 days (1 Feb 00:00)"


def test_evidence_carries_its_time_at_its_end_or_where_its_text_says() -> None:
    assert CLOCK.evidence(Evidence("last state OOMKilled", at("07:58"))) == "last state OOMKilled 07:58"
    assert CLOCK.evidence(Evidence("revision 9 rolled out{at}, revision 8 ran before", at("07:09"))) == (
        "revision 9 rolled out 07:09, revision 8 ran before"
    )
    assert CLOCK.evidence(Evidence("exit code 137", at("07:58"))) == "exit code 137 at 07:58"
    assert CLOCK.evidence(Evidence("no time is known{at}")) == "no time is known"


def test_a_phrase_without_marker_goes_to_the_end() -> None:
    assert placed("not ready", "{since}", "since 07:40", joint=" · ") == "not ready · since 07:40"
    assert placed("not ready{since}: kubelet stopped", "{since}", "since 07:40") == "not ready since 07:40: kubelet stopped"
    assert placed("not ready{since}: kubelet stopped", "{since}", "") == "not ready: kubelet stopped"


def test_times_far_away_do_not_fail() -> None:
    """Go writes an unset time as the first moment of the calendar."""
    for when in (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)):
        for zone in (UTC, ZoneInfo("Europe/Berlin"), ZoneInfo("America/Sao_Paulo")):
            clock = Clock(NOW, zone)
            assert clock.time(when)
            assert clock.due(when)
            assert clock.full(when)
