"""The scheduler's message is taken apart exactly, and what bars a pod from a node is judged as the scheduler judges it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daytwo.domains.workloads.scheduler_message import SchedulerReason, plain, read_message
from daytwo.domains.workloads.scheduling import explain
from daytwo.model.fitting import selects_node, tolerates
from daytwo.model.metadata import Metadata
from daytwo.model.node import Node, Taint
from daytwo.model.pod import Pod
from daytwo.model.pod_spec import NodeRequirement, NodeSelector, NodeTerm, Toleration
from daytwo.model.snapshot import Snapshot
from tests.specimen import snapshot_of

# -- the message ------------------------------------------------------------------------------------------------------

REASONS = (
    "Insufficient cpu",
    "Insufficient nvidia.com/gpu",
    "Too many pods",
    "node(s) were unschedulable",
    "node(s) had untolerated taint(s)",
    "node(s) had untolerated taint {dedicated: gpu}",
    "node(s) had untolerated taint {a.b/c: 1, 2}",
    "node(s) didn't match Pod's node affinity/selector",
    "node(s) didn't match pod affinity rules",
    "node(s) didn't match pod anti-affinity rules",
    "node(s) didn't satisfy existing pods anti-affinity rules",
    "node(s) didn't match pod topology spread constraints",
    "node(s) didn't match pod topology spread constraints (missing required label)",
    "node(s) didn't have free ports for the requested pod ports",
    "node(s) didn't find available persistent volumes to bind",
    "node(s) didn't match PersistentVolume's node affinity",
    "node(s) exceed max volume count",
    "node(s) didn't satisfy plugin(s) [NodeAffinity]",
    "some reason that a plugin of 1.40 gives",
)
POD_REASONS = (
    "pod has unbound immediate PersistentVolumeClaims",
    'persistentvolumeclaim "my.claim-1" not found',
    'persistentvolumeclaim "data" is being deleted',
    'persistentvolumeclaim "data" bound to non-existent persistentvolume "pv-1"',
)
ADVICE = (
    "",
    "not found",
    "no new claims to deallocate, preemption: 0/7 nodes are available: 7 Preemption is not helpful for scheduling.",
    "preemption: 0/7 nodes are available: 1 No preemption victims found for incoming pod, 6 Preemption is not helpful for scheduling.",
    "preemption: not eligible due to a terminating pod on the nominated node.",
)
# A comma before a number and a full stop before a blank part reasons, so no reason holds them, except a taint's value.
UNKNOWN_REASON = st.from_regex(r"[A-Za-z(][A-Za-z0-9()/.\-]{0,20}( [a-z][a-z\-]{0,12}){0,5}", fullmatch=True).filter(
    lambda text: ". " not in text
)


@st.composite
def scheduler_messages(draw: st.DrawFn) -> tuple[str, int, tuple[SchedulerReason, ...]]:
    """A message made the way FitError makes it, with what it was made of."""
    nodes = draw(st.integers(0, 20_000))
    advice = draw(st.sampled_from(ADVICE))
    if draw(st.booleans()):
        text = draw(st.sampled_from(POD_REASONS))
        reasons: tuple[SchedulerReason, ...] = (SchedulerReason(text),)
        sentence = f" {text}."
    else:
        without_lists = [reason for reason in REASONS if ", " not in reason]
        texts = draw(st.lists(st.one_of(st.sampled_from(without_lists), UNKNOWN_REASON), max_size=6, unique=True))
        counted = sorted(f"{draw(st.integers(1, 20_000))} {text}" for text in texts)
        reasons = tuple(SchedulerReason(part.partition(" ")[2], int(part.partition(" ")[0])) for part in counted)
        sentence = f" {', '.join(counted)}." if counted else ""
    return f"0/{nodes} nodes are available:{sentence}{' ' + advice if advice else ''}", nodes, reasons


@given(scheduler_messages())
def test_a_message_of_the_grammar_reads_back_as_it_was_made(made: tuple[str, int, tuple[SchedulerReason, ...]]) -> None:
    text, nodes, reasons = made
    read = read_message(text)
    assert read.nodes == nodes
    assert read.reasons == reasons


@given(
    st.one_of(
        st.text(), st.text().map(lambda tail: f"0/3 nodes are available: {tail}"), scheduler_messages().map(lambda made: made[0][:-7])
    )
)
def test_any_text_is_read_and_nothing_is_invented(text: str) -> None:
    """Whatever a scheduler of tomorrow writes, every reason is a part of it, and words for it can be found."""
    read = read_message(text)
    for reason in read.reasons:
        assert reason.text in text
        assert reason.text.strip()
    assert read.plain()
    assert read.of_resource() in text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "0/7 nodes are available: 1 node(s) were unschedulable, 2 node(s) had untolerated taint(s), 4 Insufficient cpu. "
            "no new claims to deallocate, preemption: 0/7 nodes are available: 7 Preemption is not helpful for scheduling.",
            "cordoned on 1 node, reserved by a taint on 2 nodes, too little cpu free on 4 nodes",
        ),
        ("0/7 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found", "its claim is pending"),
        (
            "0/7 nodes are available: 1 Insufficient cpu, 6 node(s) didn't satisfy plugin(s) [NodeAffinity]. preemption: 0/7 nodes",
            "too little cpu free on 1 node, meant for another node on 6 nodes",
        ),
        ('0/1 nodes are available: persistentvolumeclaim "my.data" not found. not found', "its claim my.data does not exist"),
        ("0/1 nodes are available: 1 Too many pods.", "no room for another pod on the only node"),
        ("0/3 nodes are available: 3 node(s) had untolerated taint {dedicated: gpu}.", "reserved by taint dedicated: gpu on all nodes"),
        ("0/0 nodes are available: not found", "the scheduler gives no reason"),
        ("no nodes available to schedule pods", "there are no nodes"),
        ("0/4 nodes are available: 4 the moon is not full.", "the moon is not full on all nodes"),
        ("", "the scheduler gives no reason"),
    ],
)
def test_real_messages_in_plain_words(text: str, words: str) -> None:
    assert read_message(text).plain() == words


def test_every_reason_of_the_scheduler_has_words_of_its_own() -> None:
    """A reason that is merely echoed is one that nobody put into words."""
    for reason in (*REASONS[:-1], *POD_REASONS):
        assert not plain(SchedulerReason(reason, 2), 5).startswith(reason)


# -- tolerations and affinity -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("toleration", "is_tolerated"),
    [
        (Toleration(operator="Exists"), True),
        (Toleration(key="size", operator="Exists"), True),
        (Toleration(key="size", operator="Exists", effect="NoSchedule"), True),
        (Toleration(key="size", operator="Exists", effect="NoExecute"), False),
        (Toleration(key="other", operator="Exists"), False),
        (Toleration(key="size", value="8"), True),
        (Toleration(key="size", operator="", value="8"), True),
        (Toleration(key="size", operator="Equal", value="9"), False),
        (Toleration(key="size", operator="Equal"), False),
        (Toleration(key="size", operator="Gt", value="7"), True),
        (Toleration(key="size", operator="Gt", value="8"), False),
        (Toleration(key="size", operator="Lt", value="9"), True),
        (Toleration(key="size", operator="Lt", value="nine"), False),
        (Toleration(key="size", operator="Matches", value="8"), False),
    ],
)
def test_toleration_covers_a_taint_as_the_api_says(toleration: Toleration, is_tolerated: bool) -> None:
    assert tolerates((toleration,), Taint("size", "8", "NoSchedule")) is is_tolerated


def test_one_of_several_tolerations_is_enough() -> None:
    assert tolerates((Toleration(key="a", operator="Exists"), Toleration(key="size", operator="Exists")), Taint("size", "8", "NoSchedule"))
    assert not tolerates((), Taint("size", "8", "NoSchedule"))


def _term(*requirements: tuple[str, str, tuple[str, ...]]) -> NodeTerm:
    return NodeTerm(match_expressions=tuple(NodeRequirement(*requirement) for requirement in requirements))


@pytest.mark.parametrize(
    ("terms", "is_selected"),
    [
        ((), False),
        ((NodeTerm(),), False),
        ((_term(("zone", "In", ("a", "b"))),), True),
        ((_term(("zone", "In", ("b",))),), False),
        ((_term(("zone", "NotIn", ("b",))),), True),
        ((_term(("absent", "NotIn", ("b",))),), True),
        ((_term(("absent", "In", ("b",))),), False),
        ((_term(("zone", "Exists", ())),), True),
        ((_term(("absent", "DoesNotExist", ())),), True),
        ((_term(("zone", "DoesNotExist", ())),), False),
        ((_term(("cores", "Gt", ("7",))),), True),
        ((_term(("cores", "Gt", ("8",))),), False),
        ((_term(("cores", "Lt", ("10",))),), True),
        ((_term(("cores", "Lt", ("8",))),), False),
        ((_term(("zone", "Gt", ("1",))),), False),
        ((_term(("absent", "Lt", ("10",))),), False),
        ((_term(("cores", "Gt", ("1", "2"))),), False),
        ((_term(("zone", "Like", ("a",))),), False),
        # All of a term must hold, one term is enough.
        ((_term(("zone", "In", ("a",)), ("cores", "Gt", ("8",))),), False),
        ((_term(("zone", "In", ("b",))), _term(("cores", "Gt", ("7",)))), True),
        ((NodeTerm(match_fields=(NodeRequirement("metadata.name", "In", ("n1",)),)),), True),
        ((NodeTerm(match_fields=(NodeRequirement("metadata.name", "NotIn", ("n1",)),)),), False),
        ((NodeTerm((NodeRequirement("zone", "In", ("b",)),), (NodeRequirement("metadata.name", "In", ("n1",)),)),), False),
    ],
)
def test_node_affinity_selects_as_the_scheduler_does(terms: tuple[NodeTerm, ...], is_selected: bool) -> None:
    node = Node(metadata=Metadata(name="n1", labels={"zone": "a", "cores": "8"}))
    assert selects_node(NodeSelector(terms), node) is is_selected


# -- the explanation --------------------------------------------------------------------------------------------------

WAITING = {
    "phase": "Pending",
    "conditions": [
        {
            "type": "PodScheduled",
            "status": "False",
            "reason": "Unschedulable",
            "message": "0/2 nodes are available: 2 Insufficient cpu.",
            "lastTransitionTime": "2026-11-20T07:00:00Z",
        }
    ],
}


def _node(name: str, cpu: str = "4", taints: tuple[dict[str, str], ...] = (), **labels: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels},
        "spec": {"taints": list(taints)},
        "status": {"allocatable": {"cpu": cpu, "memory": "16Gi", "pods": "10"}},
    }


def _pod(name: str, cpu: str = "1", status: object = WAITING, **spec: object) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "shop", "uid": name},
        "spec": {"containers": [{"name": "app", "resources": {"requests": {"cpu": cpu}}}], **spec},
        "status": status,
    }


def _snapshot(*items: dict[str, Any], unread: tuple[str, ...] = ()) -> Snapshot:
    return snapshot_of({"at": datetime(2026, 11, 20, 8, tzinfo=UTC), "items": list(items), "unread": list(unread)})


def _why(*items: dict[str, Any], unread: tuple[str, ...] = ()) -> str:
    snapshot = _snapshot(*items, unread=unread)
    return explain(snapshot.get(Pod, "shop", "web"), snapshot).why  # type: ignore[arg-type]


UNREACHABLE = {"key": "node.kubernetes.io/unreachable", "effect": "NoSchedule", "timeAdded": "2026-11-20T06:50:00Z"}
LATER = {**UNREACHABLE, "timeAdded": "2026-11-20T07:30:00Z"}


def test_a_node_that_was_lost_later_is_not_to_blame() -> None:
    """The pod waited before the node was lost, so the lack of capacity is what it waits for."""
    full = _pod("full", "4", {"phase": "Running"}, nodeName="n1")
    assert _why(_node("n1"), _node("n2", taints=(UNREACHABLE,)), full, _pod("web")) == "the only node that could take it, n2, is not ready"
    assert _why(_node("n1"), _node("n2", taints=(LATER,)), full, _pod("web")) == "no node has 1 cpu free (most free: 0)"


def test_several_lost_nodes_are_counted_and_the_first_one_lost_is_named_as_the_cause() -> None:
    earlier = {**UNREACHABLE, "timeAdded": "2026-11-20T06:00:00Z"}
    snapshot = _snapshot(_node("n1", taints=(UNREACHABLE,)), _node("n2", taints=(earlier,)), _pod("web"))
    found = explain(snapshot.seen(Pod)[0], snapshot)
    assert found.why == "all 2 nodes that could take it are not ready"
    assert [ref.name for ref in found.because] == ["n2"]


def test_a_node_that_lacks_room_besides_being_cordoned_is_no_mere_cordon() -> None:
    """Uncordoning would not help: the pod asks for more than is free there."""
    full = _pod("full", "4", {"phase": "Running"}, nodeName="n1")
    cordoned = _node("n1")
    cordoned["spec"] = {"unschedulable": True}
    assert _why(cordoned, full, _pod("web")) == "no node has 1 cpu free (most free: 0)"
    reserved = _node("n2", taints=({"key": "dedicated", "value": "db", "effect": "NoSchedule"}, UNREACHABLE))
    assert _why(cordoned, full, reserved, _pod("web")).startswith(
        "every node that could be meant is barred: 1 node has less than 1 cpu free"
    )


def test_rounding_never_makes_a_lack_look_like_enough() -> None:
    almost = _pod("almost", "1999m", {"phase": "Running"}, nodeName="n1")
    assert _why(_node("n1"), almost, _pod("web", "2002m")) == "no node has 2 cpu free (most free: a little under 2)"


def test_a_full_node_takes_no_pod_however_small() -> None:
    crowd = [_pod(f"small-{number}", "10m", {"phase": "Running"}, nodeName="n1") for number in range(10)]
    assert _why(_node("n1"), *crowd, _pod("web", "10m")) == "every node that could take it is full (no room for another pod)"


def test_where_some_pods_were_not_read_a_node_may_be_fuller_than_it_looks() -> None:
    """Free room cannot be told, so the scheduler's own word stands."""
    assert _why(_node("n1"), _node("n2"), _pod("web"), unread=("Pod/vault",)) == "too little cpu free on all nodes"


@pytest.mark.parametrize(
    ("wanted", "used", "is_taken"),
    [
        ({}, {}, True),
        ({}, {"hostIP": "10.0.0.1"}, True),
        ({"hostIP": "10.0.0.1"}, {}, True),
        ({"hostIP": "10.0.0.1"}, {"hostIP": "0.0.0.0"}, True),
        ({"hostIP": "10.0.0.1"}, {"hostIP": "10.0.0.2"}, False),
        ({"protocol": "UDP"}, {"protocol": "TCP"}, False),
        ({"hostPort": 8081}, {}, False),
    ],
)
def test_a_host_port_is_taken_by_address_and_protocol(wanted: dict[str, Any], used: dict[str, Any], is_taken: bool) -> None:
    def container(port: dict[str, Any]) -> list[dict[str, Any]]:
        return [{"name": "app", "ports": [{"containerPort": 80, "hostPort": 8080, **port}]}]

    proxy = _pod("proxy", status={"phase": "Running"}, nodeName="n1", containers=container(used))
    why = _why(_node("n1"), proxy, _pod("web", containers=container(wanted)))
    assert ("host port" in why) is is_taken


def test_soft_taints_repel_nobody() -> None:
    soft = _node("n1", taints=({"key": "a", "value": "", "effect": "PreferNoSchedule"},))
    assert _why(soft, _pod("web", "8")) == "it asks for 8 cpu, more than any node has that could take it (4)"


def test_a_claim_that_waits_for_its_first_consumer_waits_for_the_pod() -> None:
    """Such a claim is pending because of the pod, never the other way round, unless a node was already chosen for it."""
    storage_class = {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": "late"},
        "provisioner": "x",
        "volumeBindingMode": "WaitForFirstConsumer",
    }
    claim: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data", "namespace": "shop"},
        "spec": {"storageClassName": "late"},
        "status": {"phase": "Pending"},
    }
    pod = _pod("web", "8", volumes=[{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}])
    assert _why(_node("n1"), storage_class, claim, pod).startswith("it asks for 8 cpu")
    claim["metadata"]["annotations"] = {"volume.kubernetes.io/selected-node": "n1"}
    assert _why(_node("n1"), storage_class, claim, pod) == "its claim data is pending"


def test_claims_that_nobody_could_read_are_not_called_missing() -> None:
    pod = _pod("web", "8", volumes=[{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}])
    assert _why(_node("n1"), pod, unread=("PersistentVolumeClaim",)).startswith("it asks for 8 cpu")
    assert _why(_node("n1"), pod) == "its claim data does not exist"


@given(st.data())
def test_a_pod_that_would_fit_somewhere_is_never_said_to_lack_capacity_by_our_own_count(data: st.DataObject) -> None:
    """Against a plain count: if some node has the room and no taint, what we say is the scheduler's word and not our own."""
    frees = data.draw(st.lists(st.integers(0, 4), min_size=1, max_size=5))
    asked = data.draw(st.integers(1, 5))
    nodes = [_node(f"n{index}") for index in range(len(frees))]
    fillers = [_pod(f"f{index}", str(4 - free), {"phase": "Running"}, nodeName=f"n{index}") for index, free in enumerate(frees) if free < 4]
    why = _why(*nodes, *fillers, _pod("web", str(asked)))
    if max(frees) >= asked:
        assert why in ("too little cpu free on 2 nodes", "too little cpu free on all nodes")
    elif asked > 4:
        assert why == "it asks for 5 cpu, more than any node has that could take it (4)"
    else:
        assert why == f"no node has {asked} cpu free (most free: {max(frees)})"
