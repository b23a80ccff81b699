"""The check `resources/ephemeral-storage-request-missing`."""

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
    severity=Severity.LOW,
    by_hand="how much a container needs is only known by who runs it",
)
def ephemeral_storage_request_missing(workload: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A container that asks for no local storage. A strict rule.

    Why: the scheduler does not count its logs, its writable layer and its emptyDir volumes, so a node fills up, and the kubelet evicts
    pods to free it.
    Fix: set resources.requests.ephemeral-storage.
    Source: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#local-ephemeral-storage
    Not: a container whose request comes from somewhere else: a LimitRange that was seen in its namespace, the pod's own
    `spec.resources`. Init containers that end. Where no LimitRange could be looked at, as in most trees of files, the
    container is taken as it stands.
    """
    for placed in workload.running_containers():
        if not names_request(placed.container, workload, "ephemeral-storage", snapshot):
            yield Hit(
                f"{named(placed)} requests no local storage",
                path=request_path(placed, "ephemeral-storage"),
                item=placed.container.name,
                fix="set resources.requests.ephemeral-storage",
            )
