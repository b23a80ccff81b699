"""The check `resources/decimal-memory-unit`."""

import re
from collections.abc import Iterator
from typing import Final

from daytwo.catalog import check
from daytwo.domains.resources.written import written
from daytwo.model.finding import Hit
from daytwo.model.quantity import binary_bytes, quantity_or_zero
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot

_DECIMAL: Final = re.compile(r"[0-9.]+[kMG]\Z")


@check(
    Runnable,
    heading=Heading.RESOURCES,
    severity=Severity.INFO,
    by_hand="the other unit is another number: 5 to 7 % more",
)
def decimal_memory_unit(workload: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """Memory in powers of ten, `512M`, where nearly everything else counts in powers of two, `512Mi`. A strict rule.

    Why: the two differ by 5 to 7 %. A heap of 512 MiB does not fit into 512M.
    Fix: write Mi or Gi.
    Source: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#meaning-of-memory
    """
    told: set[str] = set()
    for one in written(workload):
        if one.resource == "memory" and one.where not in told and _DECIMAL.match(str(one.value)):
            told.add(one.where)
            yield Hit(
                f"{one.where}: memory {one.value} is {binary_bytes(quantity_or_zero(one.value))}",
                path=one.path,
                item=one.item.partition("/")[0],
            )
