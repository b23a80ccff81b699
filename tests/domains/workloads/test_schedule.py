"""When runs are due, held against what the controller's own parser (robfig/cron v3) does with the same schedule."""

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daytwo.domains.workloads.schedule import run_missed, schedule_of
from daytwo.model.gap import Unseen
from daytwo.model.metadata import Metadata
from daytwo.model.workload import CronJob, CronJobSpec, CronJobStatus

FRIDAY = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


def cron_job(schedule: str, time_zone: str = "") -> CronJob:
    return CronJob(spec=CronJobSpec(schedule=schedule, time_zone=time_zone))


def due(schedule: str, time_zone: str = "Etc/UTC", after: datetime = FRIDAY, number: int = 2) -> list[str]:
    return [f"{at:%m-%d %H:%M}" for at in islice(schedule_of(cron_job(schedule, time_zone)).due_after(after), number)]


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("@hourly", ["11-20 09:00", "11-20 10:00"]),
        ("@midnight", ["11-21 00:00", "11-22 00:00"]),
        ("@weekly", ["11-22 00:00", "11-29 00:00"]),
        ("@every 90m", ["11-20 09:30", "11-20 11:00"]),
        ("0 0 ? * *", ["11-21 00:00", "11-22 00:00"]),
        ("0 0 1 * MON", ["11-23 00:00", "11-30 00:00"]),
        ("TZ=Asia/Tokyo 0 2 * * *", ["11-20 17:00", "11-21 17:00"]),
    ],
)
def test_schedules_are_read_as_the_controller_reads_them(schedule: str, expected: list[str]) -> None:
    """Descriptors, intervals, question marks, either day field, and the old time zone prefix."""
    assert due(schedule) == expected


def test_a_stepped_star_in_a_day_field_is_no_star() -> None:
    """In Debian's cron `*/10` and Monday must both hold; in the controller's either is enough."""
    assert due("0 0 */10 * 1", number=3) == ["11-21 00:00", "11-23 00:00", "11-30 00:00"]


def test_daylight_saving_shifts_the_time_in_utc() -> None:
    """Two o'clock in Berlin is midnight UTC in summer and one o'clock in winter."""
    assert due("0 2 * * *", "Europe/Berlin", datetime(2026, 7, 1, tzinfo=UTC), 1) == ["07-02 00:00"]
    assert due("0 2 * * *", "Europe/Berlin", datetime(2026, 12, 1, 2, tzinfo=UTC), 1) == ["12-02 01:00"]


def test_a_day_that_no_month_has_never_comes() -> None:
    """The 30th of February never comes; its 29th does, in time."""
    assert schedule_of(cron_job("0 0 30 2 *")).is_never
    assert not schedule_of(cron_job("0 0 29 2 *")).is_never
    assert not schedule_of(cron_job("0 0 30 2 1")).is_never, "Mondays in February do"


@pytest.mark.parametrize("schedule", ["", "hello", "61 * * * *", "@every", "@every soon", "0 0 32 * *", "* * * *", "*/0 * * * *"])
def test_what_cannot_be_read_is_unknown(schedule: str) -> None:
    """Neither never nor on time."""
    with pytest.raises(Unseen, match="is not understood"):
        schedule_of(cron_job(schedule))


@pytest.mark.parametrize("zone", ["Mars/Olympus", "Europe", "../etc/passwd", "/etc/passwd", "a\x00b"])
def test_an_unknown_time_zone_is_unknown(zone: str) -> None:
    """Also where the name is no zone at all."""
    with pytest.raises(Unseen, match="is not known to this machine"):
        schedule_of(cron_job("0 2 * * *", zone))


def test_without_a_zone_the_latest_zone_that_fits_the_last_run_counts() -> None:
    """Nine to five, last at 01:00 UTC: a zone near UTC-8, and the next run is not before the afternoon."""
    schedule = schedule_of(cron_job("0 9-17 * * *"))
    last = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
    pair = schedule.first_two(last, is_run=True)
    assert pair is not None
    assert pair[1] - last >= timedelta(hours=16)


def test_times_that_no_cluster_can_have_lived_in_end_the_reckoning() -> None:
    """A malformed recording must not overflow the calendar."""
    schedule = schedule_of(cron_job("0 0 * * *"))
    assert schedule.first_two(datetime(1, 1, 1, tzinfo=UTC), is_run=False) is None
    assert schedule.first_two(datetime(9999, 12, 31, tzinfo=UTC), is_run=True) is None
    for_ever = schedule_of(cron_job("@every 99999999999999h"))
    assert len(list(for_ever.due_after(FRIDAY))) < 30
    with pytest.raises(Unseen):
        schedule_of(cron_job(f"@every {'9' * 400}h"))


def suspended(schedule: str, last: str = "", deadline_seconds: int | None = None, created: str = "2026-11-01T00:00:00Z") -> CronJob:
    return CronJob(
        metadata=Metadata(creation_timestamp=datetime.fromisoformat(created)),
        spec=CronJobSpec(schedule=schedule, time_zone="Etc/UTC", suspend=True, starting_deadline_seconds=deadline_seconds),
        status=CronJobStatus(last_schedule_time=datetime.fromisoformat(last) if last else None),
    )


@pytest.mark.parametrize(
    ("cron_job", "missed"),
    [
        (suspended("0 3 * * *", "2026-11-17T03:00:00Z"), "11-20 03:00"),
        (suspended("0 3 * * *", "2026-11-20T03:00:00Z"), None),
        (suspended("0 3 * * *"), "11-20 03:00"),
        (suspended("0 3 * * *", created="2026-11-20T04:00:00Z"), None),
        (suspended("0 3 * * *", "2026-11-17T03:00:00Z", deadline_seconds=3600), None),
        (suspended("0 3 * * *", "2026-11-17T03:00:00Z", deadline_seconds=6 * 3600), "11-20 03:00"),
        (suspended("0 8 * * *", "2026-11-17T08:00:00Z"), "11-20 08:00"),
        (suspended("* * * * *", "2011-11-17T08:00:00Z"), "11-20 08:00"),
        (suspended("0 0 29 2 *", "2020-02-29T00:00:00Z"), "02-29 00:00"),
        (suspended("@every 90m", "2026-11-20T04:15:00Z"), "11-20 07:15"),
        (suspended("@every 90m", "2026-11-20T07:15:00Z"), None),
        (suspended("0 0 30 2 *", "2020-02-29T00:00:00Z"), None),
    ],
    ids=[
        "three missed",
        "none",
        "never ran",
        "made since",
        "too late",
        "in time",
        "now",
        "years",
        "leap day",
        "every",
        "every none",
        "never",
    ],
)
def test_the_run_that_a_resumed_cron_job_starts_at_once(cron_job: CronJob, missed: str | None) -> None:
    """The latest that was due since the last one, unless the deadline for starting it has passed."""
    found = run_missed(cron_job, FRIDAY)
    assert (f"{found:%m-%d %H:%M}" if found else None) == missed


@given(st.sampled_from(["*/5 * * * *", "0 3 * * *", "30 4 * * 1", "0 0 1 * *", "@every 47m"]), st.integers(1, 400_000))
def test_the_latest_run_is_the_last_of_all(schedule: str, minutes: int) -> None:
    """Looking back in growing spans finds what counting forward does."""
    found = schedule_of(cron_job(schedule, "Etc/UTC"))
    since = FRIDAY - timedelta(minutes=minutes % (5_000 if schedule.startswith("*") else 400_000))
    wanted = None
    for at in found.due_after(since):
        if at > FRIDAY:
            break
        wanted = at
    assert found.latest_due(since, FRIDAY) == wanted
