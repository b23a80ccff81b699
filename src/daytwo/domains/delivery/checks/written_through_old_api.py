"""The check `delivery/written-through-old-api`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.delivery.written import Target, lifecycle_of
from daytwo.model.finding import Evidence, Hit
from daytwo.model.metadata import ManagedField, Resource
from daytwo.model.severity import Basis, Heading, Severity
from daytwo.model.snapshot import Snapshot


def _may_be_old(resource: Resource) -> bool:
    return any(entry.api_version for entry in resource.metadata.managed_fields)


@check(Resource, heading=Heading.DELIVERY, severity=Severity.MEDIUM, applies=_may_be_old, basis=Basis.STATE, options=Target)
def written_through_old_api(resource: Resource, snapshot: Snapshot, options: Target) -> Iterator[Hit]:
    """An object that some program wrote through a version of the API that is deprecated or gone.

    Why: the program, its chart or its client library stops working when the version goes; the object itself is converted and stays.
    managedFields names the writer, where a search through manifests finds nothing.
    Fix: upgrade what writes it, or its manifest.
    Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
    Not: versions of custom kinds, and what was written through a version that stays.
    """
    target = options.minor(snapshot)
    newest: dict[tuple[str, str], ManagedField] = {}
    for entry in resource.metadata.managed_fields:
        if entry.api_version and entry.time is not None:
            before = newest.get((entry.manager, entry.api_version))
            if before is None or before.time is None or before.time < entry.time:
                newest[entry.manager, entry.api_version] = entry
    for (manager, api_version), entry in sorted(newest.items()):
        known = lifecycle_of(resource, api_version)
        if known is None or known.deprecated > target:
            continue
        is_gone = known.removed is not None and known.removed <= target
        end = f"gone with 1.{known.removed}" if is_gone else f"deprecated since 1.{known.deprecated}"
        yield Hit(
            f"{manager} last wrote it as {api_version}, {end} (judged for 1.{target})",
            path="metadata.managedFields",
            item=f"{manager} {api_version}",
            fix=f"upgrade {manager}, or what it applies, to {known.instead or 'something else'}",
            evidence=(Evidence(f"{manager} wrote it as {api_version}", entry.time),),
        )
