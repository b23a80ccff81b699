"""The check `workloads/statefulset-behind`."""

from collections.abc import Iterator, Mapping
from typing import Final

from daytwo.catalog import check
from daytwo.domains.workloads.members import pods_of, show_pods
from daytwo.domains.workloads.pods import is_older
from daytwo.domains.workloads.shortfall import LONG_PATIENCE, Shortfall, halted_since, share, shortfall, stands_still, state_of
from daytwo.model.event import Event
from daytwo.model.finding import Evidence, Hit
from daytwo.model.pod import Pod
from daytwo.model.ref import Ref
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.storage import PersistentVolumeClaim
from daytwo.model.workload import StatefulSet

REVISION_HASH: Final = "controller-revision-hash"


@check(
    StatefulSet,
    heading=Heading.RELIABILITY,
    severity=Severity.HIGH,
    harm=Harm.ACTIVE,
    applies=lambda stateful_set: stateful_set.replicas > 0 and not stateful_set.is_terminating,
    basis=Basis.STATE,
)
def statefulset_behind(stateful_set: StatefulSet, snapshot: Snapshot) -> Iterator[Hit]:
    """A StatefulSet that for a quarter of an hour has fewer ready pods than it asks for, or does not get on with an update.

    Its pods come one after the other: while one is not ready, those after it do not even exist. So the first one is named.

    Why: a database or queue with missing members may refuse writes, and has no member left to lose.
    Fix: mend the first pod that is not ready. Delete it by hand once the template is mended: a pod that never got ready is not replaced.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback
    Not: updates that keep two revisions on purpose (a partition, or OnDelete), a StatefulSet scaled to zero.
    """
    if stateful_set.metadata.generation > stateful_set.status.observed_generation:
        return
    members = _by_ordinal(stateful_set, snapshot)
    if stateful_set.status.ready_replicas < stateful_set.replicas:
        yield from _short(stateful_set, members, snapshot)
    else:
        yield from _halfway(stateful_set, members, snapshot)


def _by_ordinal(stateful_set: StatefulSet, snapshot: Snapshot) -> dict[int, Pod]:
    """Its pods by number, terminating ones included: a StatefulSet waits until they are gone."""
    first = stateful_set.spec.ordinals.start
    found: dict[int, Pod] = {}
    for pod in pods_of(stateful_set, snapshot):
        number = pod.name.removeprefix(f"{stateful_set.name}-")
        # Not by counting up to `replicas`, which may be any number: somebody asked for two thousand million pods.
        if number.isdecimal() and len(number) <= 10 and first <= int(number) < first + stateful_set.replicas and not pod.is_finished:
            found[int(number)] = pod
    return dict(sorted(found.items()))


def _short(stateful_set: StatefulSet, members: Mapping[int, Pod], snapshot: Snapshot) -> Iterator[Hit]:
    wanted = stateful_set.replicas
    broken = [pod for pod in members.values() if not pod.is_ready]
    uncreated = wanted - len(members)
    if _is_ordered(stateful_set) and (first := _first_not_ready(stateful_set, members)) is not None:
        # The pods after one that is not ready are not refused: they are not asked for yet.
        uncreated = 0 if first in members else 1
    short = shortfall(stateful_set, broken, uncreated, snapshot)
    if short.since is None:
        # No pod was refused and none is broken: nothing is wrong, if all of that could be seen.
        snapshot.require(Pod.KIND, stateful_set.namespace)
        snapshot.require(Event.KIND, stateful_set.namespace)
        return
    if not is_older(short.since, LONG_PATIENCE, snapshot):
        return
    ready = stateful_set.status.ready_replicas
    yield Hit(
        _message(stateful_set, members, broken, short, snapshot),
        path="status.readyReplicas",
        fix=_fix(stateful_set, broken),
        since=short.since,
        evidence=(Evidence(f"StatefulSet {stateful_set.name}: readyReplicas {ready} of spec.replicas {wanted}"), *short.evidence),
        because=_because(short),
        confirm=short.confirm or show_pods(stateful_set.spec.selector, stateful_set.namespace),
        severity=Severity.HIGH if ready * 2 <= wanted else Severity.MEDIUM,
    )


def _is_ordered(stateful_set: StatefulSet) -> bool:
    return stateful_set.spec.pod_management_policy != "Parallel"


def _first_not_ready(stateful_set: StatefulSet, members: Mapping[int, Pod]) -> int | None:
    first = stateful_set.spec.ordinals.start
    ordinals = range(first, first + stateful_set.replicas)
    return next((ordinal for ordinal in ordinals if ordinal not in members or not members[ordinal].is_ready), None)


def _message(stateful_set: StatefulSet, members: Mapping[int, Pod], broken: list[Pod], short: Shortfall, snapshot: Snapshot) -> str:
    wanted = stateful_set.replicas
    count = share(stateful_set.status.ready_replicas, wanted, "pod", "ready")
    if short.reason or not broken:
        return short.sentence(count)
    first = broken[0]
    parts = [f"{first.name} is {state_of(first, snapshot)}"]
    if len(broken) > 1:
        parts.append(f"{len(broken) - 1} more {'is' if len(broken) == 2 else 'are'} not ready")
    waiting = wanted - len(members)
    if waiting and _is_ordered(stateful_set):
        parts.append(f"{waiting} {'waits' if waiting == 1 else 'wait'} for it")
    return f"{count}: {', '.join(parts)}"


def _fix(stateful_set: StatefulSet, broken: list[Pod]) -> str:
    """A broken pod of the old template blocks the new one until somebody deletes it."""
    status = stateful_set.status
    if not broken or not status.update_revision or status.update_revision == status.current_revision:
        return ""
    first = broken[0]
    revision = first.labels.get(REVISION_HASH, "")
    if not revision or revision == status.update_revision:
        return ""
    return f"delete pod {first.name} by hand: it still has the template from before the last change, and blocks the new one"


def _because(short: Shortfall) -> tuple[Ref, ...]:
    """Of several claims the first pod's: the others are asked for after it."""
    return short.because[:1] if short.because and short.because[0].kind == PersistentVolumeClaim.KIND else short.because


def _halfway(stateful_set: StatefulSet, members: Mapping[int, Pod], snapshot: Snapshot) -> Iterator[Hit]:
    status, strategy = stateful_set.status, stateful_set.spec.update_strategy
    keeps_two = strategy.type == "OnDelete" or (strategy.rolling_update is not None and bool(strategy.rolling_update.partition))
    if keeps_two or status.update_revision == status.current_revision or status.updated_replicas >= stateful_set.replicas:
        return
    snapshot.require(Pod.KIND, stateful_set.namespace)
    since = halted_since(members.values(), stateful_set.last_write("template"))
    if since is None or not is_older(since, LONG_PATIENCE, snapshot):
        return
    yield Hit(
        stands_still(status.updated_replicas, stateful_set.replicas),
        path="status.updatedReplicas",
        since=since,
        evidence=(
            Evidence(
                f"StatefulSet {stateful_set.name}: updatedReplicas {status.updated_replicas} of spec.replicas {stateful_set.replicas}"
            ),
            Evidence(f"updateRevision {status.update_revision} is not currentRevision {status.current_revision}"),
        ),
        confirm=show_pods(stateful_set.spec.selector, stateful_set.namespace),
        severity=Severity.MEDIUM,
    )
