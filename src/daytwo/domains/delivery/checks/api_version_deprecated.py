"""The check `delivery/api-version-deprecated`."""

from collections.abc import Iterator
from typing import Final

from daytwo.catalog import check
from daytwo.domains.delivery.repairing import mending
from daytwo.domains.delivery.written import Target, is_written, lifecycle_of, written
from daytwo.model.finding import Hit
from daytwo.model.metadata import Resource
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot

# A year of releases: Kubernetes has three a year, and supports a release for about 14 months.
# Source: https://kubernetes.io/releases/patch-releases/
_SOON: Final = 3


@check(
    Resource,
    heading=Heading.DELIVERY,
    severity=Severity.LOW,
    applies=is_written,
    options=Target,
    by_hand="fields have other names or defaults in the version that takes its place",
)
def api_version_deprecated(resource: Resource, snapshot: Snapshot, options: Target) -> Iterator[Hit]:
    """A manifest in a version of the API that is still served and will go; medium where that is within three releases.

    Why: the upgrade of the cluster will be held up by it, or the first deployment after the upgrade fails.
    Fix: write the version that takes its place.
    Source: https://kubernetes.io/docs/reference/using-api/deprecation-guide/
    Not: versions that are gone already, which is worse and told by another check.
    """
    way = written(resource)
    known = lifecycle_of(resource, way.api_version) if way is not None else None
    if way is None or known is None:
        return
    target = options.minor(snapshot)
    if known.deprecated > target or (known.removed is not None and known.removed <= target):
        return
    fix, repair, by_hand = mending(resource, way, known, target)
    end = "no end is set" if known.removed is None else f"it goes with 1.{known.removed}"
    yield Hit(
        f"{way.subject}, deprecated since Kubernetes 1.{known.deprecated}: {end} (judged for 1.{target})",
        path="apiVersion" if way.is_declared else "metadata.annotations[kubectl.kubernetes.io/last-applied-configuration]",
        fix=fix,
        repair=repair,
        by_hand=by_hand,
        severity=Severity.MEDIUM if known.removed is not None and known.removed <= target + _SOON else None,
    )
