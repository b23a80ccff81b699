"""The check `resources/cpu-request-missing`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.resources.field import named, request_path
from daytwo.model.allotment import names_request
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable,
    heading=Heading.RESOURCES,
    severity=Severity.MEDIUM,
    by_hand="how much a container needs is only known by who runs it",
)
def cpu_request_missing(workload: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A container that asks for no CPU.

    Why: the scheduler counts it as nothing and may put it on a node that is full; when CPU is short it gets next to none, and an
    autoscaler of the pod cannot compute its share.
    Fix: set resources.requests.cpu to what it uses in a busy hour.
    Source: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
    Not: a container whose request comes from somewhere else: a LimitRange that was seen in its namespace, the pod's own
    `spec.resources`, a limit, which is a request too, or a
    VerticalPodAutoscaler that writes it. Init containers that end. Where no LimitRange could be looked at, as in most trees of files, the
    container is taken as it stands.
    """
    for placed in workload.running_containers():
        if not names_request(placed.container, workload, "cpu", snapshot):
            yield Hit(
                f"{named(placed)} requests no CPU",
                path=request_path(placed, "cpu"),
                item=placed.container.name,
                fix="set resources.requests.cpu",
            )
