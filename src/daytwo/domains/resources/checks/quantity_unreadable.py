"""The check `resources/quantity-unreadable`."""

import re
from collections.abc import Iterator
from typing import Final

from daytwo.catalog import check
from daytwo.domains.resources.written import written
from daytwo.model.finding import Hit
from daytwo.model.quantity import quantity
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot

# What people write for the units that Kubernetes knows.
_MEANT: Final = (
    (re.compile(r"([0-9.]+) *(?:kb|kib)\Z", re.IGNORECASE), "Ki"),
    (re.compile(r"([0-9.]+) *(?:mb|mib|mi)\Z", re.IGNORECASE), "Mi"),
    (re.compile(r"([0-9.]+) *(?:gb|gib|gi|g)\Z", re.IGNORECASE), "Gi"),
)


@check(
    Runnable,
    heading=Heading.RESOURCES,
    severity=Severity.HIGH,
    by_hand="which number is meant is for a person to say",
)
def quantity_unreadable(workload: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A request or limit that is no quantity, such as `512MB`.

    Why: the API server refuses the object.
    Fix: write the unit as Kubernetes knows it: `512Mi`, `1Gi`, `500m`, `0.5`.
    Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
    """
    for one in written(workload):
        try:
            quantity(one.value)
        except ValueError:
            near = next((f"{match[1]}{unit}" for form, unit in _MEANT if (match := form.match(str(one.value)))), "")
            yield Hit(
                f'{one.where}: "{one.value}" is no quantity of {one.resource}',
                path=one.path,
                item=one.item,
                fix=f"write {near}" if near else "write for example 512Mi, or 500m",
            )
