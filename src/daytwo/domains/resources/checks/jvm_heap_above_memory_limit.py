"""The check `resources/jvm-heap-above-memory-limit`."""

from collections.abc import Iterator

import msgspec

from daytwo.catalog import check
from daytwo.domains.resources.field import named
from daytwo.domains.resources.heap import jvm_heap, memory_limit
from daytwo.model.finding import Hit
from daytwo.model.quantity import binary_bytes
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


class Heap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`most_percent`: how much of the memory limit the heap may take; the rest is for what the runtime needs besides."""

    most_percent: int = 90


@check(
    Runnable,
    heading=Heading.RESOURCES,
    severity=Severity.HIGH,
    options=Heap,
    by_hand="whether the heap or the limit should change is only known by who runs it",
)
def jvm_heap_above_memory_limit(workload: Runnable, snapshot: Snapshot, options: Heap) -> Iterator[Hit]:
    """A JVM that may take as much heap as its container may use memory, or nearly.

    Why: the JVM does not collect garbage before its own bound is near, and besides the heap it needs memory for classes, threads,
    compiled code and buffers: the kernel kills the container first, with no trace in its log.
    Fix: leave a quarter of the limit: `-XX:MaxRAMPercentage=75`, which follows the limit when that changes.
    Source: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/, https://docs.oracle.com/en/java/javase/21/docs/specs/man/java.html
    Not: containers without a memory limit. Of several -Xmx the smallest is taken; values in ConfigMaps and images cannot be seen.
    """
    for placed in workload.running_containers():
        limit = memory_limit(placed.container, workload, snapshot)
        heap = jvm_heap(placed, limit) if limit else None
        if limit is None or heap is None or heap.size * 100 <= limit * options.most_percent:
            continue
        is_above = heap.size >= limit
        rest = " alone" if is_above else f", which leaves {binary_bytes(limit - heap.size)} for the rest"
        yield Hit(
            f"{named(placed)} may use {binary_bytes(limit)} of memory, and {heap.text} lets its JVM take {binary_bytes(heap.size)} "
            f"for the heap{rest}",
            path=heap.path,
            item=placed.container.name,
            fix="leave a quarter of the limit to what is not heap",
            severity=None if is_above else Severity.MEDIUM,
        )
