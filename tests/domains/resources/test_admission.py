"""What the checks of this domain say of pods is what the API server makes of them: refused for the same reasons, and not otherwise."""

from random import Random

import pytest

from daytwo import catalog
from daytwo.engine.judge import judge
from daytwo.model.severity import Verdict
from tests.servers.client import ApiError, Client, Object
from tests.servers.control_plane import ControlPlane
from tests.servers.polling import until
from tests.specimen import snapshot_of

pytestmark = pytest.mark.cluster

PODS = 150
REFUSALS = (
    "resources/request-above-limit",
    "resources/extended-resource-overcommitted",
    "resources/huge-pages-without-cpu-or-memory",
    "resources/outside-limit-range",
    "resources/quota-refuses-pods",
    "resources/quantity-unreadable",
)
VALUES = {
    "cpu": ("50m", "100m", "0.5", "1", "2", 1),
    "memory": ("64Mi", "100M", "1Gi", "1024Mi", "2Gi", "1e9"),
    "ephemeral-storage": ("1Gi", "2Gi"),
    "hugepages-2Mi": ("2Mi", "4Mi"),
    "example.com/gpu": (1, "1", "2"),
}
LIMIT_RANGES: tuple[Object, ...] = (
    {"type": "Container", "default": {"memory": "1Gi"}, "defaultRequest": {"cpu": "100m"}},
    {"type": "Container", "min": {"cpu": "100m"}, "max": {"memory": "1Gi"}},
    {"type": "Container", "maxLimitRequestRatio": {"memory": "2"}},
    {"type": "Pod", "max": {"memory": "1536Mi"}, "min": {"cpu": "60m"}},
    {"type": "Pod", "maxLimitRequestRatio": {"cpu": "3"}},
)
QUOTAS: tuple[dict[str, str], ...] = (
    {"requests.cpu": "100", "limits.memory": "100Gi"},
    {"cpu": "100", "requests.ephemeral-storage": "100Gi"},
    {"limits.cpu": "100"},
)


def test_what_is_refused_by_arithmetic_alone(control_plane: ControlPlane, namespace: str) -> None:
    """Requests above limits, devices and huge pages."""
    assert_agreement(control_plane.client(), namespace, [], Random(1))


@pytest.mark.parametrize("index", range(len(LIMIT_RANGES)))
def test_what_a_limit_range_refuses(control_plane: ControlPlane, namespace: str, index: int) -> None:
    """Its defaults, its bounds, and its defaults against what is written."""
    client = control_plane.client()
    limit_range: Object = {
        "apiVersion": "v1",
        "kind": "LimitRange",
        "metadata": {"name": "range", "namespace": namespace},
        "spec": {"limits": [LIMIT_RANGES[index]]},
    }
    stored = client.create(limit_range, namespace)
    probe = pod(namespace, [{"name": "app", "image": "web:1"}])
    # Admission learns of a LimitRange a moment after it was stored.
    until(lambda: _is_known(client, probe, namespace), "the LimitRange to be known")
    assert_agreement(client, namespace, [limit_range], Random(index))
    assert_agreement(client, namespace, [stored], Random(index), 20)


@pytest.mark.parametrize("index", range(len(QUOTAS)))
def test_what_a_quota_refuses(control_plane: ControlPlane, namespace: str, index: int) -> None:
    """Silence about what it counts, of one container, or of the pod as a whole."""
    client = control_plane.client()
    quota: Object = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "quota", "namespace": namespace},
        "spec": {"hard": QUOTAS[index]},
    }
    client.create(quota, namespace)
    client.wait_for("ResourceQuota", "quota", namespace, lambda found: bool(found.get("status", {}).get("used")))
    until(lambda: not _is_accepted(client, pod(namespace, [{"name": "app", "image": "web:1"}]), namespace), "the quota to be known")
    assert_agreement(client, namespace, [quota], Random(index))


def assert_agreement(client: Client, namespace: str, rules: list[Object], random: Random, pods: int = PODS) -> None:
    """Both verdicts are met with, and on every pod they are the same."""
    met = set()
    for _ in range(pods):
        drawn = _drawn(random, namespace)
        refusal = _refusal(client, drawn, namespace)
        told = _told([*rules, drawn])
        assert bool(told) == bool(refusal), f"the server says {refusal or 'yes'}, we say {told or 'yes'} of {drawn['spec']}"
        met.add(bool(told))
    assert met == {True, False}


def pod(namespace: str, containers: list[Object], init_containers: list[Object] | None = None, resources: Object | None = None) -> Object:
    spec: Object = {"containers": containers, "initContainers": init_containers or []}
    if resources:
        spec["resources"] = resources
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": namespace}, "spec": spec}


def _drawn(random: Random, namespace: str) -> Object:
    containers = [_container(random, f"app-{index}") for index in range(random.choice((1, 1, 2)))]
    init_containers = [_container(random, f"init-{index}") for index in range(random.choice((0, 0, 1)))]
    for one in init_containers:
        if random.random() < 0.5:
            one["restartPolicy"] = "Always"
    return pod(namespace, containers, init_containers, _pod_level(random) if random.random() < 0.35 else None)


def _pod_level(random: Random) -> Object:
    """Larger than that of containers, most of the time."""
    found: Object = {"requests": {}, "limits": {}}
    for resource, values in (("cpu", ("200m", "2", "4")), ("memory", ("512Mi", "2Gi", "4Gi"))):
        for side in ("requests", "limits"):
            if random.random() < 0.6:
                found[side][resource] = random.choice(values)
    return found


def _container(random: Random, name: str) -> Object:
    names = [name for name in VALUES if random.random() < (0.7 if name in ("cpu", "memory") else 0.15)]
    requests, limits = {}, {}
    for resource in names:
        value = random.choice(VALUES[resource])
        if random.random() < 0.75:
            requests[resource] = value
        if random.random() < 0.7:
            limits[resource] = value if random.random() < 0.6 else random.choice(VALUES[resource])
    return {"name": name, "image": "web:1", "resources": {"requests": requests, "limits": limits}}


def _told(objects: list[Object]) -> list[str]:
    snapshot = snapshot_of({"at": "2026-11-20T08:00:00Z", "items": objects})
    found = judge(snapshot, [catalog.find_check(name) for name in REFUSALS]).findings
    return [f"{finding.check}: {finding.hit.message}" for finding in found if finding.verdict is Verdict.FAIL]


def _refusal(client: Client, drawn: Object, namespace: str) -> str:
    try:
        client.dry_run(drawn, namespace)
    except ApiError as error:
        return error.message
    return ""


def _is_accepted(client: Client, drawn: Object, namespace: str) -> bool:
    return not _refusal(client, drawn, namespace)


def _is_known(client: Client, probe: Object, namespace: str) -> bool:
    """By a default that it gave, or by a refusal that names what is missing."""
    try:
        stored = client.dry_run(probe, namespace)
    except ApiError:
        return True
    return "kubernetes.io/limit-ranger" in stored["metadata"].get("annotations", {})
