"""Resuming a CronJob: the run that starts at once is named before, and waited for after."""

from datetime import UTC, datetime, timedelta

import pytest

from daytwo.model.outcome import Seen
from tests.actions.cron_jobs import cron_job, nightly
from tests.actions.specimens import facts, look, only_step, plan
from tests.actions.world import World
from tests.objects import Object
from tests.servers.control_plane import ControlPlane


@pytest.mark.parametrize(
    ("value", "effect"),
    [
        (nightly(suspend=True), "the run of 2026-11-20 03:00 UTC starts at once"),
        (nightly(suspend=True, time_zone=""), "the run of 2026-11-20 03:00 UTC (if its controller lives in UTC) starts at once"),
        (nightly(suspend=True, schedule="*/15 * * * *", time_zone=""), "the run of 2026-11-20 08:00 UTC starts at once"),
        (
            nightly(suspend=True, last="2026-11-20T03:00:00Z"),
            "no run was missed that it would still start: the next starts as scheduled",
        ),
        (
            nightly(suspend=True, startingDeadlineSeconds=600),
            "no run was missed that it would still start: the next starts as scheduled",
        ),
        (
            nightly(suspend=True, concurrencyPolicy="Forbid", active=["report-1"]),
            "the run of 2026-11-20 03:00 UTC waits until report-1 has ended: Jobs may not run side by side",
        ),
        (
            nightly(suspend=True, concurrencyPolicy="Replace", active=["report-1"]),
            "the run of 2026-11-20 03:00 UTC starts at once and ends report-1",
        ),
    ],
    ids=["missed", "zone unknown", "alike in all zones", "none missed", "too late", "forbid", "replace"],
)
def test_which_run_starts_at_once(value: Object, effect: str) -> None:
    """It is the surprise of resuming."""
    found = plan("resume-cronjob", "CronJob", facts(value), name="report")
    assert found.effects == (effect,)
    assert found.undo == "suspend it again; a Job that has started goes on"


def test_one_that_is_not_suspended_goes_on() -> None:
    """Nothing is to be done."""
    assert plan("resume-cronjob", "CronJob", facts(nightly()), name="report").already == "cronjob shop/report is not suspended"


@pytest.mark.parametrize(
    ("value", "seen", "detail"),
    [
        (nightly(last="2026-11-20T03:00:00Z", active=["report-2"]), Seen.DONE, "resumed; 1 of its Jobs run"),
        (nightly(last="2026-11-20T03:00:00Z"), Seen.DONE, "resumed"),
        (nightly(), Seen.NOT_YET, "the run of 2026-11-20 03:00 UTC has not started"),
        (nightly(concurrencyPolicy="Forbid", active=["report-1"]), Seen.DONE, "resumed; 1 of its Jobs run"),
        (nightly(concurrencyPolicy="Forbid"), Seen.NOT_YET, "the run of 2026-11-20 03:00 UTC has not started"),
        (nightly(time_zone=""), Seen.DONE, "resumed"),
        (nightly(suspend=True), Seen.FAILED, "/spec/suspend was set to true meanwhile"),
    ],
    ids=["started", "started and ended", "not yet", "may not start", "may start", "nobody knows when", "suspended again"],
)
def test_when_it_is_done(value: Object, seen: Seen, detail: str) -> None:
    """A Job that a quota refuses never starts, and that is worth knowing."""
    step = only_step(plan("resume-cronjob", "CronJob", facts(nightly(suspend=True)), name="report"))
    found = look(step, facts(value))
    assert (found.seen, found.detail) == (seen, detail)


@pytest.mark.cluster
def test_resuming_for_real(control_plane: ControlPlane, namespace: str) -> None:
    """The run that the plan names is the one that the real controller starts, at once."""
    world = World(control_plane, namespace)
    world.client.create(cron_job("report", "0 3 * * *", suspend=True), namespace)
    world.client.patch_status(
        "CronJob", "report", {"lastScheduleTime": f"{datetime.now(UTC) - timedelta(days=3):%Y-%m-%dT03:00:00Z}"}, namespace
    )
    found = world.plan("resume-cronjob", "CronJob", "report")
    now = datetime.now(UTC)
    due = now.replace(hour=3, minute=0, second=0, microsecond=0) - timedelta(days=now.hour < 3)
    assert found.effects == (f"the run of {due:%Y-%m-%d %H:%M} UTC starts at once",)
    step, outcome = world.carry_out(found)
    assert world.look(step, outcome).seen is Seen.DONE
    (job,) = world.client.list_of("Job", namespace)
    assert job["metadata"]["annotations"]["batch.kubernetes.io/cronjob-scheduled-timestamp"] == f"{due:%Y-%m-%dT%H:%M:%SZ}"
    assert world.take_back(step, outcome).seen is Seen.DONE
