"""How long a container takes to start, by what its pods show."""

from collections.abc import Iterator
from datetime import timedelta
from statistics import median
from typing import NamedTuple

from daytwo.domains.readiness.probes import LIVENESS, STARTUP, Asked, probes_of, target_of, window_seconds
from daytwo.model.pod import Pod
from daytwo.model.runnable import Placed, Runnable
from daytwo.model.snapshot import Snapshot


class Start(NamedTuple):
    """The median over `pods` pods from a container's start until it was ready: at least and at most, since probes ask at intervals."""

    at_least_seconds: float
    at_most_seconds: float
    pods: int


def judged(runnable: Runnable) -> Placed | None:
    """The one container whose readiness makes its pod ready; None where there are several, or none with a readiness probe."""
    probed = [placed for placed in runnable.running_containers() if any(kind != LIVENESS for kind, _, _ in probes_of(placed))]
    return probed[0] if len(probed) == 1 and probed[0].container.readiness_probe is not None else None


def observed_start(runnable: Runnable, placed: Placed, snapshot: Snapshot) -> Start | None:
    """How long this container takes to be ready, by the pods that are and never restarted it; None where no pod tells.

    A pod that lost its readiness and regained it counts with the later time: hence the median.
    """
    spans = sorted(span.total_seconds() for pod in snapshot.pods_of(runnable.ref) if (span := _until_ready(pod, placed)) is not None)
    if not spans:
        return None
    typical = median(spans)
    # It may have been up since the question before, and no question was asked before the delay was over.
    latency, delay = 0, 0
    for kind, probe, _ in probes_of(placed):
        if kind != LIVENESS:
            latency += probe.period_seconds
            delay = max(delay, probe.initial_delay_seconds)
    least = typical - latency
    return Start(least if least > delay else 0.0, typical, len(spans))


def limit_of(placed: Placed) -> tuple[Asked, int] | None:
    """The probe that kills a start that takes too long, and after how many seconds it does; None where none does.

    Only one that asks the same as the readiness probe: of another question nobody saw when it was answered first.
    """
    container = placed.container
    asked = target_of(container.readiness_probe, container) if container.readiness_probe is not None else None
    for found in _killing(placed):
        if asked is not None and target_of(found.probe, container) == asked:
            return found, found.probe.initial_delay_seconds + window_seconds(found.probe)
        return None
    return None


def _killing(placed: Placed) -> Iterator[Asked]:
    """The startup probe; the liveness probe only waits for it."""
    return (found for found in probes_of(placed) if found.kind in (STARTUP, LIVENESS))


def _until_ready(pod: Pod, placed: Placed) -> timedelta | None:
    if not pod.is_ready or pod.is_terminating:
        return None
    status = next((status for status in pod.statuses if status.name == placed.container.name), None)
    ready = pod.condition("ContainersReady")
    if status is None or status.restart_count or status.state.running is None or ready is None or ready.status != "True":
        return None
    started, at = status.state.running.started_at, ready.last_transition_time
    return at - started if started is not None and at is not None and at >= started else None
