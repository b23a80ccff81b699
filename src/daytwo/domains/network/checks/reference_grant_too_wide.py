"""The check `network/reference-grant-too-wide`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.network import ReferenceGrant
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    ReferenceGrant,
    heading=Heading.SECURITY,
    severity=Severity.LOW,
    by_hand="which Secret is meant is for those who wrote the grant to say",
)
def reference_grant_too_wide(grant: ReferenceGrant, snapshot: Snapshot) -> Iterator[Hit]:
    """A ReferenceGrant that lets another namespace use every Secret of its own.

    Why: a Gateway over there may then serve any certificate of this namespace, and a controller reads whatever Secret it is told to.
    Fix: name the Secret in spec.to.
    Source: https://gateway-api.sigs.k8s.io/api-types/referencegrant/
    Not: grants to all Services: which of them a route serves can be seen in the route.
    """
    for index, peer in enumerate(grant.spec.to):
        if peer.kind == "Secret" and not peer.name:
            whom = ", ".join(sorted({f"{one.kind}s of namespace {one.namespace}" for one in grant.spec.from_})[:3])
            yield Hit(
                f"lets {whom or 'others'} use every Secret of namespace {grant.namespace}",
                path=f"spec.to[{index}].name",
                item=str(index),
                fix="name the Secret in spec.to",
            )
