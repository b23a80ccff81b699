"""The check `control-plane/crd-not-established`."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from daytwo.catalog import check
from daytwo.model.command import kubectl
from daytwo.model.control_plane import CustomResourceDefinition
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.metadata import condition
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot

PATIENCE: Final = timedelta(minutes=2)


@check(
    CustomResourceDefinition,
    heading=Heading.OPERATIONS,
    severity=Severity.MEDIUM,
    harm=Harm.ONE_EVENT_AWAY,
    applies=lambda definition: not definition.is_terminating,
    basis=Basis.STATE,
)
def crd_not_established(definition: CustomResourceDefinition, snapshot: Snapshot) -> Iterator[Hit]:
    """A custom kind that the API server does not serve, two minutes or longer after it was defined.

    Why: its objects can be neither read nor written, and the controller that lives on them cannot start.
    Fix: the condition names the fault: mostly a name that another CustomResourceDefinition already has.
    Source: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
    """
    if definition.created is not None and snapshot.taken_at - definition.created < PATIENCE:
        return
    for type in ("NamesAccepted", "Established"):
        found = condition(definition.conditions, type)
        if found is not None and found.status == "False":
            kind = definition.kind or definition.name
            at = found.last_transition_time
            yield Hit(
                f"kind {kind} is not served: {found.message or found.reason or 'no reason is given'}",
                path=f"status.conditions[{type}]",
                since=Since(at, exact=False) if at is not None else None,
                evidence=(Evidence(f"CRD {definition.name}: {type} is False, {found.reason}: {found.message}", at),),
                confirm=kubectl("get", "crd", definition.name, "-o", "jsonpath={.status.conditions}"),
            )
            return
