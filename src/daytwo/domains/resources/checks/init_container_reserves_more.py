"""The check `resources/init-container-reserves-more`."""

from collections.abc import Iterator
from decimal import Decimal

from daytwo.catalog import check
from daytwo.domains.resources.field import named, request_path
from daytwo.model.allotment import allotment
from daytwo.model.finding import Hit
from daytwo.model.quantity import amount, quantity_or_zero
from daytwo.model.runnable import Role, Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import CronJob, Job


@check(Runnable, heading=Heading.RESOURCES, severity=Severity.INFO, by_hand="how much a container needs is only known by who runs it")
def init_container_reserves_more(workload: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """An init container that asks for more than all containers that run afterwards.

    Why: the scheduler keeps the larger of both for the pod's whole life: what runs for a minute is reserved, and paid for, for months.
    Fix: lower its request; it may still use what its limit allows.
    Source: https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers
    Not: sidecars, which run on and are added to the containers; Jobs; pods with requests of their own, `spec.resources`.
    """
    if isinstance(workload, Job | CronJob) or workload.pod_spec.resources is not None:
        return
    running: dict[str, Decimal] = {}
    for placed in workload.running_containers():
        for resource, value in allotment(placed.container, workload, snapshot).requests.items():
            running[resource] = running.get(resource, Decimal(0)) + quantity_or_zero(value)
    sidecars: dict[str, Decimal] = {}
    for placed in workload.all_containers():
        requests = allotment(placed.container, workload, snapshot).requests
        if placed.role is Role.SIDECAR:
            for resource, value in requests.items():
                sidecars[resource] = sidecars.get(resource, Decimal(0)) + quantity_or_zero(value)
        if placed.role is not Role.INIT:
            continue
        for resource in ("cpu", "memory"):
            needed = quantity_or_zero(requests.get(resource)) + sidecars.get(resource, Decimal(0))
            if resource in requests and needed > running.get(resource, Decimal(0)):
                yield Hit(
                    f"{named(placed)} reserves {amount(resource, needed)} {resource} for the pod's whole life; its containers together "
                    f"ask for {amount(resource, running.get(resource, Decimal(0)))}",
                    path=request_path(placed, resource),
                    item=f"{placed.container.name}/{resource}",
                )
