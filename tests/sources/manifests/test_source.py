"""What people have is read: files, folders, lists, dumps. What is passed over is counted, and what is wrong is told with its place."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent

import msgspec
import pytest

from daytwo.model.cluster import Cluster
from daytwo.model.errors import UsageError
from daytwo.model.files import Files
from daytwo.model.foreign import ForeignObject
from daytwo.model.gap import Unseen, Want
from daytwo.model.metadata import Resource
from daytwo.model.network import Ingress, Service
from daytwo.model.origin import Origin
from daytwo.model.policy import HorizontalPodAutoscaler, PodDisruptionBudget
from daytwo.model.scope import Scope
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import CronJob, CustomWorkload, Deployment
from daytwo.sources.manifests.source import Manifests
from daytwo.sources.recording import read_recording, write_recording

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


def manifests(*paths: str | Path, text: str = "", **options: str) -> Manifests:
    return Manifests(Files(tuple([str(path) for path in paths] or ["-"]), **options), stdin=lambda: text, now=NOW)  # type: ignore[arg-type]


def read(source: Manifests, *namespaces: str) -> Snapshot:
    return asyncio.run(source.read(Scope(namespaces), lambda progress: None))


def of(text: str, **options: str) -> Snapshot:
    return read(manifests(text=dedent(text), **options))


def the_one(text: str, **options: str) -> Resource:
    (found,) = of(text, **options).all()
    return found


def origin(resource: Resource) -> Origin:
    assert resource.origin is not None
    return resource.origin


def config_map(name: str, namespace: str = "") -> str:
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}{f', namespace: {namespace}' if namespace else ''}}}\n"


# -- where an object is -----------------------------------------------------------------------------------------------


def test_a_snapshot_of_files_holds_what_is_there_and_nothing_else_is_known(tmp_path: Path) -> None:
    """Kinds that the files lack may well exist elsewhere: unknown, not absent."""
    (tmp_path / "web.yaml").write_text(f"# a comment\n---\n{config_map('web', 'shop')}---\n# nothing\n---\n{config_map('two', 'shop')}")
    source = manifests(tmp_path)
    snapshot = read(source)
    assert snapshot.is_of_files
    assert snapshot.taken_at == NOW
    assert snapshot.cluster == Cluster(name=str(tmp_path), version="v1.36")
    assert [str(one.ref) for one in snapshot.all()] == ["ConfigMap shop/two", "ConfigMap shop/web"]
    file = str(tmp_path / "web.yaml")
    assert source.documents == (Origin(file, 3, api_version="v1"), Origin(file, 9, api_version="v1"))
    assert source.texts == {file: (tmp_path / "web.yaml").read_text()}
    with pytest.raises(Unseen, match="services: not among these files"):
        snapshot.of(Service)
    want = Want("logs", "shop/web")
    assert asyncio.run(source.answer([want])).gaps[0].want == want


def test_who_names_no_namespace_is_given_one() -> None:
    """And is marked so; an object of the cluster has none, whatever is written."""
    text = f"{config_map('a')}---\n{config_map('b', 'shop')}---\napiVersion: v1\nkind: Node\nmetadata: {{name: node-a, namespace: x}}\n"
    found = {one.name: (one.namespace, origin(one).is_namespace_assumed) for one in of(text).all()}
    assert found == {"a": ("default", True), "b": ("shop", False), "node-a": ("", False)}
    assert the_one(config_map("a"), namespace="web").namespace == "web"


def test_a_foreign_object_is_namespaced_where_its_definition_says_so() -> None:
    """Wherever the definition stands; without one nothing is assumed."""
    one = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\n"
    other = "apiVersion: example.com/v1\nkind: Region\nmetadata: {name: r, namespace: x}\n"
    found = the_one(one)
    assert (type(found), str(found.ref), found.namespace) == (ForeignObject, "Widget.example.com w", "")
    definition = """\
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: widgets.example.com}
        spec: {group: example.com, scope: SCOPE, names: {kind: KIND, plural: widgets}, versions: [{name: v1, served: true, storage: true}]}
        """
    widgets, regions = (
        dedent(definition).replace("KIND", kind).replace("SCOPE", scope)
        for kind, scope in (("Widget", "Namespaced"), ("Region", "Cluster"))
    )
    snapshot = of(f"{one}---\n{other}---\n{widgets}---\n{regions}")
    assert [(one.name, one.namespace) for one in snapshot.seen(ForeignObject)] == [("r", ""), ("w", "default")]


def test_a_foreign_object_with_a_pod_template_is_a_workload() -> None:
    """As on a live cluster, where its definition's schema says so."""
    text = """\
        apiVersion: apps.kruise.io/v1alpha1
        kind: CloneSet
        metadata: {name: web, namespace: shop}
        spec: {replicas: 3, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: app, image: nginx}]}}}
        """
    found = the_one(text)
    assert isinstance(found, CustomWorkload)
    assert (str(found.ref), found.replicas, found.pod_labels) == ("CloneSet.apps.kruise.io shop/web", 3, {"app": "web"})
    assert origin(found).api_version == "apps.kruise.io/v1alpha1"
    assert isinstance(the_one(text.replace("image: nginx", "image: [1]")), ForeignObject)


def test_what_a_generated_name_begins_with_is_its_name() -> None:
    """A hook's Job is judged, although it is named anew each time."""
    assert the_one("apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: migrate-}\n").name == "migrate-"


def test_objects_that_stand_twice_are_both_judged() -> None:
    """As in folders for stages; it is said."""
    source = manifests(text=f"{config_map('a')}---\n{config_map('a')}")
    assert read(source).count == 2
    assert source.notes == ("ConfigMap default/a stands 2 times, each is judged: stdin:1:1, stdin:5:1",)


def test_a_key_that_stands_twice_is_told_with_its_line() -> None:
    """kubectl keeps the later one, and so is it judged."""
    text = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  type: NodePort\n  ports: []\n  type: LoadBalancer\n"
    source = manifests(text=text)
    (found,) = read(source).seen(Service)
    assert found.spec.type == "LoadBalancer"
    assert source.notes == ('stdin:7:3: "type" stands here a second time, the first is in line 5; kubectl keeps this one',)
    as_json = json.dumps({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}})[:-1] + ',\n "kind": "Service"}'
    source = manifests(text=as_json)
    read(source)
    assert source.notes[0].startswith('stdin:2:2: "kind" stands here a second time, the first is in line 1')


def test_a_scope_leaves_out_other_namespaces(tmp_path: Path) -> None:
    """And a namespace that holds nothing is a mistake, not an all-clear."""
    text = f"{config_map('a', 'shop')}---\n{config_map('b', 'web')}---\napiVersion: v1\nkind: Node\nmetadata: {{name: node-a}}\n"
    assert [one.name for one in read(manifests(text=text), "shop").all()] == ["a", "node-a"]
    with pytest.raises(UsageError, match='nothing in these files is in a namespace "shpo"; did you mean "shop"'):
        read(manifests(text=text), "shpo")


# -- older versions ---------------------------------------------------------------------------------------------------


def test_an_old_ingress_has_its_backends() -> None:
    """`serviceName` became `service.name`, `backend` became `defaultBackend`; what was written is kept for whoever asks."""
    found = the_one(
        """\
        apiVersion: extensions/v1beta1
        kind: Ingress
        metadata: {name: web}
        spec:
          backend: {serviceName: fallback, servicePort: http}
          rules:
          - host: a.example.com
            http: {paths: [{path: /, backend: {serviceName: web, servicePort: 80}}]}
        """
    )
    assert isinstance(found, Ingress)
    written = json.loads(msgspec.json.encode(found))["spec"]
    assert written["defaultBackend"]["service"] == {"name": "fallback", "port": {"name": "http"}}
    assert written["rules"][0]["http"]["paths"][0]["backend"]["service"] == {"name": "web", "port": {"number": 80}}
    assert origin(found).api_version == "extensions/v1beta1"


@pytest.mark.parametrize(
    ("version", "spec"),
    [
        ("v1", "targetCPUUtilizationPercentage: 80"),
        ("v2beta1", "metrics: [{type: Resource, resource: {name: cpu, targetAverageUtilization: 80}}]"),
        ("v2beta2", "metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}]"),
        ("v2", "metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}]"),
    ],
)
def test_autoscalers_of_all_versions_have_the_same_target(version: str, spec: str) -> None:
    """The field moved three times."""
    head = f"apiVersion: autoscaling/{version}\nkind: HorizontalPodAutoscaler\nmetadata: {{name: a}}\nspec:\n  maxReplicas: 3\n  {spec}\n"
    found = the_one(head)
    assert isinstance(found, HorizontalPodAutoscaler)
    (metric,) = json.loads(msgspec.json.encode(found))["spec"]["metrics"]
    assert metric["resource"] == {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}


def test_an_empty_selector_of_an_old_budget_selects_nothing() -> None:
    """In policy/v1 it selects all pods, in v1beta1 it selected none."""
    text = "apiVersion: policy/VERSION\nkind: PodDisruptionBudget\nmetadata: {name: a}\nspec: {minAvailable: 1, selector: {}}\n"
    for version, selects in (("v1beta1", False), ("v1", True)):
        found = the_one(text.replace("VERSION", version))
        assert isinstance(found, PodDisruptionBudget)
        assert found.selects({"app": "web"}) is selects


def test_old_workloads_are_workloads() -> None:
    """Their selector was filled in from the labels of the template."""
    template = "template: {metadata: {labels: {app: web}}, spec: {containers: [{name: app, image: a}]}}"
    for version in ("extensions/v1beta1", "apps/v1beta1", "apps/v1beta2", "apps/v1"):
        found = the_one(f"apiVersion: {version}\nkind: Deployment\nmetadata: {{name: web}}\nspec: {{{template}}}\n")
        assert isinstance(found, Deployment)
        assert found.spec.selector.match_labels == ({"app": "web"} if version.endswith("beta1") else {})
        assert origin(found).api_version == version
    assert isinstance(the_one("apiVersion: batch/v1beta1\nkind: CronJob\nmetadata: {name: a}\nspec: {schedule: '* * * * *'}\n"), CronJob)


def test_the_text_of_a_secret_becomes_its_data() -> None:
    """As the API server stores it: names and sizes are kept, no value."""
    text = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {password: hunter22}\ndata: {user: aGk=}\n"
    encoded = msgspec.json.encode(the_one(text)).decode()
    assert '"password":8' in encoded
    assert '"user":2' in encoded
    assert "hunter22" not in encoded


# -- lists and dumps --------------------------------------------------------------------------------------------------


def dump() -> str:
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web-1", "namespace": "shop", "uid": "u1", "creationTimestamp": "2026-11-20T07:00:00Z"},
        "spec": {"containers": [{"name": "app", "image": "nginx"}]},
        "status": {"phase": "Running", "conditions": [{"type": "Ready", "lastTransitionTime": "2026-11-20T07:00:09Z"}]},
    }
    certificate = {
        "apiVersion": "cert-manager.io/v1",
        "kind": "Certificate",
        "metadata": {"name": "web", "namespace": "shop", "uid": "u2"},
        "status": {"notAfter": "2027-02-20T07:00:00Z", "renewalTime": "2027-01-20T07:00:00Z"},
    }
    widget = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "r", "namespace": "shop", "uid": "u3"}}
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": [pod, certificate, widget]}, indent=4)


def test_a_dump_is_judged_as_of_the_newest_time_in_it() -> None:
    """What is to come, such as the end of a certificate, is not when it was taken; the header says which time it is."""
    source = manifests(text=dump())
    snapshot = read(source)
    assert snapshot.taken_at == datetime(2026, 11, 20, 7, 0, 9, tzinfo=UTC)
    assert source.notes == ("judged as of 2026-11-20T07:00:09Z, the newest time among what a cluster wrote; --at takes another",)
    assert [origin(one).is_observed for one in snapshot.all()] == [True] * 3
    assert not any(one.is_declared for one in snapshot.all())
    at = datetime(2026, 11, 20, 12, tzinfo=UTC)
    source = Manifests(Files(("-",), at=at), stdin=dump, now=NOW)
    assert read(source).taken_at == at
    assert source.notes == ()


def test_a_list_of_one_kind_says_the_kind_for_its_items() -> None:
    """As the API server sends it."""
    items = [{"metadata": {"name": "web", "namespace": "shop", "uid": "u"}}]
    assert str(the_one(json.dumps({"apiVersion": "v1", "kind": "ServiceList", "items": items})).ref) == "Service shop/web"
    declared = "apiVersion: v1\nkind: ServiceList\nitems:\n- metadata: {name: web}\n- metadata: {name: two}\n"
    assert [origin(one).item for one in of(declared).all()] == [1, 0]


def test_a_kind_that_only_ends_like_a_list_is_an_object() -> None:
    """Its items are its own affair."""
    for items in ([{"host": "a"}], ["a"]):
        value = {"apiVersion": "example.com/v1", "kind": "AllowList", "metadata": {"name": "a"}, "items": items}
        assert str(the_one(json.dumps(value)).ref) == "AllowList.example.com a"


def test_a_status_that_says_nothing_does_not_make_a_dump() -> None:
    """Generators write `status: {}` and `creationTimestamp: null`."""
    text = "apiVersion: v1\nkind: Service\nmetadata: {name: a, creationTimestamp: null}\nstatus: {loadBalancer: {}, conditions: []}\n"
    assert the_one(text).is_declared
    assert not the_one(text.replace("{loadBalancer: {}", "{loadBalancer: {ingress: [{ip: 10.0.0.1}]}")).is_declared


def test_a_recording_of_files_comes_back_whole(tmp_path: Path) -> None:
    """Origins included: it is what a pipeline compares with."""
    text = f"{config_map('a')}---\n{config_map('a')}---\napiVersion: example.com/v1\nkind: Widget\nmetadata: {{name: w}}\n"
    snapshot = of(text)
    write_recording(snapshot, tmp_path / "base.recording")
    again = read_recording(tmp_path / "base.recording")
    assert list(again.all()) == list(snapshot.all())
    assert (again.is_of_files, dict(again.readings), again.cluster) == (True, dict(snapshot.readings), snapshot.cluster)


# -- folders ----------------------------------------------------------------------------------------------------------


def test_a_folder_is_walked_and_what_is_no_object_is_counted(tmp_path: Path) -> None:
    """Hidden folders are not looked into; other people's YAML is passed over, saying so."""
    for name, text in {
        "a/web.yaml": config_map("web"),
        "a/deep/er/two.yml": config_map("two"),
        "three.json": json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "three"}}),
        ".git/x.yaml": config_map("hidden"),
        ".hidden.yaml": config_map("hidden"),
        "values.yaml": "replicas: 3\n",
        "compose.yaml": "services: {web: {image: nginx}}\n",
        "kind.yaml": "apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\nnodes: []\n",
        "broken-values.yaml": "a: [\n",
        "package.json": "{}",
        "notes.txt": config_map("text"),
        "other/template.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Values.name }}}\n",
        "catalog-info.yaml": "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: web}\nspec: {owner: shop}\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    source = manifests(tmp_path)
    snapshot = read(source)
    assert [one.name for one in snapshot.all()] == ["three", "two", "web", "web"]
    assert [str(one.ref) for one in snapshot.seen(ForeignObject)] == ["Component.backstage.io web"]
    assert source.files == 4
    assert [note.replace(str(tmp_path), "") for note in source.notes] == [
        "5 files passed over: no Kubernetes object in it (/broken-values.yaml, /compose.yaml, /kind.yaml and 2 more)",
        "1 file passed over: templates that nothing here renders (/other/template.yaml)",
    ]


def test_a_label_of_a_catalogue_makes_no_entity(tmp_path: Path) -> None:
    """What only mentions Backstage is read like everything else: once, and without its names being asked for."""
    entity = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: a, annotations: {backstage.io/kubernetes-id: web}}\n"
    job = "apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: a-, labels: {backstage.io/kubernetes-id: web}}\n"
    (tmp_path / "a.yaml").write_text(f"{job}---\nreplicas: 3\n---\n{entity}spec: {{owner: shop}}\n")
    assert [entry.owner for entry in read(manifests(tmp_path)).ownership.entries] == ["shop"]


def test_a_file_that_is_named_must_hold_objects(tmp_path: Path) -> None:
    """What a folder passes over is a mistake where it is named."""
    for name, text, told in (
        ("values.yaml", "replicas: 3\n", ":1:1: is no Kubernetes object: it has no apiVersion and no kind"),
        ("service.yaml", "kind: Service\n", ":1:1: has no apiVersion; write apiVersion: v1"),
        ("comma.json", '{"kind": "Pod" "a": 1}\n', ":1:16: is no JSON: a comma or a closing bracket is missing before this"),
        (
            "kind.yaml",
            "apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\n",
            ":1:1: Cluster has no metadata.name: it is no object of a cluster",
        ),
        ("list.yaml", "- a\n", ":1:1: is no object; begin with apiVersion and kind"),
        ("empty.yaml", "# nothing\n", ": holds no Kubernetes object"),
        ("absent.yaml", None, ": No such file or directory"),
    ):
        if text is not None:
            (tmp_path / name).write_text(text)
        with pytest.raises(UsageError) as caught:
            read(manifests(tmp_path / name))
        assert str(caught.value).startswith(f"{tmp_path / name}{told}")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="holds no Kubernetes object"):
        read(manifests(tmp_path / "empty"))


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    """One line for each, with the field's place; 20 of them are enough."""
    (tmp_path / "a.yaml").write_text("apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: two\n")
    (tmp_path / "b.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web\n")
    (tmp_path / "c.yaml").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "d.yaml").write_text("apiVersion: v1\nkind: Service\nmetadata: {labels: {a: 1}}\n")
    with pytest.raises(UsageError) as caught:
        read(manifests(tmp_path))
    assert str(caught.value).replace(f"{tmp_path}/", "").splitlines() == [
        'a.yaml:6:3: Deployment default/web: spec.replicas is a text, "two"; write a number',
        "b.yaml:4:1: is no YAML: did not find expected ',' or '}'",
        "c.yaml: is no text in UTF-8",
        "d.yaml:3:21: Service default/?: metadata.labels.a is a number; put it into quotes",
    ]
    for number in range(30):
        (tmp_path / f"e{number}.yaml").write_text("apiVersion: v1\nkind: [\n")
    with pytest.raises(UsageError) as caught:
        read(manifests(tmp_path))
    assert str(caught.value).splitlines()[-1] == "and 14 more"


def test_a_template_is_named_as_one(tmp_path: Path) -> None:
    """Also where its braces are in quotes, so that it happens to be YAML; a rule of Prometheus is none."""
    chart = tmp_path / "web"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: web\nversion: 1.0.0\n")
    for text in ("kind: ConfigMap\nmetadata:\n  name: {{ .Values.name }}\n", 'kind: ConfigMap\nmetadata:\n  name: "{{ .Values.name }}"\n'):
        (chart / "templates" / "a.yaml").write_text(f"apiVersion: v1\n{text}")
        with pytest.raises(UsageError, match=rf"a.yaml:4:\d+: is a Helm template: render it first \(daytwo check {chart}\)"):
            read(manifests(chart / "templates" / "a.yaml"))
    rule = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: 'at {{ $labels.pod }} {{ template \"x\" . }}'}\n"
    assert the_one(rule).name == "a"


def test_text_that_is_to_be_judged_instead_takes_the_place_of_a_file(tmp_path: Path) -> None:
    """So that a repair is proved before it is written."""
    file = tmp_path / "a.yaml"
    file.write_text(config_map("old"))
    source = Manifests(Files((str(tmp_path),)), now=NOW, overrides={str(file): config_map("new")})
    assert [one.name for one in read(source).all()] == ["new"]
    assert source.texts == {str(file): config_map("new")}


def test_a_file_is_read_once_however_often_it_is_named(tmp_path: Path) -> None:
    """`daytwo check deploy deploy/web.yaml`."""
    (tmp_path / "a.yaml").write_text(config_map("a"))
    assert read(manifests(tmp_path, tmp_path / "a.yaml")).count == 1


@pytest.mark.parametrize("text", [config_map("a"), "\ufeff" + config_map("a"), config_map("a").replace("\n", "\r\n")])
def test_marks_and_carriage_returns_do_not_matter(tmp_path: Path, text: str) -> None:
    """As editors on Windows write them."""
    (tmp_path / "a.yaml").write_text(text, newline="")
    assert read(manifests(tmp_path / "a.yaml")).count == 1
    assert of(text).count == 1


def test_an_alias_bomb_is_refused() -> None:
    """Nine aliases of nine aliases nine times over."""
    levels = "".join(f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join([f'*{chr(97 + i)}'] * 9)}]\n" for i in range(9))
    with pytest.raises(UsageError, match="holds more than 1,000,000 values, its aliases written out"):
        of(f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\na: &a [1]\n{levels}")
    deep = "".join(f"k{i}: &k{i} [*k{i - 1}]\n" for i in range(1, 2_000))
    with pytest.raises(UsageError, match="is nested more than 200 deep, its aliases written out"):
        of(f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\nk0: &k0 [1]\n{deep}")
