"""The laws of a drain that is played through, over any mix of workloads, budgets and nodes."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daytwo.domains.disruption.arithmetic import Leave, Purse, count, scaled
from daytwo.domains.disruption.drain import Drain, Why, most_away, play, refusal, stays
from daytwo.domains.disruption.elsewhere import Fate
from daytwo.model.gap import Unseen
from daytwo.model.pod import Pod
from daytwo.model.policy import PodDisruptionBudget
from daytwo.model.ref import Ref
from daytwo.model.snapshot import Snapshot
from tests.objects import Object, metadata, node, replica_set, snapshot_document
from tests.objects import deployment as plain_deployment
from tests.specimen import snapshot_of

NODE = "node-0"


def replica_set_of(app: str, replicas: int) -> Object:
    found = replica_set(plain_deployment(app, replicas), 1, replicas=replicas, created="2026-11-01T00:00:00Z")
    del found["metadata"]["ownerReferences"]
    found["metadata"]["name"] = app
    return found


def pod(
    name: str,
    app: str,
    *,
    owner: Object | None = None,
    on: str = NODE,
    ready: bool = True,
    phase: str = "Running",
    cpu: str = "0",
    spec: Object | None = None,
    **more: Any,
) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata(name, owner=owner, labels={"app": app}, **more),
        "spec": {"nodeName": on, "containers": [{"name": "app", "resources": {"requests": {"cpu": cpu}}}], **(spec or {})},
        "status": {"phase": phase, "conditions": [{"type": "Ready", "status": str(ready)}]},
    }


def budget(name: str, app: str, *, policy: str = "", status: Object | None = None, **spec: int | str) -> Object:
    made: Object = {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {**metadata(name), "generation": 1},
        "spec": {"selector": {"matchLabels": {"app": app}}, **spec},
        "status": status or {},
    }
    if policy:
        made["spec"]["unhealthyPodEvictionPolicy"] = policy
    return made


def counted(items: list[Object]) -> list[Object]:
    """The same, with every budget's status as the disruption controller would write it."""
    snapshot = snapshot_of(snapshot_document(*items))
    found: list[Object] = []
    for item in items:
        if item["kind"] == "PodDisruptionBudget":
            typed = snapshot.find(Ref("PodDisruptionBudget", "shop", item["metadata"]["name"]))
            assert isinstance(typed, PodDisruptionBudget)
            sums = count(typed, snapshot)
            item = item | {
                "status": {
                    "observedGeneration": 1,
                    "expectedPods": sums.expected,
                    "desiredHealthy": sums.desired,
                    "currentHealthy": sums.healthy,
                    "disruptionsAllowed": sums.allowed,
                }
            }
        found.append(item)
    return found


def played(*items: Object, unread: tuple[str, ...] = ()) -> Drain:
    snapshot = snapshot_of(snapshot_document(*counted(list(items)), unread=unread))
    return play(NODE, going(snapshot), snapshot)


def going(snapshot: Snapshot) -> list[Pod]:
    return [one for one in snapshot.pods_on(NODE) if stays(one, snapshot, takes_bare=True, takes_local=True) is None]


# -- laws -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mix:
    items: list[Object]
    order: list[int]


RULES: list[dict[str, int | str]] = [
    {"minAvailable": 1},
    {"minAvailable": 2},
    {"maxUnavailable": 1},
    {"maxUnavailable": "50%"},
    {"minAvailable": "50%"},
]


@st.composite
def mixes(draw: st.DrawFn) -> Mix:
    items: list[Object] = [node(NODE)]
    for number in range(draw(st.integers(0, 2))):
        other = node(f"node-{number + 1}")
        other["status"]["allocatable"]["cpu"] = draw(st.sampled_from(["1", "2", "8"]))
        items.append(other)
    for number in range(draw(st.integers(1, 3))):
        app = f"app-{number}"
        replicas = draw(st.integers(1, 4))
        owner = replica_set_of(app, replicas) if draw(st.booleans()) or number == 0 else None
        if owner is not None:
            items.append(owner)
        items.extend(
            pod(
                f"{app}-{index}",
                app,
                owner=owner,
                on=draw(st.sampled_from([NODE, NODE, "node-1"])),
                ready=draw(st.sampled_from([True, True, False])),
                phase=draw(st.sampled_from(["Running", "Running", "Running", "Pending"])),
                cpu=draw(st.sampled_from(["0", "1"])),
            )
            for index in range(replicas)
        )
        for index in range(draw(st.sampled_from([0, 1, 1, 1, 2]))):
            spec = draw(st.sampled_from(RULES))
            policy = draw(st.sampled_from(["", "AlwaysAllow"]))
            items.append(budget(f"{app}-{index}", app, policy=policy))
            items[-1]["spec"] |= spec
    return Mix(items, draw(st.permutations(range(len(items)))))


@settings(max_examples=150, deadline=None)
@given(mix=mixes())
def test_no_budget_is_ever_overdrawn(mix: Mix) -> None:
    """Counted again from nothing after each eviction: no healthy pod goes whose budget then has fewer than it must have."""
    snapshot = snapshot_of(snapshot_document(*counted(mix.items)))
    drain = play(NODE, going(snapshot), snapshot)
    healthy = {one.ref: one.status.current_healthy for one in snapshot.seen(PodDisruptionBudget)}
    for eviction in drain.evictions:
        chosen = snapshot.budgets_selecting(eviction.pod.labels, "shop")
        if not eviction.pod.is_ready or eviction.pod.status.phase != "Running":
            continue
        assert len(chosen) <= 1
        for one in chosen:
            assert healthy[one.ref] - 1 >= one.status.desired_healthy
            assert one.status.expected_pods > 0
            healthy[one.ref] -= eviction.placement.fate is not Fate.PLACED


@settings(max_examples=150, deadline=None)
@given(mix=mixes())
def test_every_pod_goes_or_is_refused_whatever_the_order_of_the_facts(mix: Mix) -> None:
    """Each pod has one fate; how the API server happens to list objects does not change the plan."""
    items = counted(mix.items)
    snapshot = snapshot_of(snapshot_document(*items))
    drain = play(NODE, going(snapshot), snapshot)
    told = Counter([eviction.pod.name for eviction in drain.evictions] + [one.pod.name for one in drain.refusals])
    assert told == Counter(one.name for one in going(snapshot))
    shuffled = snapshot_of(snapshot_document(*(items[index] for index in mix.order)))
    again = play(NODE, list(reversed(going(shuffled))), shuffled)
    assert [one.pod.name for one in again.evictions] == [one.pod.name for one in drain.evictions]
    assert [(one.pod.name, one.why) for one in again.refusals] == [(one.pod.name, one.why) for one in drain.refusals]


@settings(max_examples=150, deadline=None)
@given(mix=mixes())
def test_what_is_refused_stays_refused_at_the_end(mix: Mix) -> None:
    """A play ends only where no budget lets another go: of each refused pod the budget has nothing left."""
    drain = played(*mix.items)
    spent = Counter(one.budget.ref for one in drain.evictions if one.budget and one.leave is Leave.SPENDS and one.pod.is_ready)
    back = Counter(
        one.budget.ref
        for one in drain.evictions
        if one.budget and one.leave is Leave.SPENDS and one.pod.is_ready and one.placement.fate is Fate.PLACED
    )
    snapshot = snapshot_of(snapshot_document(*counted(mix.items)))
    for one in drain.refusals:
        chosen = snapshot.budgets_selecting(one.pod.labels, "shop")
        assert len(chosen) > 1 or chosen[0].status.disruptions_allowed - spent[chosen[0].ref] + back[chosen[0].ref] == 0


# -- single cases ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "total", "expected"), [(3, 10, 3), ("50%", 5, 3), ("1%", 1, 1), ("0%", 9, 0), ("100%", 7, 7), ("34%", 3, 2), ("33%", 3, 1)]
)
def test_percentages_are_rounded_up(value: int | str, total: int, expected: int) -> None:
    """Half of five pods is three; a third of three, and a little, is two."""
    assert scaled(value, total) == expected


def test_percentage_without_a_sign_is_refused() -> None:
    """The API server stores nothing else than numbers and percentages."""
    with pytest.raises(ValueError, match="write 1 or 50%"):
        scaled("50", 3)


@pytest.mark.parametrize(
    ("value", "policy", "purse", "leave"),
    [
        # (allowed, healthy, desired)
        (pod("web", "web"), "", (1, 3, 2), Leave.SPENDS),
        (pod("web", "web"), "", (0, 2, 2), Leave.REFUSED),
        (pod("web", "web"), "AlwaysAllow", (0, 2, 2), Leave.REFUSED),
        (pod("web", "web", ready=False), "", (0, 2, 2), Leave.FREE),
        (pod("web", "web", ready=False), "", (0, 1, 2), Leave.REFUSED),
        (pod("web", "web", ready=False), "AlwaysAllow", (0, 1, 2), Leave.FREE),
        # Nothing has to be healthy, so no healthy budget lets it go; nothing is healthy, so none is allowed.
        (pod("web", "web", ready=False), "", (0, 0, 0), Leave.REFUSED),
        (pod("web", "web", ready=False), "", (1, 1, 0), Leave.SPENDS),
        (pod("web", "web", ready=False, phase="Pending"), "", (0, 0, 2), Leave.FREE),
        (pod("web", "web", ready=False, phase="Failed"), "", (0, 0, 2), Leave.FREE),
        (pod("web", "web", deletionTimestamp="2026-11-20T08:00:00Z"), "", (0, 0, 2), Leave.FREE),
    ],
)
def test_what_a_budget_lets_go(value: Object, policy: str, purse: tuple[int, int, int], leave: Leave) -> None:
    """The API server's own rules: pods that run nothing are free, unhealthy ones as the policy says, the rest is spent."""
    snapshot = snapshot_of(snapshot_document(value, budget("web", "web", policy=policy)))
    held = Purse(snapshot.seen(PodDisruptionBudget)[0], *purse)
    assert held.leave(snapshot.seen(Pod)[0]) is leave


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (pod("web", "web"), Why.BARE),
        (pod("web", "web", owner=replica_set_of("gone", 1)), Why.BARE),
        (pod("web", "web", annotations={"kubernetes.io/config.mirror": "hash"}), Why.STATIC),
        (pod("web", "web", phase="Succeeded"), Why.FINISHED),
        (pod("web", "web", deletionTimestamp="2026-11-20T08:00:00Z"), Why.TERMINATING),
        (pod("web", "web", owner=replica_set_of("web", 1), spec={"volumes": [{"name": "x", "emptyDir": {}}]}), Why.LOCAL),
        (pod("web", "web", owner=replica_set_of("web", 1)), None),
        (pod("web", "web", owner={"apiVersion": "example.com/v1", "kind": "Cluster", "metadata": {"name": "db", "uid": "u"}}), None),
    ],
)
def test_what_stays(value: Object, why: Why | None) -> None:
    """The same pods as kubectl leaves or refuses, and those whose controller is gone."""
    snapshot = snapshot_of(snapshot_document(node(NODE), value, replica_set_of("web", 1)))
    (one,) = snapshot.seen(Pod)
    stay = stays(one, snapshot)
    assert (stay.why if stay is not None else None) is why


def daemon_set() -> Object:
    return {"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": metadata("agent"), "spec": {"template": {}}}


def test_pod_of_a_daemon_set_stays_as_long_as_that_is_there() -> None:
    """A DaemonSet's pods are made again on a cordoned node; one whose DaemonSet is gone is a bare pod."""
    value = pod("agent-x", "agent", owner=daemon_set())
    snapshot = snapshot_of(snapshot_document(value, daemon_set()))
    assert getattr(stays(snapshot.seen(Pod)[0], snapshot), "why", None) is Why.DAEMON_SET
    snapshot = snapshot_of(snapshot_document(value))
    assert getattr(stays(snapshot.seen(Pod)[0], snapshot), "why", None) is Why.BARE


def test_budget_with_most_room_is_asked_first() -> None:
    """Pods that ask no budget go first, then those whose budget has most room; what nothing replaces goes last."""
    many, few = replica_set_of("many", 5), replica_set_of("few", 2)
    drain = played(
        node(NODE),
        node("node-1"),
        many,
        few,
        budget("many", "many", minAvailable=1),
        budget("few", "few", minAvailable=1),
        pod("a-few", "few", owner=few),
        pod("b-few", "few", owner=few),
        *(pod(f"many-{number}", "many", owner=many) for number in range(5)),
        pod("z-free", "free"),
    )
    assert [one.pod.labels["app"] for one in drain.evictions] == ["free", *["many"] * 5, "few", "few"]
    assert not drain.refusals


def zonal_volume(zone: str) -> list[Object]:
    terms = [{"matchExpressions": [{"key": "topology.kubernetes.io/zone", "operator": "In", "values": [zone]}]}]
    return [
        {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata("data"), "spec": {"volumeName": "pv-1"}},
        {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": metadata("pv-1", ""),
            "spec": {"nodeAffinity": {"required": {"nodeSelectorTerms": terms}}},
        },
    ]


CLAIM = {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]}
APART = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": "kubernetes.io/hostname"}]}}


@pytest.mark.parametrize(
    ("spec", "more", "fate", "why"),
    [
        ({}, [], Fate.PLACED, ""),
        ({"nodeSelector": {"disk": "fast"}}, [], Fate.HOMELESS, "its node selector and affinity allow no other node"),
        (CLAIM, zonal_volume("a"), Fate.PLACED, ""),
        (CLAIM, zonal_volume("z"), Fate.HOMELESS, "its volumes can be used on no other node"),
        ({"affinity": APART}, [], Fate.UNKNOWN, "its rules about other pods nearby are not worked out here"),
        (
            {"topologySpreadConstraints": [{"topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}]},
            [],
            Fate.UNKNOWN,
            "its rules of spreading are not worked out here",
        ),
        ({"topologySpreadConstraints": [{"topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway"}]}, [], Fate.PLACED, ""),
    ],
)
def test_where_a_pod_goes(spec: Object, more: list[Object], fate: Fate, why: str) -> None:
    """Selectors and volumes are held against the other nodes; rules between pods are said to be unknown."""
    owner = replica_set_of("web", 1)
    drain = played(node(NODE), node("node-1"), owner, pod("web-1", "web", owner=owner, spec=spec), *more)
    (eviction,) = drain.evictions
    assert (eviction.placement.fate, eviction.placement.why) == (fate, why)


def test_pod_that_may_push_out_others_is_not_called_homeless() -> None:
    """A full node has room for a pod of higher priority: the scheduler would end others for it."""
    owner = replica_set_of("web", 1)
    full = [node(NODE), node("node-1"), owner, pod("cheap", "cheap", on="node-1", cpu="4")]
    (eviction,) = played(*full, pod("web-1", "web", owner=owner, cpu="1")).evictions
    assert eviction.placement.fate is Fate.HOMELESS
    assert eviction.placement.why == "1 node is short of cpu (it asks for 1 cpu)"
    (eviction,) = played(*full, pod("web-1", "web", owner=owner, cpu="1", spec={"priority": 1000})).evictions
    assert (eviction.placement.fate, eviction.placement.why) == (Fate.UNKNOWN, "it may push out pods of lower priority")


def test_room_is_taken_pod_by_pod() -> None:
    """Two pods that each find room do not both find it."""
    owner = replica_set_of("web", 2)
    pods = [pod(f"web-{number}", "web", owner=owner, cpu="3") for number in range(2)]
    drain = played(node(NODE), node("node-1"), owner, *pods, budget("web", "web", maxUnavailable=1))
    assert [one.placement.fate for one in drain.evictions] == [Fate.PLACED, Fate.HOMELESS]
    snapshot = snapshot_of(snapshot_document(owner, *pods))
    assert most_away(drain.evictions, snapshot) == {Ref("ReplicaSet", "shop", "web"): 1}


def test_unknown_places_make_doubts_and_not_refusals() -> None:
    """What would be refused only if replacements do not become Ready is told, and does not stop the drain."""
    owner = replica_set_of("web", 2)
    pods = [pod(f"web-{number}", "web", owner=owner, spec={"affinity": APART}) for number in range(2)]
    drain = played(node(NODE), node("node-1"), owner, *pods, budget("web", "web", maxUnavailable=1))
    assert (len(drain.evictions), drain.refusals) == (2, ())
    assert [one.pod.name for one in drain.doubts] == ["web-1"]
    stuck = replica_set_of("stuck", 1)
    more = [stuck, pod("stuck-1", "stuck", owner=stuck), budget("stuck", "stuck", minAvailable=1)]
    drain = played(node(NODE), node("node-1"), owner, *pods, budget("web", "web", maxUnavailable=1), *more)
    assert [one.pod.name for one in drain.refusals] == ["stuck-1"]


def test_status_older_than_its_spec_is_counted_anew() -> None:
    """The controller has not looked at the new rule yet: what it wrote about the old one is not believed."""
    owner = replica_set_of("web", 2)
    items = [owner, *(pod(f"web-{number}", "web", owner=owner) for number in range(2))]
    old = {"observedGeneration": 1, "disruptionsAllowed": 1, "currentHealthy": 2, "desiredHealthy": 1, "expectedPods": 2}
    rule = budget("web", "web", minAvailable=2, status=old)
    rule["metadata"]["generation"] = 2
    snapshot = snapshot_of(snapshot_document(node(NODE), *items, rule))
    assert refusal(snapshot.seen(Pod)[0], snapshot) is not None
    rule["metadata"]["generation"] = 1
    snapshot = snapshot_of(snapshot_document(node(NODE), *items, rule))
    assert refusal(snapshot.seen(Pod)[0], snapshot) is None


def test_pod_that_was_just_evicted_is_not_healthy_any_more() -> None:
    """For two minutes after its eviction was allowed a pod counts as gone; then as one that stayed."""
    owner = replica_set_of("web", 2)
    items = [owner, *(pod(f"web-{number}", "web", owner=owner) for number in range(2))]
    for at, healthy in (("2026-11-20T07:58:01Z", 1), ("2026-11-20T07:58:00Z", 2)):
        rule = budget("web", "web", minAvailable=1, status={"disruptedPods": {"web-0": at}})
        snapshot = snapshot_of(snapshot_document(*items, rule))
        assert count(snapshot.seen(PodDisruptionBudget)[0], snapshot).healthy == healthy


def test_controller_that_nobody_read_leaves_the_sum_open() -> None:
    """The number of replicas that an operator wants is not a number of pods that we counted."""
    owner = {"apiVersion": "example.com/v1", "kind": "Cluster", "metadata": {"name": "db", "uid": "uid-db"}}
    snapshot = snapshot_of(snapshot_document(pod("db-1", "db", owner=owner), budget("db", "db", maxUnavailable=1)))
    with pytest.raises(Unseen, match="scale of Cluster db"):
        count(snapshot.seen(PodDisruptionBudget)[0], snapshot)
