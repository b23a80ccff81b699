"""Let a suspended CronJob start Jobs again; the latest run that it missed starts at once.

Why: what kept its Jobs from running is over.
Undo: suspended again; a Job that has started goes on.
Source: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-suspension
"""

from daytwo.actions import suspend_cronjob
from daytwo.actions.suspend_cronjob import found, switched, target_of, told
from daytwo.catalog import Declaration
from daytwo.domains.workloads.schedule import run_missed
from daytwo.model.call import Call
from daytwo.model.facts import Facts, Needs
from daytwo.model.gap import Unseen
from daytwo.model.outcome import Outcome, Verification
from daytwo.model.plan import Plan
from daytwo.model.right import Right
from daytwo.model.step import Step
from daytwo.model.workload import CronJob

ACTION = Declaration(
    kinds=("CronJob",),
    writes=(Right("patch", "batch", "cronjobs"),),
    reads=(Right("get", "batch", "cronjobs"),),
)


def needs(call: Call) -> Needs:
    return Needs(objects=(target_of(call),))


def plan(call: Call, facts: Facts) -> Plan:
    live = found(call, facts)
    title = f"resume {target_of(call)}"
    cron_job = live.as_(CronJob)
    if not cron_job.spec.suspend:
        return Plan(call, title, already=f"{target_of(call)} is not suspended")
    effects, unknowns = [], []
    try:
        effects.append(_first_run(cron_job, facts))
    except Unseen as unseen:
        unknowns.append(f"whether a Job starts at once: {unseen.gap}")
    return switched(call, live, title, False, "suspend it again; a Job that has started goes on", effects, unknowns)


def watch(step: Step) -> Needs:
    return suspend_cronjob.watch(step)


def verify(step: Step, done: Outcome, facts: Facts) -> Verification:
    return suspend_cronjob.verify(step, done, facts)


def undo(step: Step, done: Outcome) -> Step | None:
    return suspend_cronjob.undo(step, done)


def _first_run(cron_job: CronJob, facts: Facts) -> str:
    missed = run_missed(cron_job, facts.at)
    if missed is None:
        return "no run was missed that it would still start: the next starts as scheduled"
    run = f"the run of {told(missed, cron_job)}"
    running = ", ".join(reference.name for reference in cron_job.status.active)
    match cron_job.spec.concurrency_policy:
        case "Forbid" if running:
            return f"{run} waits until {running} has ended: Jobs may not run side by side"
        case "Replace" if running:
            return f"{run} starts at once and ends {running}"
        case _:
            return f"{run} starts at once"
