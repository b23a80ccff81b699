"""The check `resources/cpu-limit-missing`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.resources.field import limit_path, named
from daytwo.model.allotment import names_limit
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable,
    heading=Heading.RESOURCES,
    severity=Severity.LOW,
    by_hand="how much a container needs is only known by who runs it",
)
def cpu_limit_missing(workload: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A container whose CPU is not limited. Contested: this is for clusters in which it is a rule, and in no default.

    Why: its speed depends on how busy its neighbours are, so tests promise what production does not keep; who shares a cluster
    between tenants, or bills by limit, wants a bound. Against it: CPU that nobody uses is lost, a container is throttled within
    each tenth of a second although its node is idle, and requests alone already divide CPU fairly when it is short.
    Fix: set resources.limits.cpu; leave room above what it uses for start-up and garbage collection.
    Source: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
    Not: a container whose limit comes from somewhere else: a LimitRange that was seen in its namespace, the pod's own
    `spec.resources`. Init containers that end. Where no LimitRange could be looked at, as in most trees of files, the
    container is taken as it stands.
    """
    for placed in workload.running_containers():
        if not names_limit(placed.container, workload, "cpu", snapshot):
            yield Hit(
                f"{named(placed)} has no limit for CPU",
                path=limit_path(placed, "cpu"),
                item=placed.container.name,
                fix="set resources.limits.cpu",
            )
