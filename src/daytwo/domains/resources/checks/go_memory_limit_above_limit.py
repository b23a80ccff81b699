"""The check `resources/go-memory-limit-above-limit`."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from daytwo.catalog import check
from daytwo.domains.resources.field import named
from daytwo.domains.resources.heap import memory_limit
from daytwo.model.finding import Hit
from daytwo.model.quantity import binary_bytes
from daytwo.model.repair import setting
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot

_NAME: Final = "GOMEMLIMIT"
# https://pkg.go.dev/runtime#hdr-Environment_Variables
_FORM: Final = re.compile(r"(\d{1,19})(B|KiB|MiB|GiB|TiB)?\Z")
_SIZES: Final = {None: 1, "B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
_NEARLY: Final = re.compile(r"(\d{1,19})([KMGT])i\Z")


@check(
    Runnable,
    heading=Heading.RESOURCES,
    severity=Severity.MEDIUM,
    by_hand="which of the two limits is meant is only known by who runs it",
)
def go_memory_limit_above_limit(workload: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A Go program whose GOMEMLIMIT is above its container's memory limit, or is written so that Go does not read it.

    Why: above the limit it does nothing: the kernel kills the container before the garbage collector hurries. In Kubernetes' own
    form, `500Mi`, the program stops as it starts: `malformed GOMEMLIMIT`.
    Fix: write about nine tenths of the limit, with Go's units: `450MiB`.
    Source: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/, https://pkg.go.dev/runtime#hdr-Environment_Variables
    Not: one that equals the limit, as resourceFieldRef gives it; `off`; references to other variables.
    """
    for placed in workload.running_containers():
        for variable in placed.container.env:
            if variable.name != _NAME or not variable.value or variable.value == "off" or "$(" in variable.value:
                continue
            path = f"{placed.path}.env[{_NAME}].value"
            match = _FORM.match(variable.value)
            if match is None:
                nearly = _NEARLY.match(variable.value)
                yield Hit(
                    f"{named(placed)}: Go does not read GOMEMLIMIT {variable.value} and stops as it starts",
                    path=path,
                    item=placed.container.name,
                    fix=f"write {variable.value}B" if nearly else "write it with Go's units, such as 450MiB",
                    repair=setting(path, f"{variable.value}B") if nearly else None,
                    severity=Severity.HIGH,
                )
                continue
            limit = memory_limit(placed.container, workload, snapshot)
            size = Decimal(match[1]) * _SIZES[match[2]]
            if limit is not None and size > limit:
                yield Hit(
                    f"{named(placed)} may use {binary_bytes(limit)} of memory, and GOMEMLIMIT {variable.value} is above that",
                    path=path,
                    item=placed.container.name,
                )
