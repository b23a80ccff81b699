"""The check `resources/node-heap-above-memory-limit`."""

from collections.abc import Iterator

import msgspec

from daytwo.catalog import check
from daytwo.domains.resources.field import named
from daytwo.domains.resources.heap import memory_limit, node_heap
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
def node_heap_above_memory_limit(workload: Runnable, snapshot: Snapshot, options: Heap) -> Iterator[Hit]:
    """A Node.js program that may take as much heap as its container may use memory, or nearly.

    Why: V8 collects garbage in earnest only near --max-old-space-size, and buffers, stacks and native modules come on top: the kernel
    kills the container first.
    Fix: set --max-old-space-size, in MiB, to about three quarters of the limit, or leave it out: Node.js follows the limit itself.
    Source: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/, https://nodejs.org/api/cli.html
    Not: containers without a memory limit. Of several the smallest is taken.
    """
    for placed in workload.running_containers():
        limit = memory_limit(placed.container, workload, snapshot)
        heap = node_heap(placed) if limit else None
        if limit is None or heap is None or heap.size * 100 <= limit * options.most_percent:
            continue
        is_above = heap.size >= limit
        rest = " alone" if is_above else f", which leaves {binary_bytes(limit - heap.size)} for the rest"
        yield Hit(
            f"{named(placed)} may use {binary_bytes(limit)} of memory, and {heap.text} lets Node.js take {binary_bytes(heap.size)} "
            f"for old objects{rest}",
            path=heap.path,
            item=placed.container.name,
            fix="leave a quarter of the limit to the rest",
            severity=None if is_above else Severity.MEDIUM,
        )
