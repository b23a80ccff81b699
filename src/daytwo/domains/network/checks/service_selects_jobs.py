"""The check `network/service-selects-jobs`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.network import Service
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.targets import leads_to, served_templates
from daytwo.model.templates import templates_selected
from daytwo.model.workload import CronJob, Job


@check(
    Service,
    heading=Heading.RELIABILITY,
    severity=Severity.MEDIUM,
    applies=lambda service: service.selector is not None and service.spec.type != "ExternalName",
    by_hand="to tell the two apart takes a label on one side's pods, and the selector of a workload cannot be changed",
)
def service_selects_jobs(service: Service, snapshot: Snapshot) -> Iterator[Hit]:
    """A Service that selects the pods of a Job or CronJob beside those of the workload it is for.

    Why: while the job runs its pod is ready and gets a share of the connections, on a port where nothing listens: they are refused.
    Fix: give the job's pods labels of their own, such as app.kubernetes.io/component, and put that label into the Service's selector.
    Source: https://kubernetes.io/docs/concepts/services-networking/service/#defining-a-service
    Not: a Service that selects nothing but Jobs, which is meant for them; ports by name that the job's containers do not declare: no
    endpoint is made of them.
    """
    served = served_templates(service, snapshot)
    if not served or service.selector is None:
        return
    for runnable in templates_selected(service.selector, service.namespace, snapshot):
        if isinstance(runnable, Job | CronJob) and any(leads_to(port, runnable) for port in service.spec.ports):
            job, workload = f"{runnable.ref.kind} {runnable.name}", f"{served[0].ref.kind} {served[0].name}"
            yield Hit(
                f"sends traffic to the pods of {job} too, beside those of {workload}",
                path="spec.selector",
                item=job,
                fix=f"give the pods of {job} a label that the selector leaves out",
            )
