"""Looking at the real API server."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from daytwo.model.config import ConfigMap, Secret
from daytwo.model.control_plane import CustomResourceDefinition, Namespace
from daytwo.model.errors import UsageError
from daytwo.model.event import Event
from daytwo.model.gap import Unseen, Want
from daytwo.model.kinds import KINDS
from daytwo.model.node import Lease, Node
from daytwo.model.pod import Pod
from daytwo.model.progress import Progress
from daytwo.model.ref import Ref
from daytwo.model.snapshot import Reading
from daytwo.model.workload import CustomWorkload, Deployment
from tests.servers.client import Client, Object
from tests.servers.control_plane import ADMIN, NOBODY, VIEWER, ControlPlane
from tests.servers.polling import until
from tests.servers.proxy import Change, Proxy
from tests.sources.kubernetes.looking import ask, gaps, look

pytestmark = pytest.mark.cluster

RULES = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"


def deployment(name: str, replicas: int = 2) -> Object:
    labels = {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "app", "image": "registry.test/web:1"}]}},
        },
    }


def reader(control_plane: ControlPlane, home: str, *namespaces: str) -> tuple[str, str]:
    """A service account that may read everything in some namespaces: its token and its user name."""
    client = control_plane.client()
    client.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "reader"}}, home)
    for namespace in namespaces:
        client.apply(
            {
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": "RoleBinding",
                "metadata": {"name": f"reader-of-{home}"},
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
                "subjects": [{"kind": "ServiceAccount", "name": "reader", "namespace": home}],
            },
            namespace,
        )
    request: Object = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    path = f"/api/v1/namespaces/{home}/serviceaccounts/reader/token"
    return client.request("POST", path, request)["status"]["token"], f"system:serviceaccount:{home}:reader"


@pytest.fixture
def proxy(control_plane: ControlPlane) -> Iterator[Proxy]:
    with Proxy(control_plane) as proxy:
        yield proxy


def test_everything_is_read_with_nothing_left_open(control_plane: ControlPlane, namespace: str) -> None:
    """An administrator gets every kind, each with its reading, and full coverage."""
    client = control_plane.client()
    client.create(deployment("web"), namespace)
    client.wait_for("Deployment", "web", namespace, lambda found: found.get("status", {}).get("readyReplicas") == 2)
    progress: list[Progress] = []

    snapshot = look(control_plane.kubeconfig(ADMIN), progress=progress)

    assert gaps(snapshot) == []
    assert {kind.name for kind in KINDS} <= set(snapshot.readings)
    assert snapshot.readings["Pod"] == Reading()
    assert snapshot.readings["Rollout"] == Reading(is_served=False)
    assert snapshot.coverage.answered == snapshot.coverage.asked
    assert len(snapshot.of(Pod, namespace)) == 2
    assert snapshot.top_owner(snapshot.of(Pod, namespace)[0]) == Ref("Deployment", namespace, "web")
    assert {lease.name for lease in snapshot.of(Lease, "kube-node-lease")} >= {node.name for node in snapshot.of(Node)}
    assert all(lease.namespace == "kube-node-lease" for lease in snapshot.of(Lease))
    assert snapshot.seen(Event, namespace)
    assert snapshot.cluster.name == "admin"
    assert snapshot.cluster.user == "admin"
    assert snapshot.cluster.version == control_plane.version
    assert snapshot.cluster.uid == client.get("Namespace", "kube-system")["metadata"]["uid"]
    assert ("etcd", True) in {(line.name, line.ok) for line in snapshot.cluster.readyz}
    assert progress[-1].kinds_read == progress[-1].kinds == len(KINDS)
    assert progress[-1].objects == snapshot.count


def test_who_wrote_is_kept_and_the_field_trees_are_not(control_plane: ControlPlane, namespace: str) -> None:
    """managedFields shrink to manager, operation, time and the few fields in use."""
    control_plane.client(field_manager="helm").create(deployment("web"), namespace)

    (found,) = look(control_plane.kubeconfig(ADMIN), namespace).of(Deployment, namespace)

    write = found.last_write("template")
    assert write is not None
    assert (write.manager, write.operation) == ("helm", "Update")
    assert not bytes(write.fields_v1)


def test_values_of_secrets_and_configmaps_do_not_get_in(control_plane: ControlPlane, namespace: str) -> None:
    """Key names and sizes stay; no value does, not even in what kubectl left behind."""
    client = control_plane.client()
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": {"password": "hunter2hunter2"}}
    applied = {"kubectl.kubernetes.io/last-applied-configuration": json.dumps({"apiVersion": "v1", "data": {"p": "hunter2hunter2"}})}
    client.create({**secret, "metadata": {"name": "s", "annotations": applied}}, namespace)
    client.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"k": "hunter2hunter2"}}, namespace)

    snapshot = look(control_plane.kubeconfig(ADMIN), namespace)

    found = snapshot.get(Secret, namespace, "s")
    assert found is not None
    assert found.sizes_bytes == {"password": 14}
    config = snapshot.get(ConfigMap, namespace, "c")
    assert config is not None
    assert config.sizes_bytes == {"k": 14}
    everything = repr(snapshot)
    assert "hunter2" not in everything
    assert base64.b64encode(b"hunter2hunter2").decode().rstrip("=") not in everything


def test_only_the_namespaces_asked_for_are_read(control_plane: ControlPlane, namespace: str, proxy: Proxy) -> None:
    """With `-n` other namespaces are not even asked about; cluster-scoped kinds are read as always."""
    snapshot = look(proxy.kubeconfig(ADMIN), namespace)

    assert snapshot.readings["Pod"] == Reading(namespaces=frozenset({namespace}))
    assert snapshot.readings["Node"] == Reading()
    assert snapshot.is_read("Pod", namespace)
    assert not snapshot.is_read("Pod", "kube-system")
    assert snapshot.coverage.answered == snapshot.coverage.asked
    assert not proxy.requests_to("/api/v1/pods")
    assert proxy.requests_to(f"/api/v1/namespaces/{namespace}/pods")


def test_a_namespace_that_does_not_exist_is_a_mistake(control_plane: ControlPlane, namespace: str) -> None:
    """And the one that was meant is named, when that can be known."""
    with pytest.raises(UsageError, match=rf'no namespace "{namespace}x" in context "admin"; did you mean "{namespace}"\?'):
        look(control_plane.kubeconfig(ADMIN), f"{namespace}x")


def test_a_namespace_that_nobody_may_see_is_a_gap(control_plane: ControlPlane, namespace: str) -> None:
    """Who may not even get the namespace learns nothing about it."""
    snapshot = look(control_plane.kubeconfig(NOBODY), namespace)

    assert f"pods in namespace {namespace}: forbidden for user nobody" in gaps(snapshot)
    with pytest.raises(Unseen, match="forbidden for user nobody"):
        snapshot.of(Pod, namespace)


def test_what_a_viewer_may_not_read_is_one_gap(control_plane: ControlPlane) -> None:
    """The viewer reads no Secrets: one gap, as many cells as namespaces, and everything else in full."""
    snapshot = look(control_plane.kubeconfig(VIEWER))

    assert gaps(snapshot) == ["secrets: forbidden for user viewer"]
    assert snapshot.gaps[0].cells == len(snapshot.of(Namespace))
    assert "Secret" not in snapshot.readings
    assert snapshot.coverage.asked - snapshot.coverage.answered == snapshot.gaps[0].cells


def test_rights_in_two_namespaces_give_full_answers_there(control_plane: ControlPlane, namespace: str, proxy: Proxy) -> None:
    """A person who may read a and b gets all of a and b, and one honest gap per kind for the rest."""
    client = control_plane.client()
    other = client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"generateName": "other-"}})["metadata"]["name"]
    token, user = reader(control_plane, namespace, namespace, other)
    client.create(deployment("web"), namespace)
    client.create(deployment("web"), other)
    for name in (namespace, other):
        client.wait_for("Deployment", "web", name, lambda found: found.get("status", {}).get("readyReplicas") == 2)

    snapshot = look(proxy.kubeconfig(ADMIN, token), namespace, other)

    assert snapshot.readings["Pod"] == Reading(namespaces=frozenset({namespace, other}))
    assert len(snapshot.of(Pod, namespace)) == len(snapshot.of(Pod, other)) == 2
    with pytest.raises(Unseen, match=r"only .* looked at"):
        snapshot.of(Pod, "kube-system")
    with pytest.raises(Unseen, match=f"nodes: forbidden for user {user}"):
        snapshot.of(Node)
    assert f"secrets in namespaces {min(namespace, other)} and {max(namespace, other)}: forbidden for user {user}" in gaps(snapshot)
    client.delete("Namespace", other)


def test_rules_say_where_a_kind_may_be_listed(control_plane: ControlPlane, namespace: str, proxy: Proxy) -> None:
    """Without `-n`: after the refusal for the whole cluster, one review per namespace, and lists only where they are allowed."""
    token, user = reader(control_plane, namespace, namespace)
    grant_namespaces(control_plane, namespace)

    snapshot = look(proxy.kubeconfig(ADMIN, token))

    assert snapshot.readings["Pod"] == Reading(namespaces=frozenset({namespace}))
    assert snapshot.of(Pod, namespace) == ()
    with pytest.raises(Unseen, match=f"forbidden for user {user}"):
        snapshot.of(Pod, "kube-system")
    with pytest.raises(Unseen, match=f"forbidden for user {user}"):
        snapshot.of(Pod)
    (pods,) = [gap for gap in snapshot.gaps if gap.wanted.startswith("pods in ")]
    reviews = [json.loads(request.body)["spec"]["namespace"] for request in proxy.requests_to(RULES)]
    assert sorted(reviews) == sorted(found.name for found in snapshot.of(Namespace))
    assert pods.cells == len(reviews) - 1
    assert [request.path for request in proxy.requests if request.path.endswith("/pods")] == [
        "/api/v1/pods",
        f"/api/v1/namespaces/{namespace}/pods",
    ]


def test_a_thousand_namespaces_that_may_not_be_listed(control_plane: ControlPlane, namespace: str, proxy: Proxy) -> None:
    """One review each, at most a few at once, and one gap per kind whose cells are all the namespaces lost."""
    token, user = reader(control_plane, namespace, namespace)
    grant_namespaces(control_plane, namespace)
    many = [{"metadata": {"name": f"team-{number:04}", "uid": f"uid-{number}"}} for number in range(1000)]
    real: list[int] = []

    def with_many(page: Object) -> Object:
        real.append(len(page["items"]))
        return {**page, "items": [*page["items"], *many]}

    proxy.fault("/api/v1/namespaces", Change(with_many))

    snapshot = look(proxy.kubeconfig(ADMIN, token))

    (pods,) = [gap for gap in snapshot.gaps if gap.wanted.startswith("pods in ")]
    assert pods.cells == 1000 + real[0] - 1
    assert pods.reason == f"forbidden for user {user}"
    assert snapshot.is_read("Pod", namespace)
    assert not snapshot.is_read("Pod", "team-0001")
    assert len(proxy.requests_to(RULES)) == 1000 + real[0]
    assert len(snapshot.gaps) <= len(KINDS)
    assert proxy.most_at_once <= 32


def test_an_incomplete_review_is_no_refusal(control_plane: ControlPlane, namespace: str, proxy: Proxy) -> None:
    """Where an authorizer cannot list its rules, each namespace is asked itself."""
    token, _ = reader(control_plane, namespace, namespace)
    grant_namespaces(control_plane, namespace)

    def unsure(review: Object) -> Object:
        return {**review, "status": {"incomplete": True, "resourceRules": [], "nonResourceRules": [], "evaluationError": "webhook"}}

    proxy.fault(RULES, Change(unsure))

    snapshot = look(proxy.kubeconfig(ADMIN, token))

    assert snapshot.readings["Pod"] == Reading(namespaces=frozenset({namespace}))
    assert proxy.requests_to("/api/v1/namespaces/kube-system/pods")


def test_who_may_not_list_namespaces_gets_the_contexts_own(control_plane: ControlPlane, namespace: str, proxy: Proxy) -> None:
    """Nothing is known about the others, so each kind has one more gap."""
    token, user = reader(control_plane, namespace, namespace)

    snapshot = look(proxy.kubeconfig(ADMIN, token, namespace=namespace))

    assert snapshot.readings["Pod"] == Reading(namespaces=frozenset({namespace}))
    assert f"pods outside namespace {namespace}: forbidden for user {user}" in gaps(snapshot)
    assert f"namespaces: forbidden for user {user}" in gaps(snapshot)
    with pytest.raises(Unseen):
        snapshot.of(Pod, "kube-system")
    assert len(snapshot.cluster.uid) == 32


def test_custom_kinds_with_a_pod_template_are_workloads(control_plane: ControlPlane, namespace: str) -> None:
    """Any custom kind whose schema has spec.template.spec.containers is read; others are not."""
    client = control_plane.client()
    group = f"{namespace}.test"
    try:
        define(client, custom_definition(group, "robots", "Robot", "containers"))
        define(client, custom_definition(group, "toys", "Toy", "colours"))
        template = {"spec": {"containers": [{"name": "app", "image": "robot:1"}]}}
        robot = {"apiVersion": f"{group}/v1", "kind": "Robot", "metadata": {"name": "r2"}, "spec": {"replicas": 3, "template": template}}
        until(lambda: client.create(robot, namespace) or True, "the robot to be stored")

        snapshot = look(control_plane.kubeconfig(ADMIN))

        (found,) = snapshot.of(CustomWorkload, namespace)
        assert found.ref == Ref(f"Robot.{group}", namespace, "r2")
        assert found.replicas == 3
        assert found.template.spec.containers[0].image == "robot:1"
        definition = snapshot.get(CustomResourceDefinition, "", f"toys.{group}")
        assert definition is not None
        assert definition.pod_template_versions == ()
    finally:
        for plural in ("robots", "toys"):
            if client.find("CustomResourceDefinition", f"{plural}.{group}"):
                client.delete("CustomResourceDefinition", f"{plural}.{group}")


def test_the_time_is_the_api_servers(control_plane: ControlPlane, proxy: Proxy) -> None:
    """A clock that is off on this side changes nothing: `taken_at` is the API server's Date."""
    proxy.date = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)

    assert look(proxy.kubeconfig(ADMIN)).taken_at == datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
    now = look(control_plane.kubeconfig(ADMIN)).taken_at
    assert abs(datetime.now(UTC) - now) < timedelta(minutes=1)


def test_the_last_lines_before_the_restart_answer_a_want(control_plane: ControlPlane, namespace: str) -> None:
    """Each line is an occurrence with its time; a container that does not exist is a gap of its own want."""
    client = control_plane.client()
    client.create(deployment("web", replicas=1), namespace)
    client.wait_for("Deployment", "web", namespace, lambda found: found.get("status", {}).get("readyReplicas") == 1)
    (pod,) = client.list_of("Pod", namespace)
    name = pod["metadata"]["name"]
    there, elsewhere = Want("logs", f"{namespace}/{name}/app"), Want("logs", f"{namespace}/{name}-gone/app")

    answers = ask(control_plane.kubeconfig(ADMIN), [there, elsewhere, Want("prometheus", "up")])

    assert answers.answered == {there}
    lines = [occurrence.summary for occurrence in answers.occurrences]
    assert lines == ["starting", "listening on :8080", "worker: out of luck, giving up"]
    assert all(occurrence.at is not None and occurrence.item == "app" for occurrence in answers.occurrences)
    assert {occurrence.subject for occurrence in answers.occurrences} == {Ref("Pod", namespace, name)}
    assert [(str(gap), gap.want) for gap in answers.gaps] == [
        (f"logs of {elsewhere.query}: not found", elsewhere),
        ("up: the Kubernetes API does not answer this", Want("prometheus", "up")),
    ]


def test_logs_without_the_right_are_a_gap(control_plane: ControlPlane) -> None:
    """`pods/log` is a right of its own."""
    want = Want("logs", "default/web/app")

    answers = ask(control_plane.kubeconfig(NOBODY), [want])

    assert not answers.answered
    assert [(str(gap), gap.want) for gap in answers.gaps] == [("logs of default/web/app: forbidden for user nobody", want)]


def test_impersonation_in_the_kubeconfig_counts(control_plane: ControlPlane, proxy: Proxy) -> None:
    """What is read is what the impersonated user may read, as with kubectl."""
    path = proxy.kubeconfig("boss", **{"as": "viewer", "tokenFile": "token"})
    (path.parent / "token").write_text(control_plane.token(ADMIN), encoding="utf-8")

    snapshot = look(path)

    assert snapshot.cluster.user == "viewer"
    assert gaps(snapshot) == ["secrets: forbidden for user viewer"]


def grant_namespaces(control_plane: ControlPlane, home: str) -> None:
    """Lets the reader list the names of namespaces."""
    api = "rbac.authorization.k8s.io"
    name = f"namespaces-for-{home}"
    client = control_plane.client()
    rules = [{"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get", "list"]}]
    client.apply({"apiVersion": f"{api}/v1", "kind": "ClusterRole", "metadata": {"name": name}, "rules": rules})
    client.apply(
        {
            "apiVersion": f"{api}/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": name},
            "roleRef": {"apiGroup": api, "kind": "ClusterRole", "name": name},
            "subjects": [{"kind": "ServiceAccount", "name": "reader", "namespace": home}],
        }
    )


def define(client: Client, definition: Object) -> None:
    """Creates a custom kind and waits until it is served."""
    client.create(definition)

    def is_established(found: Object) -> bool:
        conditions = found.get("status", {}).get("conditions") or ()
        return any(condition["type"] == "Established" and condition["status"] == "True" for condition in conditions)

    client.wait_for("CustomResourceDefinition", definition["metadata"]["name"], "", is_established)


def custom_definition(group: str, plural: str, kind: str, field: str) -> Object:
    """A CustomResourceDefinition whose template holds a list called `field`."""

    def nested(*names: str) -> Object:
        inner: Object = {"type": "array", "items": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
        for name in reversed(names):
            inner = {"type": "object", "properties": {name: inner}}
        return inner

    schema = nested("spec", "template", "spec", field)
    schema["properties"]["spec"]["properties"]["replicas"] = {"type": "integer"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"plural": plural, "kind": kind, "singular": kind.lower(), "listKind": f"{kind}List"},
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}],
        },
    }
