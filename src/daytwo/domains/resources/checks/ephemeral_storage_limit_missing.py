"""The check `resources/ephemeral-storage-limit-missing`."""

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
def ephemeral_storage_limit_missing(workload: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A container that may fill its node with logs and temporary files. A strict rule.

    Why: logs or temporary files that grow without bound fill the disk of its node, and the kubelet evicts other pods to free it.
    Fix: set resources.limits.ephemeral-storage.
    Source: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#local-ephemeral-storage
    Not: a container whose limit comes from somewhere else: a LimitRange that was seen in its namespace, the pod's own
    `spec.resources`. Init containers that end. Where no LimitRange could be looked at, as in most trees of files, the
    container is taken as it stands.
    """
    for placed in workload.running_containers():
        if not names_limit(placed.container, workload, "ephemeral-storage", snapshot):
            yield Hit(
                f"{named(placed)} has no limit for local storage",
                path=limit_path(placed, "ephemeral-storage"),
                item=placed.container.name,
                fix="set resources.limits.ephemeral-storage",
            )
