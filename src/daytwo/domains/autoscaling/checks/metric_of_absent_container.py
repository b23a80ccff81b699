"""The check `autoscaling/metric-of-absent-container`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.autoscaling.target import is_made_by_people, workload_of
from daytwo.model.finding import Hit
from daytwo.model.nearness import nearest
from daytwo.model.policy import HorizontalPodAutoscaler
from daytwo.model.repair import setting
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(HorizontalPodAutoscaler, heading=Heading.RESOURCES, severity=Severity.HIGH, applies=is_made_by_people)
def metric_of_absent_container(autoscaler: HorizontalPodAutoscaler, snapshot: Snapshot) -> Iterator[Hit]:
    """An autoscaler that scales by a container that the pods do not have.

    Why: there are no metrics of that container, so the number of replicas cannot be computed and stays as it is. This is what
    remains when a container is renamed.
    Fix: write the container's name in spec.metrics.
    Source: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#container-resource-metrics
    Not: native sidecars, which are init containers by their place and have metrics; a container that a webhook adds to each pod, such
    as a service mesh's proxy, and that the pod's annotations or its namespace ask for.
    """
    for index, metric in enumerate(autoscaler.spec.metrics):
        resource = metric.container_resource
        workload = workload_of(autoscaler, snapshot) if resource is not None else None
        if resource is None or workload is None:
            continue
        names = [placed.container.name for placed in workload.running_containers()]
        if resource.container in names or resource.container in _INJECTED:
            continue
        near = names[0] if len(names) == 1 else nearest(resource.container, names)
        told = f"; {'its only one' if len(names) == 1 else 'nearest'} is {near}" if near else ""
        path = f"spec.metrics[{index}].containerResource.container"
        yield Hit(
            f"scales by {resource.name} of container {resource.container}, which {workload.ref.kind} {workload.name} does not have{told}",
            path=path,
            item=f"{resource.container}/{resource.name}",
            fix=f"write {near or 'the name of a container'} in {path}",
            repair=setting(path, near) if near else None,
            by_hand="" if near else "which container is meant is for a person to say",
        )


# Containers that webhooks of service meshes add, by the names those give them.
# https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/, https://linkerd.io/2/features/proxy-injection/
_INJECTED = frozenset({"istio-proxy", "linkerd-proxy", "consul-dataplane", "daprd", "vault-agent"})
