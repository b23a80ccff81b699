"""Kubernetes quantities: compared as numbers, printed as written."""

import re
from decimal import ROUND_UP, Decimal
from functools import lru_cache
from typing import Final

_BINARY: Final = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50, "Ei": 2**60}
_DECIMAL: Final = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_SUFFIXES: Final = {power: suffix for suffix, power in _DECIMAL.items()}
_GRAMMAR: Final = re.compile(
    r"([+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40}))(?:(Ki|Mi|Gi|Ti|Pi|Ei)|[eE]([+-]?[0-9]{1,3})|([numkMGTPE]?))\Z"
)


@lru_cache(maxsize=8192)
def quantity(text: str | int | float) -> Decimal:
    """The exact value of a quantity such as `100m`, `1.5Gi`, `1e3`, `0.5` or 128974848; ValueError for anything else.

    Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
    """
    if not isinstance(text, str):
        return Decimal(str(text))
    match = _GRAMMAR.match(text)
    if match is None:
        raise ValueError(f"{text!r} is not a quantity; write for example 500m, 0.5, 256Mi")
    number, binary, exponent, suffix = match.groups()
    if binary:
        return Decimal(number) * _BINARY[binary]
    return Decimal(number).scaleb(int(exponent) if exponent else _DECIMAL[suffix or ""])


def canonical(text: str) -> str:
    """A request or limit in the form that the API server keeps as it is: `1000m` is `1`, `0.5` is `500m`, `1.5Gi` is `1536Mi`.

    Rounded up to thousandths. Of other forms it rewrites some and keeps some (`2.592e3`). ValueError as for `quantity`.
    Source: SetDefaults_ResourceList, and CanonicalizeBytes in
    https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apimachinery/pkg/api/resource/quantity.go
    """
    value = quantity(text)
    if not value:
        return "0"
    if text.endswith("i") and abs(value) >= 1024:
        whole, power = int(value.to_integral_value(ROUND_UP)), 0
        while whole % 1024 == 0 and power < len(_BINARY):
            whole, power = whole // 1024, power + 1
        return f"{whole}{('', *_BINARY)[power]}"
    whole, power = int(value.scaleb(3).to_integral_value(ROUND_UP)), -3
    while whole % 1000 == 0 and power < 18:
        whole, power = whole // 1000, power + 3
    if re.search(r"[eE][+-]?[0-9]", text):
        return f"{whole}e{power}" if power else f"{whole}"
    return f"{whole}{_SUFFIXES[power]}"


def quantity_or_zero(text: str | int | float | None) -> Decimal:
    """The value of a quantity that may be absent or unreadable; both count as nothing asked."""
    if text is None:
        return Decimal(0)
    try:
        return quantity(text)
    except ValueError:
        return Decimal(0)


def cores(value: Decimal) -> str:
    """A number of CPU cores as people write it: `250m`, `2`, `1.5`."""
    if 0 < value < 1:
        return f"{int((value * 1000).to_integral_value())}m"
    return f"{value:.2f}".rstrip("0").rstrip(".")


def binary_bytes(value: Decimal) -> str:
    """A number of bytes in the largest binary unit that keeps it at or above one: `256Mi`, `1.5Gi`."""
    for unit, size in reversed(_BINARY.items()):
        if abs(value) >= size:
            return f"{float(value / size):.1f}".removesuffix(".0") + unit
    return f"{int(value)}"


def amount(resource: str, value: Decimal) -> str:
    """A value of the named resource as people write it: cores for cpu, binary units for memory and storage, else a plain number."""
    bare = resource.rpartition(".")[2]
    if bare == "cpu":
        return cores(value)
    if bare in ("memory", "storage", "ephemeral-storage"):
        return binary_bytes(value)
    return str(int(value)) if value == value.to_integral_value() else str(value.normalize())
