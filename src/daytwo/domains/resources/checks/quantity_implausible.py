"""The check `resources/quantity-implausible`."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

import msgspec

from daytwo.catalog import check
from daytwo.domains.resources.written import written
from daytwo.model.finding import Hit
from daytwo.model.quantity import quantity_or_zero
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot

# No program runs in less, and no runtime starts a container below a few of them.
_LEAST_BYTES: Final = 2**20


class Plausible(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`most_cores`: as many CPU cores, or more, are taken for a missing `m`."""

    most_cores: int = 100


@check(
    Runnable,
    heading=Heading.RESOURCES,
    severity=Severity.HIGH,
    options=Plausible,
    by_hand="which number is meant is for a person to say",
)
def quantity_implausible(workload: Runnable, snapshot: Snapshot, options: Plausible) -> Iterator[Hit]:
    """A request or limit that is surely not what was meant: `512m` of memory is half a byte, `500` CPU are five hundred cores.

    Why: the API server takes it. A container with a limit of half a byte does not start; a request of 500 cores fits on no node.
    Fix: write the unit that is meant: `512Mi`, `500m`.
    Source: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#resource-units-in-kubernetes
    Not: thousandths of bytes that are many: `1288490188800m`, which some tools write for 1.2Gi. Zero, which says none.
    """
    for one in written(workload):
        value = quantity_or_zero(one.value)
        if value <= 0:
            continue
        if one.resource in ("memory", "ephemeral-storage") and value < _LEAST_BYTES:
            near = re.sub(r"m\Z", "Mi", str(one.value)) if str(one.value).endswith("m") else f"{one.value}Mi"
            yield Hit(
                f"{one.where}: {one.resource} {one.value} is {_bytes(value)}",
                path=one.path,
                item=one.item,
                fix=f"write {near}, if that is meant",
                severity=None if one.side == "limits" else Severity.MEDIUM,
            )
        elif one.resource == "cpu" and value >= options.most_cores:
            yield Hit(
                f"{one.where}: cpu {one.value} is {int(value)} cores",
                path=one.path,
                item=one.item,
                fix=f"write {int(value)}m, if that is meant",
                severity=None if one.side == "requests" else Severity.MEDIUM,
            )


def _bytes(value: Decimal) -> str:
    if value < 1:
        return f"{value.normalize():f} bytes"
    return f"{int(value)} {'byte' if int(value) == 1 else 'bytes'}"
