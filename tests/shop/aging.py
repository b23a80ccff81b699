"""A snapshot as it would look later, had nothing happened meanwhile but that living nodes renewed their leases."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import msgspec

from daytwo.model.metadata import Resource
from daytwo.model.node import Lease
from daytwo.model.snapshot import Snapshot

_RENEWED_WITHIN: Final = timedelta(seconds=60)


def aged(snapshot: Snapshot, by: timedelta) -> Snapshot:
    """The same cluster, looked at that much later. Events older than their hour stay: age by less where that matters."""

    def renewed(resource: Resource) -> Resource:
        if not isinstance(resource, Lease):
            return resource
        at = resource.spec.renew_time
        if at is None or snapshot.taken_at - at > _RENEWED_WITHIN:
            return resource
        return msgspec.structs.replace(resource, spec=msgspec.structs.replace(resource.spec, renew_time=at + by))

    resources = {kind: tuple(renewed(resource) for resource in found) for kind, found in snapshot.resources.items()}
    return replace(snapshot, taken_at=snapshot.taken_at + by, resources=resources)
