"""The check `readiness/start-near-its-limit`."""

from collections.abc import Iterator
from math import ceil
from typing import Final

import msgspec

from daytwo.catalog import check
from daytwo.domains.readiness.probes import STARTUP
from daytwo.domains.readiness.starting import judged, limit_of, observed_start
from daytwo.domains.readiness.subjects import runs_for_good
from daytwo.model.finding import Hit
from daytwo.model.pod import Pod
from daytwo.model.repair import setting
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot


class StartMargin(msgspec.Struct, frozen=True):
    """From which share of the time that a start may take it is too near to it."""

    ratio: float = 0.5


# Beyond this a slower node or a cold cache is enough.
_NO_MARGIN: Final = 0.8


@check(
    Runnable,
    heading=Heading.RELIABILITY,
    severity=Severity.LOW,
    basis=Basis.STATE,
    applies=runs_for_good,
    options=StartMargin,
)
def start_near_its_limit(runnable: Runnable, snapshot: Snapshot, options: StartMargin) -> Iterator[Hit]:
    """A container takes nearly as long to start as its probes allow before they kill it.

    Why: on a busy node, with a cold cache or more data, the start takes a little longer: it is killed, begins anew on the same node,
    and never comes up.
    Fix: raise failureThreshold of the startup probe, or add one, so that it allows for twice the start that was seen.
    Source: https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#define-startup-probes
    Not: probes that ask something else than readiness does, pods of several containers with probes, and containers that were restarted:
    of those nobody saw how long a start takes. A start shorter than the interval of the probes is not measured.
    """
    snapshot.require(Pod.KIND, runnable.namespace)
    placed = judged(runnable)
    limit = limit_of(placed) if placed is not None else None
    start = observed_start(runnable, placed, snapshot) if placed is not None else None
    if placed is None or limit is None or start is None:
        return
    asked, most = limit
    if not options.ratio * most <= start.at_least_seconds <= most:
        return
    is_tight = start.at_least_seconds >= _NO_MARGIN * most
    threshold = ceil(2 * start.at_most_seconds / max(asked.probe.period_seconds, 1))
    yield Hit(
        f"container {placed.container.name} takes {start.at_least_seconds:.0f} to {start.at_most_seconds:.0f} s to start "
        f"({start.pods} {'pod' if start.pods == 1 else 'pods'} seen), and its {asked.kind} probe kills it after {most} s",
        path=f"{asked.path}.failureThreshold",
        item=placed.container.name,
        severity=Severity.MEDIUM if is_tight else None,
        harm=Harm.ONE_EVENT_AWAY if is_tight else None,
        repair=setting(f"{asked.path}.failureThreshold", threshold) if asked.kind == STARTUP else None,
        by_hand="a more patient liveness probe is slower later, too: a startup probe is the better answer",
    )
