"""The check `readiness/liveness-equals-readiness`."""

from collections.abc import Iterator
from math import ceil

from daytwo.catalog import check
from daytwo.domains.readiness.probes import target_of, window_seconds
from daytwo.domains.readiness.subjects import runs_for_good
from daytwo.model.finding import Hit
from daytwo.model.repair import setting
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(Runnable, heading=Heading.RELIABILITY, severity=Severity.MEDIUM, applies=runs_for_good)
def liveness_equals_readiness(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A liveness probe that asks the same as the readiness probe and is no more patient.

    Why: a pod that is merely too busy to answer is killed instead of being spared requests, and the others get its share: all of
    them fall, one after the other.
    Fix: let liveness ask whether the process works at all, or wait longer than readiness does (a higher failureThreshold).
    Source: https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
    Not: the same question with more patience, which the documentation itself proposes; ports with different names, which are different
    questions; commands that were masked.
    """
    for placed in runnable.running_containers():
        container = placed.container
        liveness, readiness = container.liveness_probe, container.readiness_probe
        if liveness is None or readiness is None:
            continue
        asked = target_of(liveness, container)
        if asked is None or asked != target_of(readiness, container) or window_seconds(liveness) > window_seconds(readiness):
            continue
        patient = ceil(2 * window_seconds(readiness) / max(liveness.period_seconds, 1))
        yield Hit(
            f"the liveness probe of container {container.name} asks the same as its readiness probe and kills after "
            f"{window_seconds(liveness)} s, when readiness has only just taken it out of service ({window_seconds(readiness)} s)",
            path=f"{placed.path}.livenessProbe",
            item=container.name,
            fix=f"set failureThreshold of the liveness probe to {patient} or more, or ask something that only a restart mends",
            repair=setting(f"{placed.path}.livenessProbe.failureThreshold", patient),
        )
