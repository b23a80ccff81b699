"""Keep a CronJob from starting further Jobs until it is resumed.

Why: its Jobs do harm, or what they need is away.
Undo: resumed; it then starts one Job at once for the latest run that was missed.
Source: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-suspension
"""

import re
from datetime import datetime, timedelta
from typing import Final

import msgspec

from daytwo.actions.forms import patch
from daytwo.catalog import Declaration
from daytwo.domains.workloads.schedule import run_missed, schedule_of
from daytwo.model.call import Call
from daytwo.model.change import FieldChange, Patch
from daytwo.model.errors import UsageError
from daytwo.model.facts import Facts, Needs
from daytwo.model.gap import Unseen
from daytwo.model.live import Live
from daytwo.model.outcome import Outcome, Seen, Verification
from daytwo.model.plan import BlastRadius, Plan
from daytwo.model.right import Right
from daytwo.model.step import Step
from daytwo.model.target import Target
from daytwo.model.workload import CronJob

ACTION = Declaration(
    kinds=("CronJob",),
    writes=(Right("patch", "batch", "cronjobs"),),
    reads=(Right("get", "batch", "cronjobs"),),
)

_PATH = "/spec/suspend"
# Zones differ by quarters of an hour.
_ALIKE_IN_ALL_ZONES: Final = re.compile(r"\*(/(1|3|5|15))?( \*){4}\Z")
# The controller looks at a CronJob within seconds of a change.
_PATIENCE = timedelta(minutes=2)


def needs(call: Call) -> Needs:
    return Needs(objects=(target_of(call),))


def plan(call: Call, facts: Facts) -> Plan:
    live = found(call, facts)
    title = f"suspend {target_of(call)}"
    cron_job = live.as_(CronJob)
    if cron_job.spec.suspend:
        return Plan(call, title, already=f"{target_of(call)} is suspended")
    effects, unknowns = [], []
    try:
        due = next(schedule_of(cron_job).due_after(facts.at), None)
        effects.append(f"no Job starts any more{f', the next would have at {told(due, cron_job)}' if due else ''}")
    except Unseen as unseen:
        effects.append("no Job starts any more")
        unknowns.append(f"when the next would have started: {unseen.gap}")
    running = ", ".join(reference.name for reference in cron_job.status.active)
    if running:
        effects.append(f"what runs goes on: {running}")
    return switched(call, live, title, True, "resume it; one Job then starts at once for the latest run missed", effects, unknowns)


def watch(step: Step) -> Needs:
    assert step.change.target is not None
    return Needs(objects=(step.change.target,))


def verify(step: Step, done: Outcome, facts: Facts) -> Verification:
    """Of suspending and of resuming, which is done when the Job has started that was missed."""
    assert isinstance(step.change, Patch)
    live = facts.live(step.change.target)
    if lost := patch.lost(step.change, live):
        return Verification(Seen.FAILED, lost)
    assert live is not None
    cron_job = live.as_(CronJob)
    running = len(cron_job.status.active)
    if cron_job.spec.suspend:
        return Verification(Seen.DONE, "suspended" + (f"; {running} of its Jobs still run" if running else ""))
    try:
        missed = run_missed(cron_job, facts.at) if _is_zone_known(cron_job) else None
    except Unseen as unseen:
        return Verification(Seen.DONE, f"resumed; whether a run was missed is not known: {unseen.gap}")
    if missed is None or (running and cron_job.spec.concurrency_policy == "Forbid"):
        return Verification(Seen.DONE, "resumed" + (f"; {running} of its Jobs run" if running else ""))
    last = cron_job.status.last_schedule_time
    return Verification(Seen.NOT_YET, f"the run of {told(missed, cron_job)} has not started", mark=str(last))


def undo(step: Step, done: Outcome) -> Step | None:
    assert isinstance(step.change, Patch)
    verb = "resume" if step.change.fields[0].new is True else "suspend"
    return msgspec.structs.replace(step, title=f"{verb} {step.change.target}", change=patch.inverse(step.change), undo="")


def switched(call: Call, live: Live, title: str, suspend: bool, undo: str, effects: list[str], unknowns: list[str]) -> Plan:
    """The plan that suspends or resumes."""
    target = msgspec.structs.replace(target_of(call), uid=live.uid)
    if live.is_terminating:
        return Plan(call, title, blocked=f"{target} is being deleted")
    change = Patch(target, (FieldChange(_PATH, old=live.at(_PATH), new=suspend),))
    step = Step(title, call, change, deadline=_PATIENCE, undo=undo)
    return Plan(call, title, (step,), blast=BlastRadius(workloads=1), effects=tuple(effects), unknowns=tuple(unknowns), undo=undo)


def found(call: Call, facts: Facts) -> Live:
    live = facts.live(target_of(call))
    if live is None:
        raise UsageError(f"there is no {target_of(call)}")
    return live


def target_of(call: Call) -> Target:
    assert call.target is not None
    return call.target


def told(due: datetime, cron_job: CronJob) -> str:
    """A time on the schedule; the controller tells nobody in which zone it lives."""
    return f"{due:%Y-%m-%d %H:%M} UTC{'' if _is_zone_known(cron_job) else ' (if its controller lives in UTC)'}"


def _is_zone_known(cron_job: CronJob) -> bool:
    schedule = schedule_of(cron_job)
    return schedule.zone is not None or schedule.every is not None or bool(_ALIKE_IN_ALL_ZONES.match(schedule.expression))
