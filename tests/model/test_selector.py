"""Selectors select what the API server selects, and what well-known tools get wrong."""

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daytwo.model.control_plane import ValidatingWebhookConfiguration
from daytwo.model.network import NetworkPolicy, Service
from daytwo.model.pod_spec import PodAffinityTerm
from daytwo.model.policy import PodDisruptionBudget
from daytwo.model.ref import Ref
from daytwo.model.selector import Requirement, Selector, parse_selector
from daytwo.sources.kubernetes.decode import decode_any
from tests.objects import Object, deployment, pod, snapshot_document
from tests.servers.client import ApiError, Client
from tests.servers.control_plane import ControlPlane
from tests.specimen import snapshot_of

WEB = {"app": "web", "tier": "fe"}


def selector(text: str) -> Selector:
    return msgspec.json.decode(text, type=Selector)


@pytest.mark.parametrize(
    ("text", "labels", "selects"),
    [
        ('{"matchLabels": {"app": "web"}}', WEB, True),
        ('{"matchLabels": {"app": "web", "tier": "fe"}}', WEB, True),
        ('{"matchLabels": {"app": "web", "tier": "db"}}', WEB, False),
        ('{"matchLabels": {"app": ""}}', {}, False),
        ('{"matchLabels": {"app": ""}}', {"app": ""}, True),
        ('{"matchExpressions": [{"key": "app", "operator": "In", "values": ["api", "web"]}]}', WEB, True),
        ('{"matchExpressions": [{"key": "app", "operator": "In", "values": ["api"]}]}', WEB, False),
        ('{"matchExpressions": [{"key": "zone", "operator": "In", "values": [""]}]}', WEB, False),
        ('{"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["api"]}]}', WEB, True),
        ('{"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]}', WEB, False),
        ('{"matchExpressions": [{"key": "zone", "operator": "NotIn", "values": ["a"]}]}', WEB, True),
        ('{"matchExpressions": [{"key": "app", "operator": "Exists"}]}', WEB, True),
        ('{"matchExpressions": [{"key": "zone", "operator": "Exists"}]}', WEB, False),
        ('{"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}', WEB, False),
        ('{"matchExpressions": [{"key": "zone", "operator": "DoesNotExist"}]}', WEB, True),
        ('{"matchExpressions": [{"key": "app", "operator": "Gt", "values": ["1"]}]}', WEB, False),
        ('{"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "tier", "operator": "In", "values": ["db"]}]}', WEB, False),
        ("{}", WEB, True),
        ("{}", {}, True),
    ],
)
def test_every_operator(text: str, labels: dict[str, str], selects: bool) -> None:
    assert selector(text).matches(labels) is selects


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("app=web", "app in (web)"),
        ("app==web", "app in (web)"),
        ("app!=web", "app notin (web)"),
        ("app in (web,api), tier", "app in (web,api),tier"),
        ("app in(web)", "app in (web)"),
        ("app notin ( web , api ),!tier", "app notin (web,api),!tier"),
        ("app.kubernetes.io/name=web", "app.kubernetes.io/name in (web)"),
        ("app=", "app in ()"),
        ("", "everything"),
    ],
)
def test_selector_of_a_command_line(text: str, shown: str) -> None:
    assert str(parse_selector(text)) == shown


@pytest.mark.parametrize(
    "text", ["app:web", "=web", "a b", "app in web", "app in (web", "a,,b", "app=web,", "app=-web", "!app=web", "a/b/c=d"]
)
def test_what_is_no_selector_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="is not a label selector; write for example app=web"):
        parse_selector(text)


# -- empty and absent differ by kind ----------------------------------------------------------------------------------


def read(api_version: str, kind: str, spec: Object | None = None, **more: Any) -> Any:
    document = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "x", "namespace": "shop"}, **more}
    return decode_any(msgspec.json.encode(document if spec is None else document | {"spec": spec}))


@pytest.mark.parametrize("spec", [{}, {"selector": None}, {"selector": {}}])
def test_service_without_selector_selects_nothing(spec: Object) -> None:
    """Its endpoints are made by hand."""
    service: Service = read("v1", "Service", spec)
    assert service.selector is None


@pytest.mark.parametrize(("spec", "selects"), [({}, False), ({"selector": None}, False), ({"selector": {}}, True)])
def test_disruption_budget_with_empty_selector_selects_all_and_without_none(spec: Object, selects: bool) -> None:
    """As policy/v1 says; in policy/v1beta1 the empty one selected nothing."""
    budget: PodDisruptionBudget = read("policy/v1", "PodDisruptionBudget", spec)
    assert budget.selects({"app": "web"}) is selects
    assert budget.selects({}) is selects


@pytest.mark.parametrize("spec", [{}, {"podSelector": None}, {"podSelector": {}}])
def test_network_policy_with_empty_pod_selector_selects_all(spec: Object) -> None:
    """It is no pointer: absent is empty."""
    policy: NetworkPolicy = read("networking.k8s.io/v1", "NetworkPolicy", spec)
    assert policy.spec.pod_selector.matches({"app": "web"})


def test_affinity_term_tells_the_absent_namespace_selector_from_the_empty() -> None:
    """Absent means the pod's own namespace, empty means all of them."""
    assert msgspec.json.decode("{}", type=PodAffinityTerm).namespace_selector is None
    empty = msgspec.json.decode('{"namespaceSelector": {}}', type=PodAffinityTerm).namespace_selector
    assert empty is not None
    assert empty.matches({"team": "a"})


@pytest.mark.parametrize("webhook", [{}, {"namespaceSelector": {}}, {"namespaceSelector": None, "objectSelector": None}])
def test_webhook_without_selectors_is_asked_about_everything(webhook: Object) -> None:
    found: ValidatingWebhookConfiguration = read(
        "admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", webhooks=[{"name": "w", **webhook}]
    )
    [one] = found.webhooks
    assert one.namespace_selector.matches({"a": "b"})
    assert one.object_selector.is_empty


# -- what other tools get wrong, and what the API does --------------------------------------------------------------


def a_pod(labels: dict[str, str], namespace: str = "shop") -> Object:
    found = pod(deployment("web"), "1")
    found["metadata"] |= {"labels": labels, "namespace": namespace}
    return found


def a_policy(pod_selector: Object, namespace: str = "shop") -> Object:
    metadata = {"name": "policy", "namespace": namespace}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": {"podSelector": pod_selector}}


def a_budget(pod_selector: Object, namespace: str = "shop") -> Object:
    metadata = {"name": "budget", "namespace": namespace}
    return {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": metadata, "spec": {"selector": pod_selector}}


def isolated(*items: Object) -> bool:
    """Whether some NetworkPolicy selects the pod."""
    snapshot = snapshot_of(snapshot_document(*items))
    return any(snapshot.select_pods(policy.spec.pod_selector, policy.namespace) for policy in snapshot.seen(NetworkPolicy))


def protected(*items: Object) -> bool:
    """Whether some PodDisruptionBudget selects the pod."""
    snapshot = snapshot_of(snapshot_document(*items))
    [one] = [resource for resource in snapshot.all() if resource.KIND == "Pod"]
    return bool(snapshot.budgets_selecting(one.labels, one.namespace))


def test_polaris_network_policy_of_two_labels_selects() -> None:
    assert isolated(a_pod(WEB), a_policy({"matchLabels": WEB}))


def test_polaris_network_policy_for_another_tier_does_not_select() -> None:
    assert not isolated(a_pod({"tier": "fe"}), a_policy({"matchLabels": {"tier": "db"}}))


def test_polaris_default_deny_selects_every_pod() -> None:
    assert isolated(a_pod(WEB), a_policy({}))
    assert isolated(a_pod({}), a_policy({}))


def test_polaris_budget_that_shares_one_label_does_not_protect() -> None:
    assert not protected(a_pod(WEB), a_budget({"matchLabels": {"app": "api", "tier": "fe"}}))


def test_polaris_budget_of_expressions_alone_protects() -> None:
    assert protected(a_pod(WEB), a_budget({"matchExpressions": [{"key": "app", "operator": "In", "values": ["web"]}]}))


def test_polaris_budget_of_another_namespace_does_not_protect() -> None:
    assert not protected(a_pod(WEB), a_budget({"matchLabels": WEB}, namespace="other"))


def test_polaris_autoscaler_of_another_namespace_is_of_another_deployment() -> None:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    metadata = {"name": "web", "namespace": "other"}
    hpa = {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": metadata, "spec": {"scaleTargetRef": target}}
    snapshot = snapshot_of(snapshot_document(deployment("web"), hpa))
    assert not snapshot.autoscalers_of(Ref("Deployment", "shop", "web"))
    assert snapshot.autoscalers_of(Ref("Deployment", "other", "web"))


def test_popeye_labels_and_expressions_must_both_hold() -> None:
    both = {"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "tier", "operator": "In", "values": ["db"]}]}
    assert not protected(a_pod(WEB), a_budget(both))
    assert not isolated(a_pod(WEB), a_policy(both))


def test_popeye_each_of_several_expressions_must_hold() -> None:
    several = [{"key": "app", "operator": "In", "values": ["web"]}, {"key": "tier", "operator": "NotIn", "values": ["fe"]}]
    assert not protected(a_pod(WEB), a_budget({"matchExpressions": several}))


def test_popeye_budget_with_empty_selector_protects_every_pod() -> None:
    assert protected(a_pod(WEB), a_budget({}))


def test_popeye_not_in_holds_for_an_absent_key() -> None:
    assert protected(a_pod(WEB), a_budget({"matchExpressions": [{"key": "canary", "operator": "NotIn", "values": ["true"]}]}))


def test_kubescape_expression_that_does_not_hold_does_not_select() -> None:
    both = {"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]}
    assert not isolated(a_pod(WEB), a_policy(both))


def test_kubescape_policy_of_expressions_alone_selects() -> None:
    assert isolated(a_pod(WEB), a_policy({"matchExpressions": [{"key": "app", "operator": "Exists"}]}))


def test_checkov_policy_of_another_namespace_does_not_select() -> None:
    assert not isolated(a_pod(WEB), a_policy({"matchLabels": WEB}, namespace="other"))
    assert not isolated(a_pod(WEB), a_policy({}, namespace="other"))


def test_checkov_expressions_alone_do_not_select_everything() -> None:
    assert not isolated(a_pod(WEB), a_policy({"matchExpressions": [{"key": "app", "operator": "In", "values": ["api"]}]}))


def test_kyverno_budget_of_expressions_protects_and_its_labels_alone_do_not_decide() -> None:
    assert protected(a_pod(WEB), a_budget({"matchExpressions": [{"key": "tier", "operator": "Exists"}]}))
    assert not protected(
        a_pod(WEB), a_budget({"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]})
    )


def test_kube_score_and_kube_linter_are_right_and_so_are_we() -> None:
    """They use metav1.LabelSelectorAsSelector in the namespace, which is what the API does."""
    assert protected(a_pod(WEB), a_budget({"matchLabels": WEB}))
    assert not protected(a_pod(WEB), a_budget({"matchLabels": {"app": "web", "tier": "db"}}))


# -- against the API server's own answer ------------------------------------------------------------------------------

KEYS = ("app", "tier", "shop.example.com/zone", "x")
VALUES = ("", "a", "b", "web-1")
LABELS = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES), max_size=3)
REQUIREMENTS = st.builds(
    lambda key, operator, values: Requirement(key, operator, tuple(values) if operator in ("In", "NotIn") else ()),
    st.sampled_from(KEYS),
    st.sampled_from(["In", "NotIn", "Exists", "DoesNotExist"]),
    st.lists(st.sampled_from(VALUES), min_size=1, max_size=3),
)
SELECTORS = st.builds(lambda labels, requirements: Selector(labels, tuple(requirements)), LABELS, st.lists(REQUIREMENTS, max_size=3))
# Each third dictionary of labels there can be.
LABELLED = [
    {key: VALUES[index - 1] for key, index in zip(KEYS, indexes, strict=True) if index}
    for indexes in [(a, b, c, d) for a in range(5) for b in range(5) for c in range(3) for d in range(2)][::3]
]


def written(one: Selector) -> str:
    """A selector as the API server takes it in a query; not by the code under test."""
    parts = [f"{key}={value}" for key, value in one.match_labels.items()]
    for requirement in one.match_expressions:
        values = f"({','.join(requirement.values)})"
        form = {"In": "{} in {}", "NotIn": "{} notin {}", "Exists": "{}", "DoesNotExist": "!{}"}[requirement.operator]
        parts.append(form.format(requirement.key, values))
    return ",".join(parts)


@pytest.fixture(scope="module")
def labelled(control_plane: ControlPlane) -> tuple[Client, str]:
    """A namespace full of ConfigMaps, one for each dictionary of labels."""
    client = control_plane.client()
    namespace = client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"generateName": "selectors-"}})["metadata"]["name"]
    for index, labels in enumerate(LABELLED):
        client.create(
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"c-{index}", "namespace": namespace, "labels": labels}}
        )
    return client, namespace


def selected(labelled: tuple[Client, str], query: str) -> set[str]:
    client, namespace = labelled
    return {found["metadata"]["name"] for found in client.list_of("ConfigMap", namespace, labels=query)} - {"kube-root-ca.crt"}


TEXTS = st.lists(
    st.sampled_from([*KEYS, *VALUES, "=", "==", "!=", " in ", " notin ", "in", "(", ")", ",", "!", " ", "-", "/", ".", "ä"]), max_size=8
).map("".join)


def compare(labelled: tuple[Client, str], one: Selector) -> None:
    expected = selected(labelled, written(one))
    assert {f"c-{index}" for index, labels in enumerate(LABELLED) if one.matches(labels)} == expected
    assert {f"c-{index}" for index, labels in enumerate(LABELLED) if parse_selector(written(one)).matches(labels)} == expected


def compare_text(labelled: tuple[Client, str], text: str) -> None:
    """What we take, it takes, and means the same by it; what it refuses, we refuse."""
    try:
        ours = parse_selector(text)
    except ValueError:
        return
    try:
        expected = selected(labelled, text)
    except ApiError as error:
        pytest.fail(f"the API server refuses {text!r}: {error}")
    assert {f"c-{index}" for index, labels in enumerate(LABELLED) if ours.matches(labels)} == expected


FEW = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
MANY = settings(FEW, max_examples=5_000)


@pytest.mark.cluster
@FEW
@given(SELECTORS)
def test_random_selectors_select_what_the_api_server_selects(labelled: tuple[Client, str], one: Selector) -> None:
    compare(labelled, one)


@pytest.mark.cluster
@FEW
@given(TEXTS)
def test_what_we_read_as_a_selector_the_api_server_reads_alike(labelled: tuple[Client, str], text: str) -> None:
    compare_text(labelled, text)


@pytest.mark.cluster
@pytest.mark.deep
@MANY
@given(SELECTORS)
def test_many_random_selectors(labelled: tuple[Client, str], one: Selector) -> None:
    compare(labelled, one)


@pytest.mark.cluster
@pytest.mark.deep
@MANY
@given(TEXTS)
def test_many_random_texts_as_selectors(labelled: tuple[Client, str], text: str) -> None:
    compare_text(labelled, text)
