"""The check `nodes/flapping`."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from daytwo.catalog import check
from daytwo.domains.nodes.outage import outage
from daytwo.model.command import kubectl
from daytwo.model.event import Event
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.node import Node
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot

_FALLS: Final = 3
_WINDOW: Final = timedelta(hours=1)


@check(
    Node,
    heading=Heading.RELIABILITY,
    severity=Severity.HIGH,
    harm=Harm.ONE_EVENT_AWAY,
    applies=lambda node: not node.is_leaving,
    basis=Basis.STATE,
)
def flapping(node: Node, snapshot: Snapshot) -> Iterator[Hit]:
    """A node that was not ready three times or more within the last hour, though it is ready now.

    Why: each fall takes its pods out of their Services; the next may last long enough to evict them.
    Fix: look at the kubelet's log, memory, disk and network of the machine, and drain it before it falls again.
    Not: a node that is not ready now; nodes/not-ready tells that.
    Source: https://kubernetes.io/docs/concepts/architecture/nodes/#node-status
    """
    if outage(node, snapshot) is not None:
        return
    # Only events tell it: the condition keeps its last flip alone. Those of nodes live in namespace default.
    snapshot.require(Event.KIND, "default")
    # The node's own event is of type Normal; its pods get the Warning.
    falls = [
        event
        for event in snapshot.events_of(node)
        if event.reason == "NodeNotReady" and event.at is not None and snapshot.taken_at - event.at <= _WINDOW
    ]
    count = int(sum(_times_within_window(event) for event in falls))
    if count < _FALLS:
        return
    first = min((event.first_at for event in falls if event.first_at is not None), default=None)
    yield Hit(
        f"fell out and came back {count} times within the last hour",
        since=Since(first, exact=False) if first is not None else None,
        evidence=(Evidence("it was last reported not ready", falls[0].at),),
        confirm=kubectl("events", "--for", f"node/{node.name}", namespace="default"),
    )


def _times_within_window(event: Event) -> float:
    """How often it happened lately: an event that goes back further counts by its rate."""
    if event.at is None or event.first_at is None:
        return 1
    span = event.at - event.first_at
    return event.times if span <= _WINDOW else max(1.0, event.times * (_WINDOW / span))
