"""Suspending a CronJob: no further Job, and what runs goes on."""

import pytest

from daytwo.model.change import Patch
from daytwo.model.outcome import Seen
from daytwo.model.standing import Stand
from tests.actions.cron_jobs import cron_job, nightly
from tests.actions.specimens import facts, look, only_step, plan
from tests.actions.world import World
from tests.servers.control_plane import ControlPlane


@pytest.mark.parametrize(
    ("time_zone", "effect"),
    [
        ("Etc/UTC", "no Job starts any more, the next would have at 2026-11-21 03:00 UTC"),
        ("Europe/Berlin", "no Job starts any more, the next would have at 2026-11-21 02:00 UTC"),
        ("", "no Job starts any more, the next would have at 2026-11-21 03:00 UTC (if its controller lives in UTC)"),
    ],
)
def test_the_run_that_will_not_be_is_told(time_zone: str, effect: str) -> None:
    """Without a time zone only the controller knows when it would have been."""
    found = plan("suspend-cronjob", "CronJob", facts(nightly(time_zone=time_zone)), name="report")
    assert found.effects == (effect,)
    step = only_step(found)
    assert isinstance(step.change, Patch)
    assert [(field.path, field.old, field.new) for field in step.change.fields] == [("/spec/suspend", False, True)]


def test_what_runs_goes_on() -> None:
    """To end it is another action."""
    found = plan("suspend-cronjob", "CronJob", facts(nightly(active=["report-1"])), name="report")
    assert found.effects[1] == "what runs goes on: report-1"
    after = look(only_step(found), facts(nightly(active=["report-1"], suspend=True)))
    assert (after.seen, after.detail) == (Seen.DONE, "suspended; 1 of its Jobs still run")


def test_a_schedule_that_cannot_be_read_is_unknown() -> None:
    """It is suspended all the same."""
    found = plan("suspend-cronjob", "CronJob", facts(nightly(time_zone="Mars/Olympus")), name="report")
    assert found.unknowns == (
        "when the next would have started: time zone Mars/Olympus of CronJob shop/report: is not known to this machine",
    )
    assert found.steps


def test_one_that_is_suspended_stays_so() -> None:
    """Nothing is to be done."""
    found = plan("suspend-cronjob", "CronJob", facts(nightly(suspend=True)), name="report")
    assert found.already == "cronjob shop/report is suspended"


def test_one_that_somebody_resumed_has_failed() -> None:
    """The change did not last."""
    step = only_step(plan("suspend-cronjob", "CronJob", facts(nightly()), name="report"))
    assert look(step, facts(nightly())).detail == "/spec/suspend was set to false meanwhile"


@pytest.mark.cluster
def test_suspending_for_real(control_plane: ControlPlane, namespace: str) -> None:
    """And back: a schedule of next year has missed nothing."""
    world = World(control_plane, namespace)
    world.client.create(cron_job("report", "0 3 1 1 *"), namespace)
    step, outcome = world.carry_out(world.plan("suspend-cronjob", "CronJob", "report"))
    assert world.spec("CronJob", "report")["suspend"] is True
    assert world.standing(step.change).stand is Stand.DONE
    assert world.take_back(step, outcome).detail == "resumed"
    assert world.spec("CronJob", "report")["suspend"] is False
