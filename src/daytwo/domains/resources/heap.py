"""How much memory a language's runtime is told to take, read out of command lines and environment variables.

Where the same thing is said several times, which one counts depends on the program that starts it: the smallest is taken, so that
nothing is held against anybody that may not be so.
"""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Final, NamedTuple

from daytwo.model.allotment import allotment
from daytwo.model.pod_spec import Container
from daytwo.model.quantity import quantity_or_zero
from daytwo.model.runnable import Placed, Runnable
from daytwo.model.snapshot import Snapshot

_SIZES: Final = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}
# Options stand alone, or in a line for a shell.
_AROUND: Final = " \t\n\"'=;,"
_START, _END = r"(?:^|[\s\"'=;,])", r"(?=$|[\s\"';,])"
_JVM_BYTES: Final = re.compile(rf"{_START}(?:-Xmx|-XX:MaxHeapSize=)(\d{{1,18}})([kKmMgGtT]?){_END}")
_JVM_SHARE: Final = re.compile(rf"{_START}-XX:MaxRAMPercentage=(\d{{1,3}}(?:\.\d{{1,9}})?){_END}")
_NODE_MEBIBYTES: Final = re.compile(rf"{_START}--max[-_]old[-_]space[-_]size=(\d{{1,12}}){_END}")


class Said(NamedTuple):
    """What a runtime is told: bytes, the option as it was written, and the path to where."""

    size: Decimal
    text: str
    path: str


def jvm_heap(placed: Placed, limit: Decimal) -> Said | None:
    """The largest heap that a JVM is told to take; a percentage is one of the memory limit. -Xmx outranks the percentage.

    Source: https://docs.oracle.com/en/java/javase/21/docs/specs/man/java.html
    """
    sizes = _said(placed, _JVM_BYTES, lambda match: Decimal(match[1]) * _SIZES[match[2].lower()])
    return sizes or _said(placed, _JVM_SHARE, lambda match: limit * Decimal(match[1]) / 100)


def node_heap(placed: Placed) -> Said | None:
    """The old space that Node.js is told to take; the option is in mebibytes.

    Source: https://nodejs.org/api/cli.html#--max-old-space-sizesize-in-mib
    """
    return _said(placed, _NODE_MEBIBYTES, lambda match: Decimal(match[1]) * 2**20)


def _said(placed: Placed, option: re.Pattern[str], size: Callable[[re.Match[str]], Decimal]) -> Said | None:
    """The smallest of what the command line and each variable say; of several in one line the last counts."""
    found = []
    for text, path in _texts(placed):
        matches = list(option.finditer(text))
        if matches:
            found.append(Said(size(matches[-1]), matches[-1][0].strip(_AROUND), path))
    return min(found, default=None)


def memory_limit(container: Container, workload: Runnable, snapshot: Snapshot) -> Decimal | None:
    """How many bytes a container may use at most: its own limit, a LimitRange's default, or what its pod may use; None for no bound."""
    limits = [allotment(container, workload, snapshot).limits.get("memory")]
    if workload.pod_spec.resources is not None:
        limits.append(workload.pod_spec.resources.limits.get("memory"))
    return min((quantity_or_zero(limit) for limit in limits if limit is not None), default=None)


def _texts(placed: Placed) -> Iterator[tuple[str, str]]:
    """The command line, and every variable of its environment."""
    container = placed.container
    for field, words in (("command", container.command), ("args", container.args)):
        if words:
            yield " ".join(words), f"{placed.path}.{field}"
    for variable in container.env:
        if variable.value:
            yield variable.value, f"{placed.path}.env[{variable.name}].value"
