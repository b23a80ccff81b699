"""The check `delivery/api-version-removed`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.delivery.repairing import mending
from daytwo.domains.delivery.written import Target, bare_kind, is_written, lifecycle_of, served_versions, written
from daytwo.model.finding import Hit
from daytwo.model.metadata import Resource
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Resource,
    heading=Heading.DELIVERY,
    severity=Severity.HIGH,
    applies=is_written,
    options=Target,
    by_hand="fields have other names or defaults in the version that takes its place",
)
def api_version_removed(resource: Resource, snapshot: Snapshot, options: Target) -> Iterator[Hit]:
    """A manifest in a version of the API that the cluster serves no more, or that a custom kind's definition does not serve.

    Why: applying it fails. Where an object was applied before the version went, it still runs, and the next deployment fails.
    Fix: write the version that takes its place; most changes are small, and the migration guide lists them.
    Source: https://kubernetes.io/docs/reference/using-api/deprecation-guide/
    Not: how the cluster stores an object, which converts by itself; what was last applied says only how the manifest was then, and
    counts less.
    """
    way = written(resource)
    if way is None:
        return
    target = options.minor(snapshot)
    known = lifecycle_of(resource, way.api_version)
    severity = None if way.is_declared else Severity.MEDIUM
    path = "apiVersion" if way.is_declared else "metadata.annotations[kubectl.kubernetes.io/last-applied-configuration]"
    if known is not None:
        if known.removed is not None and known.removed <= target:
            fix, repair, by_hand = mending(resource, way, known, target)
            yield Hit(
                f"{way.subject}, which is not served since Kubernetes 1.{known.removed} (judged for 1.{target})",
                path=path,
                fix=fix,
                repair=repair,
                by_hand=by_hand,
                severity=severity,
            )
        return
    group, _, version = way.api_version.rpartition("/")
    served = snapshot.once(served_versions).get((group, bare_kind(resource)))
    if served and version not in served:
        yield Hit(
            f"{way.subject}; its definition serves {', '.join(served)}",
            path=path,
            fix=f"write apiVersion: {group}/{served[0]}, and look at what changed",
            severity=severity,
        )
