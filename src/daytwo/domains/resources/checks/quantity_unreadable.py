"""The check `resources/quantity-unreadable`."""

import re
from collections.abc import Iterator
from typing import Final

from daytwo.catalog import check
from daytwo.domains.resources.written import written
from daytwo.model.finding import Hit
from daytwo.model.quantity import quantity
from daytwo.model.repair import setting
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot

# What people write, and what Kubernetes calls that: MB are powers of ten, MiB powers of two.
_UNITS: Final = {
    **{f"{letter}b": letter.lower() if letter == "K" else letter for letter in "KMGT"},
    **{f"{letter}ib": f"{letter}i" for letter in "KMGT"},
    **{f"{letter}i": f"{letter}i" for letter in "KMGT"},
    "G": "G",
    "T": "T",
    "Core": "",
    "Cores": "",
    "Cpu": "",
    "Cpus": "",
}
_MEANT: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)\Z")


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
            meant = _meant(str(one.value))
            yield Hit(
                f'{one.where}: "{one.value}" is no quantity of {one.resource}',
                path=one.path,
                item=one.item,
                fix=f"write {meant}" if meant else "write for example 512Mi, or 500m",
                repair=setting(one.path, meant) if meant else None,
            )


def _meant(text: str) -> str:
    """The very same number in a unit that Kubernetes knows: `512MB` is 512M, `1 GiB` is 1Gi; empty where nobody can tell."""
    match = _MEANT.match(text.strip())
    if match is None:
        return ""
    number, unit = match.groups()
    known = _UNITS.get(unit.capitalize()) if unit else ""
    return "" if known is None else f"{number}{known}"
