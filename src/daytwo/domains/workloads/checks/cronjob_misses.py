"""The check `workloads/cronjob-misses`."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from daytwo.catalog import check
from daytwo.domains.workloads import creation_failure, jobs, pods
from daytwo.domains.workloads.schedule import Schedule, schedule_of
from daytwo.model.command import kubectl
from daytwo.model.event import Event
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.ref import Ref
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import CronJob, Job

# The controller looks every few seconds; clocks differ a little.
SLACK: Final = timedelta(minutes=1)
LONG_RUN: Final = timedelta(hours=1)
MOST_COUNTED: Final = 100
# Below this the controller, which looks every ten seconds, may pass over a run.
# Source: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#starting-deadline
SHORTEST_DEADLINE: Final = 10

# Reasons of events by which the controller says that it cannot make anything of the schedule.
_UNREADABLE: Final = {
    "InvalidSchedule": "the controller finds no next run",
    "UnparseableSchedule": "the controller cannot parse it",
    "UnsupportedSchedule": "the controller does not support it",
    "UnknownTimeZone": "the controller does not know its time zone",
}
_TELLING: Final = frozenset({"MissSchedule", "TooManyMissedTimes", "FailedCreate", "JobAlreadyActive"})


@check(
    CronJob,
    heading=Heading.OPERATIONS,
    severity=Severity.MEDIUM,
    harm=Harm.ACTIVE,
    applies=lambda cron_job: not cron_job.spec.suspend and not cron_job.is_terminating,
    basis=Basis.STATE,
)
def cronjob_misses(cron_job: CronJob, snapshot: Snapshot) -> Iterator[Hit]:
    """A CronJob that did not start two runs that were due, or that can never run.

    Which runs were due is daytwo's own reckoning: from the schedule in its time zone, or, where none is given, in whatever zone the
    controller may live in. A schedule such as `0 0 30 2 *` is accepted by the API server and never runs.

    Why: the work it stands for is silently not done; no Job exists that could fail.
    Fix: end the run that still holds its place (concurrencyPolicy Forbid), mend what refuses its Jobs, or correct the schedule.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/
    Not: suspended CronJobs; a run that holds its place for less than an hour.
    """
    told = next((event for event in snapshot.events_of(cron_job) if event.reason in _UNREADABLE), None)
    if told is not None:
        yield _never(cron_job, _UNREADABLE[told.reason], Evidence(f"event {told.reason}: {pods.brief(told.message)}", told.at))
        return
    schedule = schedule_of(cron_job)
    since = _last(cron_job)
    due = schedule.first_two(since, is_run=since == cron_job.status.last_schedule_time) if since is not None else None
    if schedule.is_never:
        yield _never(cron_job, "no month has such a day", Evidence(f"CronJob {cron_job.name}: spec.schedule {schedule.text}"))
        return
    if since is None or due is None:
        return
    grace = (cron_job.spec.starting_deadline_seconds or 0) + SLACK.total_seconds()
    if (snapshot.taken_at - due[1]).total_seconds() <= grace:
        return
    blocker = _blocking_run(cron_job, snapshot)
    if blocker is not None:
        began = jobs.began(blocker)
        if began is not None and snapshot.taken_at - began < LONG_RUN:
            return
        yield _held_up(cron_job, blocker, began, _missed(schedule, since, snapshot.taken_at), due[0])
        return
    yield _missing(cron_job, schedule, since, due[0], snapshot)


def _last(cron_job: CronJob) -> datetime | None:
    """When it last ran, or since when it could: what came before the spec was last written does not count."""
    write = cron_job.last_write("spec") or cron_job.last_write("suspend")
    times = [cron_job.status.last_schedule_time or cron_job.created, write.time if write is not None else None]
    return max((at for at in times if at is not None), default=None)


def _blocking_run(cron_job: CronJob, snapshot: Snapshot) -> Job | None:
    """The run that holds its place where no second may start beside it."""
    if cron_job.spec.concurrency_policy != "Forbid":
        return None
    for reference in cron_job.status.active:
        found = snapshot.find(Ref(Job.KIND, cron_job.namespace, reference.name))
        if isinstance(found, Job) and not jobs.has_ended(found):
            return found
    return None


def _missed(schedule: Schedule, since: datetime, until: datetime) -> str:
    count = schedule.count(since, until, MOST_COUNTED + 1)
    return f"more than {MOST_COUNTED} runs" if count > MOST_COUNTED else f"{max(count, 2)} runs"


def _held_up(cron_job: CronJob, blocker: Job, began: datetime | None, missed: str, first_due: datetime) -> Hit:
    return Hit(
        f"its run {blocker.name} does not end, and no other may start beside it: {missed} missed by our reckoning",
        path="spec.concurrencyPolicy",
        fix=f"end the run {blocker.name} if it hangs, and give the Job an activeDeadlineSeconds",
        since=Since(first_due, exact=False),
        evidence=(
            Evidence(f"Job {blocker.name} began and has not ended", began),
            Evidence(f"CronJob {cron_job.name}: concurrencyPolicy Forbid, last scheduled", cron_job.status.last_schedule_time),
        ),
        confirm=kubectl("get", "job", blocker.name, namespace=cron_job.namespace),
    )


def _missing(cron_job: CronJob, schedule: Schedule, since: datetime, first_due: datetime, snapshot: Snapshot) -> Hit:
    events = [event for event in snapshot.events_of(cron_job) if event.reason in _TELLING]
    refused = next((event for event in events if event.reason == "FailedCreate"), None)
    reading = creation_failure.parse(refused.message, cron_job.namespace, snapshot) if refused is not None else None
    zone = cron_job.spec.time_zone or "the controller's time zone"
    last = cron_job.status.last_schedule_time
    return Hit(
        f"{_missed(schedule, since, snapshot.taken_at)} missed by our reckoning{_why(cron_job, reading)}",
        path="status.lastScheduleTime",
        since=Since(first_due, exact=False),
        evidence=(
            *(_event(event) for event in events[:2]),
            Evidence("its last run was scheduled", last)
            if last is not None
            else Evidence("it has not run since it was made", cron_job.created),
            Evidence(f"by schedule {schedule.text} in {zone} the next run was due", first_due),
        ),
        because=reading.because if reading is not None else (),
        confirm=(reading.confirm if reading is not None else None)
        or kubectl("describe", "cronjob", cron_job.name, namespace=cron_job.namespace),
    )


def _why(cron_job: CronJob, reading: creation_failure.Reading | None) -> str:
    deadline = cron_job.spec.starting_deadline_seconds
    if reading is not None:
        return f": no Job can be created, {reading.words}"
    if deadline is not None and deadline < SHORTEST_DEADLINE:
        return f": its startingDeadlineSeconds of {deadline} is too short for the controller to keep"
    return ""


def _event(event: Event) -> Evidence:
    return Evidence(f"event {event.reason}: {pods.brief(event.message)}", event.at)


def _never(cron_job: CronJob, why: str, evidence: Evidence) -> Hit:
    zone = f" in time zone {cron_job.spec.time_zone}" if cron_job.spec.time_zone else ""
    return Hit(
        f"its schedule {cron_job.spec.schedule}{zone} never runs: {why}",
        path="spec.schedule",
        since=Since(cron_job.created, exact=False) if cron_job.created is not None else None,
        evidence=(evidence,),
        confirm=kubectl("get", "cronjob", cron_job.name, "-o", "jsonpath={.spec.schedule}", namespace=cron_job.namespace),
    )
