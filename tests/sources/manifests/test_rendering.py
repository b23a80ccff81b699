"""Charts and kustomizations are rendered by the real helm and the real kubectl; what is part of another is not judged twice."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from daytwo.model.errors import UsageError
from daytwo.model.files import Files
from daytwo.model.origin import Place
from daytwo.model.scope import Scope
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import Deployment
from daytwo.sources.manifests.source import Manifests
from tests.conftest import programs

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  template:
    spec:
      containers:
      - name: app
        image: nginx:1.25
"""

CHART: Mapping[str, str] = {
    "Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\nkubeVersion: '>= 1.30.0-0'\n",
    "values.yaml": "replicas: 2\nimage: nginx:1.25\n",
    "templates/deployment.yaml": DEPLOYMENT.replace("name: web", "name: {{ .Release.Name }}")
    .replace("replicas: 2", "replicas: {{ .Values.replicas }}")
    .replace("nginx:1.25", "{{ .Values.image }}"),
    "templates/service.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: {{ .Release.Namespace }}}\n"
    "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Capabilities.KubeVersion.Minor | quote }}}\n",
    "templates/tests/ping.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: ping, annotations: {helm.sh/hook: test}}\n",
    "crds/widgets.yaml": "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: widgets.example.com}\n",
}


def write(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def read(source: Manifests) -> Snapshot:
    return asyncio.run(source.read(Scope(), lambda progress: None))


@pytest.fixture
def with_helm(helm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(helm.parent))


@pytest.fixture
def with_kubectl(monkeypatch: pytest.MonkeyPatch) -> None:
    """kubectl alone, which builds kustomizations too."""
    monkeypatch.setenv("PATH", str(programs()["kubectl"].parent))


@pytest.fixture
def with_neither(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))


@pytest.mark.usefixtures("with_helm")
def test_a_chart_is_rendered_and_its_templates_are_named(tmp_path: Path) -> None:
    """With its definitions, without its tests; a line is one of what helm printed."""
    chart = write(tmp_path / "web", CHART)
    source = Manifests(Files((str(chart),)), now=NOW)
    snapshot = read(source)
    assert [str(one.ref) for one in snapshot.all()] == [
        "ConfigMap default/36",
        "CustomResourceDefinition widgets.example.com",
        "Deployment default/web",
        "Service default/web",
    ]
    (deployment,) = snapshot.seen(Deployment)
    assert deployment.origin is not None
    assert (deployment.origin.file, deployment.origin.template) == (str(chart), "web/templates/deployment.yaml")
    place = source.locate(deployment.origin, "spec.replicas")
    assert source.texts[str(chart)].splitlines()[place.line - 1] == "  replicas: 2"
    assert place == Place(str(chart), place.line, 3, template="web/templates/deployment.yaml")


@pytest.mark.usefixtures("with_helm")
def test_a_chart_is_given_values_a_namespace_and_a_version(tmp_path: Path) -> None:
    """As `helm template` takes them."""
    chart = write(tmp_path / "web", CHART)
    (tmp_path / "prod.yaml").write_text("replicas: 5\n")
    source = Manifests(
        Files((str(chart),), values=(str(tmp_path / "prod.yaml"),), sets=("image=busybox",), namespace="shop", version="v1.34.1"), now=NOW
    )
    snapshot = read(source)
    (deployment,) = snapshot.seen(Deployment)
    assert (deployment.namespace, deployment.replicas, deployment.pod_spec.containers[0].image) == ("shop", 5, "busybox")
    assert "ConfigMap shop/34" in [str(one.ref) for one in snapshot.all()]


@pytest.mark.usefixtures("with_helm")
def test_the_file_of_a_chart_stands_for_it(tmp_path: Path) -> None:
    """As a hook names it that is given the files that changed."""
    chart = write(tmp_path / "web", CHART)
    assert read(Manifests(Files((str(chart / "Chart.yaml"),)), now=NOW)).count == 4


@pytest.mark.usefixtures("with_helm")
def test_what_helm_says_is_told(tmp_path: Path) -> None:
    """On one line, with the chart before it."""
    chart = write(tmp_path / "web", {**CHART, "templates/deployment.yaml": "{{ required `give a name` .Values.name }}\n"})
    with pytest.raises(UsageError, match=rf"^{chart}: helm template: .*give a name"):
        read(Manifests(Files((str(chart),)), now=NOW))
    with pytest.raises(UsageError, match=r"helm template: .*nowhere\.yaml: no such file"):
        read(Manifests(Files((str(chart),), values=("nowhere.yaml",)), now=NOW))
    plain = write(tmp_path / "plain", {"web.yaml": DEPLOYMENT})
    with pytest.raises(UsageError, match="--values and --set are for a Helm chart, and there is none in"):
        read(Manifests(Files((str(plain),), sets=("a=b",)), now=NOW))


@pytest.mark.usefixtures("with_helm")
def test_charts_are_found_in_a_folder(tmp_path: Path) -> None:
    """Each is rendered whole: its templates and the charts within it are not files of their own."""
    write(tmp_path / "charts/web", CHART)
    write(
        tmp_path / "charts/web/charts/part",
        {**CHART, "Chart.yaml": "apiVersion: v2\nname: part\nversion: 1.0.0\n", "crds/widgets.yaml": ""},
    )
    write(tmp_path / "charts/library", {"Chart.yaml": "apiVersion: v2\nname: library\nversion: 1.0.0\ntype: library\n"})
    write(tmp_path, {"plain.yaml": DEPLOYMENT.replace("name: web", "name: plain")})
    source = Manifests(Files((str(tmp_path),)), now=NOW)
    assert [one.name for one in read(source).seen(Deployment)] == ["plain", "web", "web"]
    assert source.notes[0] == f"1 file passed over: library charts, which render nothing ({tmp_path}/charts/library)"


KUSTOMIZED: Mapping[str, str] = {
    "base/kustomization.yaml": "resources: [web.yaml]\nconfigMapGenerator: [{name: c, files: [settings=settings.yaml]}]\n",
    "base/web.yaml": DEPLOYMENT,
    "base/settings.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n",
    "components/spread/kustomization.yaml": """\
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches: [{path: spread.yaml}]
""",
    "components/spread/spread.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {minReadySeconds: 5}\n",
    "overlays/dev/kustomization.yml": "namespace: dev\nresources: [../../base]\n",
    "overlays/prod/Kustomization": """\
namespace: prod
resources: [../../base]
components: [../../components/spread]
patches: [{path: more.yaml}]
""",
    "overlays/prod/more.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 7}\n",
    "overlays/prod/alone.yaml": DEPLOYMENT.replace("name: web", "name: alone"),
}


@pytest.mark.cluster
@pytest.mark.usefixtures("with_kubectl")
def test_a_kustomization_is_built(tmp_path: Path) -> None:
    """What is named is what is judged, whatever else lies beside it."""
    tree = write(tmp_path / "deploy", KUSTOMIZED)
    prod = str(tree / "overlays/prod")
    source = Manifests(
        Files(
            (
                f"{prod}/Kustomization",
                prod,
            )
        ),
        now=NOW,
    )
    (deployment,) = read(source).seen(Deployment)
    assert (deployment.namespace, deployment.replicas, deployment.spec.min_ready_seconds) == ("prod", 7, 5)
    assert deployment.origin is not None
    assert (deployment.origin.file, deployment.origin.template) == (prod, f"{prod}/Kustomization")
    place = source.locate(deployment.origin, "spec.replicas")
    assert source.texts[prod].splitlines()[place.line - 1] == "  replicas: 7"


@pytest.mark.cluster
@pytest.mark.usefixtures("with_kubectl")
def test_in_a_folder_only_what_nothing_refers_to_is_built(tmp_path: Path) -> None:
    """Both overlays, neither the base nor the component; what a kustomization is made of is not judged by itself, what it leaves out is."""
    tree = write(tmp_path / "deploy", KUSTOMIZED)
    snapshot = read(Manifests(Files((str(tree),)), now=NOW))
    assert [str(one.ref) for one in snapshot.seen(Deployment)] == ["Deployment default/alone", "Deployment dev/web", "Deployment prod/web"]
    assert [one.namespace for one in snapshot.all() if one.KIND == "ConfigMap"] == ["dev", "prod"]


@pytest.mark.cluster
@pytest.mark.usefixtures("with_kubectl")
def test_what_kustomize_says_is_told(tmp_path: Path) -> None:
    """With everything else that is wrong."""
    write(tmp_path, {"a/kustomization.yaml": "resources: [nowhere.yaml]\n", "b.yaml": "apiVersion: v1\nkind: [\n"})
    with pytest.raises(UsageError) as caught:
        read(Manifests(Files((str(tmp_path),)), now=NOW))
    first, second = str(caught.value).splitlines()
    assert first.startswith(f"{tmp_path}/a: kubectl kustomize: error: accumulating resources: ")
    assert second.startswith(f"{tmp_path}/b.yaml:3:1: is no YAML")


@pytest.mark.usefixtures("with_neither")
def test_who_has_no_renderer_is_told_how_to_get_one(tmp_path: Path) -> None:
    """A chart is not passed over in silence."""
    write(tmp_path, {"web/Chart.yaml": CHART["Chart.yaml"], "base/kustomization.yaml": "resources: []\n"})
    with pytest.raises(UsageError) as caught:
        read(Manifests(Files((str(tmp_path),)), now=NOW))
    assert str(caught.value).splitlines() == [
        f"{tmp_path}/base: is a kustomization, and there is neither kustomize nor kubectl to build it: "
        "go install sigs.k8s.io/kustomize/kustomize/v5@latest (or see https://kubernetes.io/docs/tasks/tools/)",
        f"{tmp_path}/web: is a Helm chart, and there is no helm to render it: go install helm.sh/helm/v3/cmd/helm@latest "
        f"(or see https://helm.sh/docs/intro/install/); elsewhere: helm template {tmp_path}/web | daytwo check -",
    ]
