"""The indexes of a snapshot are exact, and what nobody looked at is never taken for absent."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daytwo.model.cluster import Cluster
from daytwo.model.config import ConfigMap, Secret
from daytwo.model.control_plane import Namespace
from daytwo.model.gap import Gap, Unseen, Want
from daytwo.model.metadata import Metadata, OwnerReference
from daytwo.model.network import Service, ServiceSpec
from daytwo.model.node import Node
from daytwo.model.occurrence import Occurrence
from daytwo.model.pod import Pod
from daytwo.model.ref import Cell, Ref
from daytwo.model.report import Coverage
from daytwo.model.selector import Requirement, Selector
from daytwo.model.snapshot import Reading, Snapshot, by_kind
from daytwo.model.workload import Deployment, ReplicaSet, StatefulSet
from tests.objects import AT, Object, deployment, event, ingress, metadata, node, parse, pod, replica_set, service, snapshot_document
from tests.specimen import snapshot_of


def snapshot(*items: Object, unread: tuple[str, ...] = ()) -> Snapshot:
    return snapshot_of(snapshot_document(*items, unread=unread))


def owned(kind: str, api_version: str, name: str, owner: Object | None = None, **more: Any) -> Object:
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata(name, owner=owner, **more)}


# -- who belongs to whom ----------------------------------------------------------------------------------------------


def test_pod_belongs_to_the_deployment_of_its_replica_set() -> None:
    web = deployment("web")
    current = replica_set(web, 2, created=AT)
    one = pod(current, "x2x4z")
    found = snapshot(web, current, one)
    [seen] = found.seen(Pod)
    assert found.top_owner(seen) == Ref("Deployment", "shop", "web")
    assert found.workload(seen) == found.seen(Deployment)[0]
    assert found.pods_of(Ref("Deployment", "shop", "web")) == (seen,)
    assert found.pods_of(found.seen(ReplicaSet)[0].ref) == ()
    assert found.workloads == found.seen(Deployment)


def test_pod_belongs_to_the_cron_job_of_its_job() -> None:
    nightly = owned("CronJob", "batch/v1", "nightly")
    job = owned("Job", "batch/v1", "nightly-1", nightly)
    found = snapshot(nightly, job, pod(job, "a"))
    assert found.top_owner(found.seen(Pod)[0]) == Ref("CronJob", "shop", "nightly")


def test_pod_without_owner_and_mirror_pod_stand_for_themselves() -> None:
    alone = pod(deployment("web"), "1")
    del alone["metadata"]["ownerReferences"]
    mirror = pod(node("n1"), "2")
    found = snapshot(alone, mirror)
    assert [found.top_owner(one) for one in found.seen(Pod)] == [one.ref for one in found.seen(Pod)]


def test_an_owner_that_is_no_controller_owns_nothing() -> None:
    web = deployment("web")
    one = pod(web, "1")
    one["metadata"]["ownerReferences"][0]["controller"] = False
    found = snapshot(web, one)
    assert found.pods_of(Ref("Deployment", "shop", "web")) == ()


def test_deployment_of_an_unread_replica_set_is_told_by_the_hash() -> None:
    """ReplicaSets may not be listed: the pod's own labels name the rest."""
    web = deployment("web")
    current = replica_set(web, 2, created=AT)
    one = pod(current, "x2x4z")
    one["metadata"]["labels"]["pod-template-hash"] = "2aa"
    found = snapshot(web, one, unread=("ReplicaSet",))
    assert found.top_owner(found.seen(Pod)[0]) == Ref("Deployment", "shop", "web")
    assert found.pods_of(Ref("Deployment", "shop", "web")) == found.seen(Pod)


def test_replica_set_that_no_hash_explains_stands_for_itself() -> None:
    """Made by hand: its name is nobody's name with a hash."""
    by_hand = owned("ReplicaSet", "apps/v1", "by-hand")
    found = snapshot(pod(by_hand, "x2x4z"), unread=("ReplicaSet",))
    assert found.top_owner(found.seen(Pod)[0]) == Ref("ReplicaSet", "shop", "by-hand")


def test_replica_set_of_an_unread_deployment_is_no_workload_of_its_own() -> None:
    web = deployment("web")
    found = snapshot(replica_set(web, 2, created=AT), unread=("Deployment",))
    assert found.workloads == ()
    assert found.top_owner(found.seen(ReplicaSet)[0]) == Ref("Deployment", "shop", "web")
    assert found.workload(found.seen(ReplicaSet)[0]) is None


def test_workload_of_an_operator_is_the_workload() -> None:
    """The chain does not go on to the custom resource: nobody rolls back a Prometheus by its name."""
    operated = owned("StatefulSet", "apps/v1", "prometheus", owned("Prometheus", "monitoring.coreos.com/v1", "main"))
    found = snapshot(operated, pod(operated, "0"))
    assert found.top_owner(found.seen(Pod)[0]) == Ref("StatefulSet", "shop", "prometheus")
    assert found.workloads == found.seen(StatefulSet)


def test_pod_of_an_operator_belongs_to_the_custom_resource() -> None:
    """With its group: several groups have a Service."""
    found = snapshot(pod(owned("Service", "serving.knative.dev/v1", "hello"), "1"))
    assert found.top_owner(found.seen(Pod)[0]) == Ref("Service.serving.knative.dev", "shop", "hello")


def test_new_owner_of_an_old_name_does_not_inherit() -> None:
    """A Job was deleted and made anew under its name: the old one's pod is not the new one's."""
    old, new = owned("Job", "batch/v1", "import"), owned("Job", "batch/v1", "import")
    old["metadata"]["uid"], new["metadata"]["uid"] = "old", "new"
    found = snapshot(new, pod(old, "a"), pod(new, "b"))
    assert [one.name for one in found.pods_of(Ref("Job", "shop", "import"))] == ["import-b"]
    first, second = found.seen(Pod)
    assert found.workload(first) is None
    assert found.workload(second) is not None
    assert found.top_owner(first) == found.top_owner(second)


def test_same_name_in_another_namespace_is_another_owner() -> None:
    web = deployment("web")
    one = pod(web, "1")
    one["metadata"]["namespace"] = "other"
    one["metadata"]["ownerReferences"][0]["uid"] = ""
    found = snapshot(web, one)
    assert found.pods_of(Ref("Deployment", "shop", "web")) == ()


def test_owner_without_uid_is_found_by_name() -> None:
    web = deployment("web")
    one = pod(web, "1")
    one["metadata"]["ownerReferences"][0]["uid"] = ""
    found = snapshot(web, one)
    assert found.owner(found.seen(Pod)[0]) == found.seen(Deployment)[0]


def test_owners_in_a_circle_and_in_a_long_chain_come_to_an_end() -> None:
    """The API server does not check ownerReferences, and a recording may hold anything."""
    length = 5_000

    def link(index: int, owner: int) -> ReplicaSet:
        reference = OwnerReference("apps/v1", "ReplicaSet", f"r-{owner}", f"u-{owner}", controller=True)
        return ReplicaSet(metadata=Metadata(name=f"r-{index}", namespace="shop", uid=f"u-{index}", owner_references=(reference,)))

    chain = [link(index, index + 1) for index in range(length)]
    found = Snapshot(parse(AT), Cluster("x"), by_kind(chain), {})
    assert found.top_owner(chain[0]) == Ref("ReplicaSet", "shop", f"r-{length}")
    circle = Snapshot(parse(AT), Cluster("x"), by_kind([link(0, 1), link(1, 2), link(2, 0), link(3, 3)]), {})
    assert {circle.top_owner(one) for one in circle.seen(ReplicaSet)} <= {one.ref for one in circle.seen(ReplicaSet)}


def test_replica_sets_come_newest_revision_first() -> None:
    web = deployment("web")
    found = snapshot(web, *(replica_set(web, revision, created=AT) for revision in (9, 10, 2)))
    assert [one.revision for one in found.replica_sets(Ref("Deployment", "shop", "web"))] == [10, 9, 2]


def test_nodes_and_their_pods_are_joined_by_name() -> None:
    found = snapshot(node("n1"), pod(deployment("web"), "1"), pod(deployment("web"), "2", node="n2"))
    first, second = found.seen(Pod)
    assert found.node_of(first) == found.seen(Node)[0]
    assert found.node_of(second) is None
    assert found.pods_on("n1") == (first,)
    assert found.pods_on("n3") == ()


def test_object_is_found_by_uid_where_its_name_was_reused() -> None:
    found = snapshot(deployment("web"))
    assert found.by_uid("uid-deployment-web") == found.seen(Deployment)[0]
    assert found.by_uid("another") is None
    assert found.by_uid("") is None


# -- who selects whom -------------------------------------------------------------------------------------------------

KEYS, VALUES = st.sampled_from(["app", "tier", "zone"]), st.sampled_from(["a", "b", ""])
LABELS = st.dictionaries(KEYS, VALUES, max_size=3)
REQUIREMENTS = st.builds(
    Requirement, KEYS, st.sampled_from(["In", "NotIn", "Exists", "DoesNotExist"]), st.lists(VALUES, max_size=2).map(tuple)
)
SELECTORS = st.builds(Selector, LABELS, st.lists(REQUIREMENTS, max_size=2).map(tuple))
NAMESPACES = st.sampled_from(["shop", "other"])


def made(type: Callable[..., Any], places: list[tuple[str, dict[str, str]]], **fields: Callable[[dict[str, str]], Any]) -> list[Any]:
    return [
        type(
            metadata=Metadata(name=f"o-{index}", namespace=namespace, labels=labels),
            **{name: make(labels) for name, make in fields.items()},
        )
        for index, (namespace, labels) in enumerate(places)
    ]


PLACES = st.lists(st.tuples(NAMESPACES, LABELS), max_size=12)


@given(PLACES, SELECTORS, NAMESPACES)
def test_selected_pods_are_those_that_looking_at_each_finds(
    places: list[tuple[str, dict[str, str]]], selector: Selector, namespace: str
) -> None:
    found = Snapshot(parse(AT), Cluster("x"), by_kind(made(Pod, places)), {})
    expected = [one for one in found.seen(Pod) if one.namespace == namespace and selector.matches(one.labels)]
    assert list(found.select_pods(selector, namespace)) == expected


@given(PLACES, LABELS, NAMESPACES)
def test_services_of_labels_are_those_that_looking_at_each_finds(
    places: list[tuple[str, dict[str, str]]], labels: dict[str, str], namespace: str
) -> None:
    """A Service without selector selects nothing."""
    found = Snapshot(parse(AT), Cluster("x"), by_kind(made(Service, places, spec=lambda wanted: ServiceSpec(selector=wanted))), {})
    expected = {
        one.name
        for one in found.seen(Service)
        if one.namespace == namespace and one.spec.selector and one.spec.selector.items() <= labels.items()
    }
    assert {one.name for one in found.services_selecting(labels, namespace)} == expected


@settings(max_examples=30)
@given(PLACES, SELECTORS)
def test_namespaces_are_matched_by_their_labels(places: list[tuple[str, dict[str, str]]], selector: Selector) -> None:
    found = Snapshot(parse(AT), Cluster("x"), by_kind(made(Namespace, [("", labels) for _, labels in places])), {})
    assert list(found.namespaces_matching(selector)) == [one for one in found.seen(Namespace) if selector.matches(one.labels)]


def test_empty_namespace_selector_matches_every_namespace() -> None:
    found = Snapshot(parse(AT), Cluster("x"), by_kind(made(Namespace, [("", {}), ("", {"team": "a"})])), {})
    assert len(found.namespaces_matching(Selector())) == 2


def test_pods_behind_a_service_are_of_its_namespace() -> None:
    elsewhere = pod(deployment("web"), "2")
    elsewhere["metadata"]["namespace"] = "other"
    found = snapshot(service("web"), service("by-hand", selector={}), pod(deployment("web"), "1"), elsewhere)
    by_hand, web = found.seen(Service)
    assert [one.name for one in found.pods_selected_by(web)] == ["web-1"]
    assert found.pods_selected_by(by_hand) == ()


# -- how traffic flows ------------------------------------------------------------------------------------------------


def test_services_know_the_ingresses_and_routes_that_lead_to_them() -> None:
    def route(kind: str, name: str, *targets: Object) -> Object:
        return {
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": kind,
            "metadata": metadata(name),
            "spec": {"rules": [{"backendRefs": list(targets)}, {"backendRefs": list(targets)}]},
        }

    default = ingress("default", "web")
    default["spec"] = {"defaultBackend": {"service": {"name": "web", "port": {"number": 80}}}}
    found = snapshot(
        ingress("front", "web"),
        default,
        route("HTTPRoute", "http", {"name": "web"}, {"name": "api", "namespace": "other"}),
        route("GRPCRoute", "grpc", {"name": "web", "kind": "Service", "group": ""}),
        route("HTTPRoute", "imported", {"name": "web", "kind": "ServiceImport", "group": "multicluster.x-k8s.io"}),
        route("HTTPRoute", "knative", {"name": "web", "kind": "Service", "group": "serving.knative.dev"}),
    )
    assert {place: {str(ref) for ref in refs} for place, refs in found.routed_services.items()} == {
        ("shop", "web"): {"Ingress shop/front", "Ingress shop/default", "HTTPRoute shop/http", "GRPCRoute shop/grpc"},
        ("other", "api"): {"HTTPRoute shop/http"},
    }


def test_endpoint_slices_are_joined_by_label_within_a_namespace() -> None:
    def part(name: str, of: str, namespace: str = "shop") -> Object:
        labels = {"kubernetes.io/service-name": of}
        return {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": metadata(name, namespace, labels=labels)}

    found = snapshot(service("web"), part("web-a", "web"), part("web-b", "web"), part("api-a", "api"), part("web-c", "web", "other"))
    assert [one.name for one in found.endpoint_slices(found.seen(Service)[0])] == ["web-a", "web-b"]


# -- what happened ----------------------------------------------------------------------------------------------------


def test_events_are_joined_by_uid_newest_first() -> None:
    """The event about the object that had the name before is not about this one."""
    old, new = pod(deployment("web"), "1"), pod(deployment("web"), "1")
    old["metadata"]["uid"] = "old"
    found = snapshot(
        new,
        event(old, "Killing", "gone", "2026-11-20T07:59:00Z"),
        event(new, "Pulled", "first", "2026-11-20T07:00:00Z"),
        event(new, "BackOff", "second", "2026-11-20T07:30:00Z"),
    )
    [seen] = found.seen(Pod)
    assert [one.reason for one in found.events_of(seen)] == ["BackOff", "Pulled"]
    assert [one.reason for one in found.events_about(seen.ref)] == ["Killing", "BackOff", "Pulled"]


def test_events_of_nodes_are_joined_by_name() -> None:
    """Controllers write the node's uid, kubelets its name."""
    n1 = node("n1")
    by_kubelet = event(n1, "Rebooted", "again", "2026-11-20T07:00:00Z")
    by_kubelet["involvedObject"]["uid"] = "n1"
    found = snapshot(n1, by_kubelet, event(n1, "NodeNotReady", "gone", "2026-11-20T07:30:00Z"))
    assert [one.reason for one in found.events_of(found.seen(Node)[0])] == ["NodeNotReady", "Rebooted"]


def test_event_about_the_kind_of_another_group_is_about_another_object() -> None:
    other = owned("Deployment", "example.com/v1", "web")
    found = snapshot(deployment("web"), event(other, "Odd", "?", "2026-11-20T07:00:00Z"))
    assert found.events_about(Ref("Deployment", "shop", "web")) == ()
    assert [one.reason for one in found.events_about(Ref("Deployment.example.com", "shop", "web"))] == ["Odd"]


# -- what is hidden ---------------------------------------------------------------------------------------------------


def config_map(name: str, namespace: str = "shop") -> Object:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata(name, namespace)}


def test_absent_is_told_only_where_somebody_looked() -> None:
    found = snapshot(config_map("web"), unread=("Secret", "ConfigMap/vault"))
    assert found.get(ConfigMap, "shop", "ghost") is None
    assert found.get(ConfigMap, "shop", "web") is not None
    with pytest.raises(Unseen, match="Secret: forbidden"):
        found.get(Secret, "shop", "db")
    with pytest.raises(Unseen, match="ConfigMap/vault: forbidden"):
        found.get(ConfigMap, "vault", "web")


def test_one_hidden_namespace_leaves_the_others_and_hides_the_whole() -> None:
    found = snapshot(config_map("web"), config_map("safe", "vault"), unread=("ConfigMap/vault",))
    assert [one.name for one in found.of(ConfigMap, "shop")] == ["web"]
    with pytest.raises(Unseen):
        found.of(ConfigMap, "vault")
    with pytest.raises(Unseen):
        found.of(ConfigMap)
    assert len(found.seen(ConfigMap)) == 2


def test_what_is_there_is_found_even_where_the_rest_is_hidden() -> None:
    found = snapshot(config_map("safe", "vault"), unread=("ConfigMap/vault",))
    assert found.get(ConfigMap, "vault", "safe") is not None
    assert found.find(Ref("ConfigMap", "vault", "safe")) is not None
    assert found.find(Ref("ConfigMap", "vault", "ghost")) is None


def test_one_malformed_object_makes_its_cell_unseen_and_no_other() -> None:
    malformed = Gap("kubernetes", "one of configmaps", "malformed: ConfigMap shop/odd: …", Cell("ConfigMap", "shop"))
    found = replace(snapshot(config_map("web"), config_map("safe", "vault")), gaps=(malformed,))
    with pytest.raises(Unseen, match="malformed"):
        found.of(ConfigMap, "shop")
    assert len(found.of(ConfigMap, "vault")) == 1


def test_kind_that_nobody_asked_for_is_unseen() -> None:
    found = Snapshot(parse(AT), Cluster("x"), {}, {})
    with pytest.raises(Unseen, match="pods: not part of this snapshot"):
        found.of(Pod)
    assert found.seen(Pod) == ()


def test_kind_that_is_not_served_does_not_exist() -> None:
    """Discovery does not know it: nothing is hidden."""
    found = Snapshot(parse(AT), Cluster("x"), {}, {"Rollout": Reading(is_served=False)})
    assert found.is_read("Rollout")
    assert found.is_read("Rollout", "shop")


def test_snapshot_of_some_namespaces_knows_nothing_of_others() -> None:
    found = Snapshot(parse(AT), Cluster("x"), {}, {"Pod": Reading(namespaces=frozenset(["a", "b"]))})
    assert found.of(Pod, "a") == ()
    with pytest.raises(Unseen, match="pods in namespace c: only a, b were looked at"):
        found.of(Pod, "c")
    with pytest.raises(Unseen, match="pods in all namespaces: only a, b were looked at"):
        found.of(Pod)


def test_gap_of_other_namespaces_leaves_the_named_ones_standing() -> None:
    """A user who may list Secrets in two namespaces: one gap for the rest, however many they are."""
    rest = Gap("kubernetes", "secrets in 998 namespaces", "forbidden", Cell("Secret"), cells=998)
    found = Snapshot(parse(AT), Cluster("x"), {}, {"Secret": Reading(namespaces=frozenset(["a", "b"]))}, gaps=(rest,))
    assert found.of(Secret, "a") == ()
    with pytest.raises(Unseen, match="forbidden"):
        found.of(Secret, "c")
    with pytest.raises(Unseen, match="forbidden"):
        found.of(Secret)


def test_answers_are_known_refused_or_never_asked_for() -> None:
    known, refused, unasked = (Want("logs", f"shop/web-{index}/app") for index in (1, 2, 3))
    said = Occurrence(parse(AT), "log", Ref("Pod", "shop", "web-1"), "boom", "logs", "app")
    found = Snapshot(
        parse(AT),
        Cluster("x"),
        {},
        {},
        gaps=(Gap("logs", refused.query, "forbidden", want=refused),),
        occurrences=(said,),
        answered=frozenset([known]),
    )
    assert found.answer(known) == (said,)
    with pytest.raises(Unseen, match="forbidden"):
        found.answer(refused)
    with pytest.raises(Unseen, match="was not asked"):
        found.answer(unasked)


def test_answer_may_be_empty() -> None:
    want = Want("logs", "shop/web-1/app")
    assert Snapshot(parse(AT), Cluster("x"), {}, {}, answered=frozenset([want])).answer(want) == ()


# -- how much was seen ------------------------------------------------------------------------------------------------


def namespaces(*names: str) -> dict[str, tuple[Any, ...]]:
    return {"Namespace": tuple(Namespace(metadata=Metadata(name=name)) for name in names)}


@pytest.mark.parametrize(
    ("readings", "gaps", "coverage"),
    [
        pytest.param({}, (), Coverage(0, 0), id="nothing asked"),
        pytest.param({"Pod": Reading()}, (), Coverage(3, 3), id="a namespaced kind is a cell for each namespace"),
        pytest.param({"Node": Reading()}, (), Coverage(1, 1), id="another kind is one cell"),
        pytest.param({"Lease": Reading()}, (), Coverage(1, 1), id="so is a kind read in one namespace only"),
        pytest.param({"Rollout": Reading(is_served=False)}, (), Coverage(1, 1), id="not served is answered"),
        pytest.param({"Pod": Reading()}, (Gap("k", "pods", "403", Cell("Pod", "a")),), Coverage(2, 3), id="one namespace hidden"),
        pytest.param({}, (Gap("k", "pods", "500", Cell("Pod"), cells=3),), Coverage(0, 3), id="a kind hidden everywhere"),
        pytest.param({}, (Gap("k", "nodes", "403", Cell("Node")),), Coverage(0, 1), id="nodes hidden"),
        pytest.param(
            {"Secret": Reading(namespaces=frozenset(["a"]))},
            (Gap("k", "secrets in 2 namespaces", "403", Cell("Secret"), cells=2),),
            Coverage(1, 3),
            id="listed in one namespace, refused in two",
        ),
        pytest.param({"Pod": Reading(namespaces=frozenset(["a", "b"]))}, (), Coverage(2, 2), id="asked for two namespaces"),
        pytest.param({}, (Gap("k", "readyz", "403"),), Coverage(0, 1), id="anything else hidden"),
    ],
)
def test_coverage_counts_cells(readings: dict[str, Reading], gaps: tuple[Gap, ...], coverage: Coverage) -> None:
    found = Snapshot(parse(AT), Cluster("x"), namespaces("a", "b", "c"), readings, gaps=gaps)
    assert found.coverage == coverage


def test_coverage_counts_wants() -> None:
    want = Want("logs", "a/b/c")
    found = Snapshot(
        parse(AT), Cluster("x"), {}, {}, gaps=(Gap("logs", "x", "403", want=Want("logs", "d/e/f")),), answered=frozenset([want])
    )
    assert found.coverage == Coverage(1, 2)
    assert found.coverage.ratio == 0.5


def test_namespaces_are_those_that_anything_names() -> None:
    found = snapshot(config_map("web", "seen"), {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "empty"}}, node("n1"))
    assert found.namespaces == ("empty", "seen")
