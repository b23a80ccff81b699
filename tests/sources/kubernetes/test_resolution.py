"""What people write for an object is understood as kubectl understands it, or refused with what to write instead."""

import asyncio
import subprocess

import pytest

from daytwo.model.document import Document
from daytwo.model.errors import UsageError
from daytwo.model.json import Json
from daytwo.model.target import ResourceType
from daytwo.sources.kubernetes.live import open_cluster
from daytwo.sources.kubernetes.resolution import Served, ServedType
from tests.servers.control_plane import ControlPlane
from tests.sources.kubernetes.looking import QUICK


def served(*types: tuple[str, str, str, str, tuple[str, ...]]) -> Served:
    return Served(
        tuple(
            ServedType(ResourceType(group, version, plural, kind), kind.lower(), short)  # as discovery tells it
            for group, version, plural, kind, short in types
        )
    )


PLAIN = served(
    ("", "v1", "pods", "Pod", ("po",)),
    ("", "v1", "services", "Service", ("svc",)),
    ("apps", "v1", "deployments", "Deployment", ("deploy",)),
    ("autoscaling", "v1", "horizontalpodautoscalers", "HorizontalPodAutoscaler", ("hpa",)),
    ("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", ("hpa",)),
    ("metrics.k8s.io", "v1beta1", "pods", "PodMetrics", ()),
    ("serving.knative.dev", "v1", "services", "Service", ("ksvc",)),
    ("example.com", "v1", "gateways", "Gateway", ("gw",)),
    ("example.org", "v2", "gateways", "Gateway", ()),
    ("example.org", "v1", "gateways", "Gateway", ()),
    ("example.org", "v1", "hpas", "Autopilot", ("po",)),
)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("deployment/web", "/apis/apps/v1/namespaces/shop/deployments/web"),
        ("deploy/web", "/apis/apps/v1/namespaces/shop/deployments/web"),
        ("Deployment/web", "/apis/apps/v1/namespaces/shop/deployments/web"),
        ("deployments.apps/web", "/apis/apps/v1/namespaces/shop/deployments/web"),
        ("deployment.v1.apps/web", "/apis/apps/v1/namespaces/shop/deployments/web"),
        ("pods/web-0", "/api/v1/namespaces/shop/pods/web-0"),
        ("po/web-0", "/api/v1/namespaces/shop/pods/web-0"),
        ("pods.v1/web-0", "/api/v1/namespaces/shop/pods/web-0"),
        ("svc/web", "/api/v1/namespaces/shop/services/web"),
        ("services.serving.knative.dev/web", "/apis/serving.knative.dev/v1/namespaces/shop/services/web"),
        ("Service.serving.knative.dev/web", "/apis/serving.knative.dev/v1/namespaces/shop/services/web"),
        ("ksvc/web", "/apis/serving.knative.dev/v1/namespaces/shop/services/web"),
        ("hpa/web", "/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers/web"),
        ("hpa.v1.autoscaling/web", "/apis/autoscaling/v1/namespaces/shop/horizontalpodautoscalers/web"),
        ("gateways.example.org/web", "/apis/example.org/v2/namespaces/shop/gateways/web"),
        ("gw/web", "/apis/example.com/v1/namespaces/shop/gateways/web"),
        ("hpas/web", "/apis/example.org/v1/namespaces/shop/hpas/web"),
    ],
)
def test_a_word_means_what_kubectl_takes_it_for(text: str, path: str) -> None:
    """Core kinds win a bare word, a group's preferred version is used, and the version that daytwo reads where it knows the kind."""
    assert PLAIN.target(text, "shop").path == path


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("web", '"web" names no object; write KIND/NAME, such as deployment/web'),
        ("deploy", '"deploy" names no object; write KIND/NAME, such as deploy/web'),
        ("deploy/", '"" is no name of an object'),
        ("deploy/..", '".." is no name of an object'),
        ("deploy/a/b", '"a/b" is no name of an object'),
        ("deploy/a%2fb", '"a%2fb" is no name of an object'),
        ("deploymnet/web", 'serves no kind "deploymnet"; did you mean "deployment"?'),
        ("gateway/web", '"gateway" may mean gateways.example.com or gateways.example.org; write one of them'),
        ("deployments.extensions/web", 'serves no kind "deployments.extensions"'),
    ],
)
def test_what_is_not_understood_is_refused_with_what_to_write(text: str, told: str) -> None:
    """A typo, a missing name, and a word that two groups use."""
    with pytest.raises(UsageError) as caught:
        PLAIN.target(text, "shop")
    assert told in str(caught.value)


def test_an_unknown_kind_may_be_behind_what_does_not_answer() -> None:
    """Hidden is unknown: the refusal names the groups that discovery could not tell."""
    with pytest.raises(UsageError, match=r"metrics.k8s.io/v1beta1 is stale"):
        Served(PLAIN.types, ("discovery of metrics.k8s.io/v1beta1 is stale",)).find("nodemetrics")


@pytest.mark.parametrize(
    ("api_version", "kind", "told"),
    [
        ("apps/v1beta1", "Deployment", "does not serve Deployment in apps/v1beta1; it does in apps/v1"),
        ("apps/v1", "Deploymen", 'no kind Deploymen in apps/v1; did you mean "Deployment"?'),
        ("example.net/v1", "Gatway", 'no kind Gatway in example.net/v1; did you mean "Gateway"?'),
    ],
)
def test_a_manifest_names_its_version_itself(api_version: str, kind: str, told: str) -> None:
    """No other version is taken in its stead, and the refusal says which there are."""
    assert PLAIN.of_manifest("autoscaling/v1", "HorizontalPodAutoscaler").type.version == "v1"
    with pytest.raises(UsageError) as caught:
        PLAIN.of_manifest(api_version, kind)
    assert told in str(caught.value)


def test_a_manifest_goes_where_it_says_and_else_where_it_is_told_to() -> None:
    """Its own namespace comes first; what has none must not name one; the place in the file is told."""
    metadata: dict[str, Json] = {"name": "web", "namespace": "shop"}
    document = Document({"apiVersion": "v1", "kind": "Pod", "metadata": metadata}, "a.yaml:1:1")
    assert PLAIN.target_of(document, "other").path == "/api/v1/namespaces/shop/pods/web"
    assert PLAIN.target_of(Document({**document.value, "metadata": {"name": "web"}}, ""), "other").namespace == "other"
    nodes = Served((ServedType(ResourceType("", "v1", "nodes", "Node", is_namespaced=False)),))
    with pytest.raises(UsageError, match=r"a.yaml:1:1: Node has no namespace"):
        nodes.target_of(Document({**document.value, "kind": "Node"}, "a.yaml:1:1"), "other")
    with pytest.raises(UsageError, match=r'a.yaml:1:1: .* no kind Podd in v1; did you mean "Pod"'):
        PLAIN.target_of(Document({**document.value, "kind": "Podd"}, "a.yaml:1:1"), "other")


def of(plane: ControlPlane) -> Served:
    async def read() -> Served:
        async with open_cluster(None, plane.kubeconfig(), patience=QUICK, environment={}) as cluster:
            return await cluster.served()

    return asyncio.run(read())


@pytest.mark.cluster
def test_every_name_that_kubectl_lists_is_understood(control_plane: ControlPlane) -> None:
    """`kubectl api-resources` is the judge: each plural and each short name of it leads to the same kind and the same scope."""
    found = of(control_plane)
    kubectl = (str(control_plane.kubectl), "--kubeconfig", str(control_plane.kubeconfig()))
    listed = subprocess.run((*kubectl, "api-resources", "--no-headers"), capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in listed.splitlines()]
    assert len(rows) > 50
    wrong = []
    for row in rows:
        kind, is_namespaced, api_version = row[-1], row[-2] == "true", row[-3]
        group = api_version.rpartition("/")[0]
        for word in (row[0], *(row[1].split(",") if len(row) == 5 else ())):
            type = found.find(f"{word}.{group}".rstrip(".")).type
            if (type.kind, type.group, type.is_namespaced) != (kind, group, is_namespaced):
                wrong.append((word, type))
    assert not wrong
    assert "scale" in found.find("deploy").subresources
    assert found.target("node/node-a", "shop").path == "/api/v1/nodes/node-a"
    assert found.target("ev/one", "shop").type.group == ""
