"""The check `autoscaling/metric-without-request`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.autoscaling.target import held_metrics, is_made_by_people, workload_of
from daytwo.model.allotment import allotment, names_request, pod_level, totals
from daytwo.model.autoscaler import ScaledObject
from daytwo.model.finding import Hit
from daytwo.model.pod_spec import Container
from daytwo.model.policy import HorizontalPodAutoscaler, ResourceMetric
from daytwo.model.runnable import Runnable
from daytwo.model.scaling import Scaler
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    HorizontalPodAutoscaler,
    ScaledObject,
    heading=Heading.RESOURCES,
    severity=Severity.HIGH,
    applies=lambda scaler: isinstance(scaler, ScaledObject) or is_made_by_people(scaler),
    by_hand="how much a container needs is only known by who runs it",
)
def metric_without_request(scaler: Scaler, snapshot: Snapshot) -> Iterator[Hit]:
    """An autoscaler that scales by a share of a request which some container does not have.

    Why: the share cannot be computed (`missing request for cpu in container …`), for the whole pod: one sidecar without a request
    keeps the workload at the size it had.
    Fix: give every container of the pod, sidecars included, a request for that resource, or scale by the one container
    (`ContainerResource`).
    Source: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#support-for-resource-metrics
    Not: a limit without a request, which is a request; requests of the pod as a whole, of a LimitRange, or that a
    VerticalPodAutoscaler writes; init containers that end; targets of a value instead of a share.
    """
    held = tuple(held_metrics(scaler))
    workload = workload_of(scaler, snapshot) if held else None
    if workload is None:
        return
    counts_whole_pod = bool(pod_level(workload).requests)
    for metric, path, item in held:
        if counts_whole_pod and not metric.container:
            # Then the sum is taken, of whichever containers ask for some.
            if metric.name not in totals(workload, snapshot)[0]:
                told = f"scales {workload.ref.kind} {workload.name} by the share of its {metric.name} requests, and neither the pod nor a"
                yield Hit(f"{told} container has one", path=path, item=item, fix=f"give the pod a request for {metric.name}")
            continue
        without = [
            placed
            for placed in workload.running_containers()
            if metric.container in ("", placed.container.name) and not _is_asked(metric, placed.container, workload, snapshot)
        ]
        if without:
            first = without[0]
            more = f" and {len(without) - 1} more" if len(without) > 1 else ""
            yield Hit(
                f"scales {workload.ref.kind} {workload.name} by the share of its {metric.name} requests, and {first.role} "
                f"{first.container.name}{more} {'have' if more else 'has'} none",
                path=path,
                item=item,
                fix=f"give {first.role} {first.container.name} a request for {metric.name}",
            )


def _is_asked(metric: ResourceMetric, container: Container, workload: Runnable, snapshot: Snapshot) -> bool:
    """For one container the autoscaler takes the container's own request, whatever the pod asks for as a whole."""
    if metric.container and metric.name in pod_level(workload).requests:
        return metric.name in allotment(container, workload, snapshot).requests
    return names_request(container, workload, metric.name, snapshot)
