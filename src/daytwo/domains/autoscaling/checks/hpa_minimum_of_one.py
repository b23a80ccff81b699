"""The check `autoscaling/hpa-minimum-of-one`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.autoscaling.target import is_made_by_people, workload_of
from daytwo.model.finding import Hit
from daytwo.model.policy import HorizontalPodAutoscaler
from daytwo.model.serving import named, serving_services
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    HorizontalPodAutoscaler,
    heading=Heading.RELIABILITY,
    severity=Severity.MEDIUM,
    applies=is_made_by_people,
    by_hand="a second replica costs money, and the program must be able to run twice: a person decides",
)
def hpa_minimum_of_one(autoscaler: HorizontalPodAutoscaler, snapshot: Snapshot) -> Iterator[Hit]:
    """An autoscaler that lets a workload behind a Service go down to one replica.

    Why: at low load one pod is left. Its node's drain, its crash or its eviction is then an outage until another one is ready.
    Fix: set spec.minReplicas to 2 or more; absent it is 1.
    Source: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
    Not: workloads that no Service leads to, such as workers of a queue; a minimum of 0, which is asked for on purpose; a maximum of 1.
    """
    if autoscaler.spec.min_replicas != 1 or autoscaler.spec.max_replicas < 2:
        return
    workload = workload_of(autoscaler, snapshot)
    if workload is None:
        return
    services = serving_services(workload, snapshot)
    if services:
        yield Hit(
            f"may scale {workload.ref.kind} {workload.name} down to one replica, to which {named(services)} leads",
            path="spec.minReplicas",
            fix="set spec.minReplicas to 2",
        )
