"""Networks and API servers that fail: another try, or a gap; never a lost snapshot, never a pass."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from time import monotonic
from typing import Any

import pytest

from daytwo.model.config import ConfigMap
from daytwo.model.errors import UsageError
from daytwo.model.gap import Unseen
from daytwo.model.kinds import KINDS
from daytwo.model.metrics import PodMetrics
from daytwo.model.network import HTTPRoute
from daytwo.model.pod import Pod
from daytwo.model.ref import Cell
from daytwo.model.scope import Scope
from daytwo.model.snapshot import Reading, Snapshot
from daytwo.sources.kubernetes.live import open_cluster
from tests.conftest import NewControlPlane
from tests.servers.client import Client, Object
from tests.servers.control_plane import ADMIN, ControlPlane, Options
from tests.servers.proxy import Answer, Change, EndEarly, Fault, Hang, Proxy, Request, Reset, named, status
from tests.sources.kubernetes.looking import HASTY, QUICK, gaps, look

pytestmark = pytest.mark.cluster

MANY = 620


@pytest.fixture
def proxy(control_plane: ControlPlane) -> Iterator[Proxy]:
    with Proxy(control_plane) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def many(control_plane: ControlPlane) -> Iterator[str]:
    """A namespace with more ConfigMaps than fit on a page."""
    client = control_plane.client()
    name: str = client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"generateName": "many-"}})["metadata"]["name"]
    for number in range(MANY):
        client.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"c-{number:03}"}, "data": {"k": "v"}}, name)
    yield name
    client.delete("Namespace", name)


@pytest.mark.parametrize(
    "fault",
    [
        Reset(),
        Reset(after_bytes=50),
        EndEarly(),
        EndEarly(is_length_told=False),
        status(500, "InternalError"),
        status(503, "ServiceUnavailable"),
        status(504, "Timeout"),
        status(429, "TooManyRequests"),
        status(429, "TooManyRequests", retry_after_seconds=0),
        Answer(502, b"<html>Bad Gateway</html>", "text/html"),
        Answer(200, b"<html>log in</html>", "text/html"),
        Answer(200, b'{"kind": "PodList", "items": [{"metadata"', "application/json"),
    ],
    ids=named,
)
def test_what_passes_is_tried_again(proxy: Proxy, fault: Fault) -> None:
    """Twice is nothing."""
    proxy.fault("/api/v1/pods", fault, times=2)

    snapshot = look(proxy.kubeconfig(ADMIN))

    assert gaps(snapshot) == []
    assert snapshot.readings["Pod"] == Reading()
    assert len(proxy.requests_to("/api/v1/pods")) == 3


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Reset(), "pods: the connection broke off (3 tries)"),
        (Reset(after_bytes=50), "pods: the connection broke off (3 tries)"),
        (EndEarly(), "pods: the connection broke off (3 tries)"),
        (EndEarly(is_length_told=False), "pods: the answer is not whole JSON: Input data was truncated (3 tries)"),
        (Hang(), "pods: no answer within 1 s (3 tries)"),
        (status(500, "InternalError", "etcd is unhappy"), "pods: the API server answers 500: etcd is unhappy (3 tries)"),
        (Answer(503, b"service unavailable", "text/plain"), "pods: the API server answers 503: service unavailable (3 tries)"),
        (Answer(502, b"<html>Bad Gateway</html>", "text/html"), "pods: the API server answers 502 (3 tries)"),
        (Answer(200, b"<html>log in</html>", "text/html"), "pods: the answer is text/html instead of JSON (3 tries)"),
        (Answer(200, b"[]"), "pods: the answer has another shape: Expected `object`, got `array` (3 tries)"),
        (Answer(200, b"{}"), "pods: the answer is a thing without kind instead of a list (3 tries)"),
        (Answer(200, status(500, "Oh").body), "pods: the answer is a Status instead of a list (3 tries)"),
        (Change(lambda page: {**page, "kind": "Table"}), "pods: the answer is a Table instead of a list (3 tries)"),
        (status(404, "NotFound"), "pods: not found"),
        (status(401, "Unauthorized"), "pods: the credentials are not accepted (401)"),
        (status(403, "Forbidden", 'pods is forbidden: User "x" cannot list'), "pods: forbidden for user admin"),
        (status(429, "TooManyRequests", retry_after_seconds=3600), "pods: the API server is too busy (429)"),
        (status(410, "Expired"), "pods: the list expired while it was read (3 tries)"),
    ],
    ids=named,
)
def test_what_does_not_pass_is_a_gap(proxy: Proxy, fault: Fault, reason: str) -> None:
    """The kind is unknown in all namespaces, everything else stands, and coverage drops."""
    proxy.fault(lambda request: request.path.endswith("/pods"), fault)

    snapshot = look(proxy.kubeconfig(ADMIN), patience=HASTY if isinstance(fault, Hang) else QUICK)

    assert gaps(snapshot) == [reason]
    assert snapshot.gaps[0].cell == Cell("Pod")
    assert snapshot.gaps[0].cells == len(snapshot.namespaces)
    with pytest.raises(Unseen):
        snapshot.of(Pod, "default")
    assert snapshot.readings["ConfigMap"] == Reading()
    assert snapshot.coverage.answered < snapshot.coverage.asked


def test_a_kind_that_may_be_listed_in_every_namespace_is_whole(proxy: Proxy) -> None:
    """Rights may be given namespace by namespace; then the refusal for the whole cluster hides nothing."""
    proxy.fault("/api/v1/pods", status(403, "Forbidden"))

    snapshot = look(proxy.kubeconfig(ADMIN))

    assert gaps(snapshot) == []
    assert snapshot.readings["Pod"] == Reading()


def test_too_busy_for_too_long_is_a_gap(proxy: Proxy) -> None:
    """429 again and again is asked again until patience ends, and no longer."""
    proxy.fault("/api/v1/pods", status(429, "TooManyRequests"))

    snapshot = look(proxy.kubeconfig(ADMIN), patience=replace(QUICK, retry_seconds=0.5))

    (gap,) = gaps(snapshot)
    assert gap.startswith("pods: the API server is too busy (429) (")
    assert len(proxy.requests_to("/api/v1/pods")) > QUICK.tries


def test_asked_to_come_back_later_we_do(proxy: Proxy) -> None:
    """Retry-After is waited for, and counts more than our own pauses."""
    proxy.fault("/api/v1/pods", status(429, "TooManyRequests", retry_after_seconds=1), times=1)

    snapshot = look(proxy.kubeconfig(ADMIN))

    first, second = proxy.requests_to("/api/v1/pods")
    assert second.at_seconds - first.at_seconds >= 1
    assert gaps(snapshot) == []


def test_lists_come_in_pages(proxy: Proxy, many: str) -> None:
    """No request asks for more than 500 objects, none names a resourceVersion, and all objects arrive once."""
    snapshot = look(proxy.kubeconfig(ADMIN))

    assert len(snapshot.of(ConfigMap, many)) == MANY + 1  # kube-root-ca.crt
    pages = proxy.requests_to("/api/v1/configmaps")
    assert len(pages) >= 2
    lists = [request for request in proxy.requests if "limit" in request.query]
    assert all(0 < int(request.query["limit"]) <= 500 for request in lists)
    assert not any("resourceVersion" in request.query for request in lists)


def test_an_expired_list_is_begun_anew(proxy: Proxy, many: str) -> None:
    """410 on `continue`: the pages read so far are of another moment, so they are dropped."""
    proxy.fault(lambda request: "continue" in request.query, status(410, "Expired"), times=1)

    snapshot = look(proxy.kubeconfig(ADMIN))

    assert gaps(snapshot) == []
    assert len(snapshot.of(ConfigMap, many)) == MANY + 1
    assert len([request for request in proxy.requests_to("/api/v1/configmaps") if "continue" not in request.query]) == 2


def test_half_a_list_is_no_list(proxy: Proxy, many: str) -> None:
    """When a later page cannot be had, the kind is unknown and none of its objects is shown."""
    proxy.fault(lambda request: "continue" in request.query, status(500, "InternalError", "boom"))

    snapshot = look(proxy.kubeconfig(ADMIN))

    assert gaps(snapshot) == ["configmaps: the API server answers 500: boom (3 tries)"]
    assert snapshot.seen(ConfigMap) == ()


def test_a_page_that_never_ends_is_left(proxy: Proxy) -> None:
    """The same `continue` again and again is not followed for ever."""

    def endless(page: Any) -> Any:
        return {**page, "metadata": {**page["metadata"], "continue": "again"}}

    proxy.fault(lambda request: request.path == "/api/v1/configmaps", Change(lambda page: endless(page)))
    proxy.fault(lambda request: request.query.get("continue") == "again", Answer(200, empty_list("ConfigMapList", "again")))

    assert gaps(look(proxy.kubeconfig(ADMIN))) == ["configmaps: the same page comes again and again"]


def test_a_list_of_nothing_may_be_null(proxy: Proxy) -> None:
    """Go writes an empty list as null, and other API servers send that."""
    proxy.fault("/api/v1/pods", Change(lambda page: {**page, "items": None}))

    snapshot = look(proxy.kubeconfig(ADMIN))

    assert gaps(snapshot) == []
    assert snapshot.of(Pod) == ()


def test_a_malformed_object_is_a_gap_of_its_own(proxy: Proxy, many: str) -> None:
    """Its namespace is unknown for its kind; the others are read."""

    def broken(page: Any) -> Any:
        for item in page["items"]:
            if item["metadata"]["name"] == "c-007":
                item["metadata"]["labels"] = ["not", "a", "mapping"]
        return page

    proxy.fault("/api/v1/configmaps", Change(broken))

    snapshot = look(proxy.kubeconfig(ADMIN))

    malformed = f"malformed: ConfigMap {many}/c-007: Expected `object`, got `array` - at `$.metadata.labels`"
    assert gaps(snapshot) == [f"one of configmaps in namespace {many}: {malformed}"]
    assert snapshot.gaps[0].cell == Cell("ConfigMap", many)
    assert len(snapshot.seen(ConfigMap, many)) == MANY
    assert snapshot.is_read("ConfigMap", "kube-system")
    assert not snapshot.is_read("ConfigMap", many)


def test_objects_without_a_name_are_malformed(proxy: Proxy) -> None:
    """Nothing can be said about them, and nothing about their kind."""
    proxy.fault("/api/v1/nodes", Change(lambda page: {**page, "items": [{}, *page["items"]]}))

    assert gaps(look(proxy.kubeconfig(ADMIN))) == ["one of nodes: malformed: Node ?: has no name"]


def test_a_stale_group_hides_its_kinds(proxy: Proxy) -> None:
    """A dead aggregated API is marked Stale and lists nothing: that is hidden, not absent."""

    def with_stale(found: Any) -> Any:
        group = {"metadata": {"name": "metrics.k8s.io"}, "versions": [{"version": "v1beta1", "freshness": "Stale"}]}
        return {**found, "items": [*found["items"], group]}

    proxy.fault("/apis", Change(with_stale))

    snapshot = look(proxy.kubeconfig(ADMIN))

    stale = "discovery of metrics.k8s.io/v1beta1 is stale: its API service does not answer"
    assert gaps(snapshot) == [f"nodes.metrics.k8s.io: {stale}", f"pods.metrics.k8s.io: {stale}"]
    with pytest.raises(Unseen):
        snapshot.of(PodMetrics)
    assert not [request for request in proxy.requests if request.path.startswith("/apis/metrics.k8s.io")]


def test_another_version_that_is_stale_hides_the_kind_too(proxy: Proxy) -> None:
    """What a dead group would serve in our version nobody knows."""

    def with_stale(found: Any) -> Any:
        group = {"metadata": {"name": "metrics.k8s.io"}, "versions": [{"version": "v1", "freshness": "Stale"}]}
        return {**found, "items": [*found["items"], group]}

    proxy.fault("/apis", Change(with_stale))

    stale = "discovery of metrics.k8s.io/v1 is stale: its API service does not answer"
    assert gaps(look(proxy.kubeconfig(ADMIN))) == [f"nodes.metrics.k8s.io: {stale}", f"pods.metrics.k8s.io: {stale}"]


def test_a_group_that_lists_and_does_not_answer_is_a_gap(proxy: Proxy) -> None:
    """Discovery may still know what nobody serves: 503 in plain text."""

    def with_metrics(found: Any) -> Any:
        resources = [{"resource": "pods", "scope": "Namespaced", "verbs": ["list"]}]
        group = {
            "metadata": {"name": "metrics.k8s.io"},
            "versions": [{"version": "v1beta1", "freshness": "Current", "resources": resources}],
        }
        return {**found, "items": [*found["items"], group]}

    proxy.fault("/apis", Change(with_metrics))
    proxy.fault("/apis/metrics.k8s.io/v1beta1/pods", Answer(503, b"service unavailable\n", "text/plain"))

    snapshot = look(proxy.kubeconfig(ADMIN))

    assert gaps(snapshot) == ["pods.metrics.k8s.io: the API server answers 503: service unavailable (3 tries)"]
    assert snapshot.readings["NodeMetrics"] == Reading(is_served=False)


def test_a_kind_in_another_version_only_is_hidden(proxy: Proxy) -> None:
    """An API server without autoscaling/v2 may well have autoscalers."""

    def without_v2(found: Any) -> Any:
        for group in found["items"]:
            if group["metadata"]["name"] == "autoscaling":
                group["versions"] = [version for version in group["versions"] if version["version"] != "v2"]
        return found

    proxy.fault("/apis", Change(without_v2))

    assert gaps(look(proxy.kubeconfig(ADMIN))) == ["horizontalpodautoscalers: served only as v1, and daytwo reads v2"]


def test_plain_discovery_does_as_well(proxy: Proxy) -> None:
    """API servers before 1.26 list groups, and each version its resources."""
    proxy.plain_discovery()

    snapshot = look(proxy.kubeconfig(ADMIN))

    assert gaps(snapshot) == []
    assert snapshot.readings["Pod"] == snapshot.readings["HorizontalPodAutoscaler"] == Reading()
    assert snapshot.readings["HTTPRoute"] == Reading(is_served=False)
    assert snapshot.of(HTTPRoute) == ()


def test_plain_discovery_with_a_dead_group(proxy: Proxy) -> None:
    """A version whose resources cannot be told hides its kinds."""
    proxy.plain_discovery()
    proxy.fault("/apis/apps/v1", Answer(503, b"service unavailable\n", "text/plain"))

    found = gaps(look(proxy.kubeconfig(ADMIN)))

    assert len(found) == sum(kind.group == "apps" for kind in KINDS)
    assert "deployments: discovery of apps/v1: the API server answers 503: service unavailable (3 tries)" in found


def test_discovery_that_fails_hides_everything(proxy: Proxy) -> None:
    """Not a single kind passes for absent."""
    proxy.fault("/apis", status(500, "InternalError"))

    snapshot = look(proxy.kubeconfig(ADMIN))

    assert len(snapshot.gaps) == sum(bool(kind.group) for kind in KINDS)
    assert not any(reading.is_served is False for reading in snapshot.readings.values())
    assert snapshot.readings["Pod"] == Reading()


def test_an_unavailable_api_service_hides_what_discovery_forgot(proxy: Proxy) -> None:
    """Old API servers leave a dead group out of discovery; its APIService still tells of it."""

    def with_dead(page: Any) -> Any:
        available = {"type": "Available", "status": "False", "reason": "MissingEndpoints"}
        dead = {"metadata": {"name": "v1beta1.metrics.k8s.io"}, "spec": {}, "status": {"conditions": [available]}}
        return {**page, "items": [*page["items"], dead]}

    proxy.fault("/apis/apiregistration.k8s.io/v1/apiservices", Change(with_dead))

    snapshot = look(proxy.kubeconfig(ADMIN))

    dead = "its API service is not available: MissingEndpoints"
    assert gaps(snapshot) == [f"nodes.metrics.k8s.io: {dead}", f"pods.metrics.k8s.io: {dead}"]
    assert not snapshot.is_read("PodMetrics", "default")


def test_an_api_service_without_backend_hides_its_kinds(new_control_plane: NewControlPlane) -> None:
    """On a real API server whose metrics backend is missing, metrics are hidden, and nothing else is lost."""
    plane = new_control_plane(Options())
    client = plane.client()
    spec = {
        "group": "metrics.k8s.io",
        "version": "v1beta1",
        "service": {"namespace": "kube-system", "name": "metrics-server", "port": 443},
        "groupPriorityMinimum": 100,
        "versionPriority": 100,
        "insecureSkipTLSVerify": True,
    }
    client.create(
        {"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "metadata": {"name": "v1beta1.metrics.k8s.io"}, "spec": spec}
    )

    def is_down(found: Object) -> bool:
        return any(condition["status"] == "False" for condition in found.get("status", {}).get("conditions") or ())

    client.wait_for("APIService", "v1beta1.metrics.k8s.io", "", is_down)

    snapshot = look(plane.kubeconfig(ADMIN))

    assert [gap.cell for gap in snapshot.gaps] == [Cell("NodeMetrics"), Cell("PodMetrics")]


def test_health_that_is_bad_is_an_answer(proxy: Proxy) -> None:
    """`/readyz` says 500 and which check failed."""
    body = b"[+]ping ok\n[-]etcd failed: reason withheld\nreadyz check failed\n"
    proxy.fault("/readyz", Answer(500, body, "text/plain"))

    snapshot = look(proxy.kubeconfig(ADMIN))

    assert [(line.name, line.ok, line.reason) for line in snapshot.cluster.readyz] == [
        ("ping", True, ""),
        ("etcd", False, "reason withheld"),
    ]
    assert gaps(snapshot) == []
    assert len(proxy.requests_to("/readyz")) == 1


def test_health_that_is_hidden_is_a_gap(proxy: Proxy) -> None:
    """It takes a right of its own."""
    proxy.fault("/readyz", status(403, "Forbidden", 'forbidden: User "admin" cannot get path "/readyz"'))

    assert gaps(look(proxy.kubeconfig(ADMIN))) == ["API server health (/readyz): forbidden for user admin"]


def test_a_user_who_is_not_told_is_read_from_refusals(proxy: Proxy) -> None:
    """Before Kubernetes 1.28 there is no SelfSubjectReview; a refusal names the user."""
    proxy.fault("/apis/authentication.k8s.io/v1/selfsubjectreviews", status(404, "NotFound"))

    snapshot = look(proxy.kubeconfig("viewer"))

    assert gaps(snapshot) == ["secrets: forbidden for user viewer"]


def test_an_api_server_that_dies_halfway_is_not_asked_for_ever(proxy: Proxy) -> None:
    """After some seconds of silence all that is left is given up at once."""
    dead = []

    def is_dead(request: Request) -> bool:
        if request.path == "/api/v1/nodes":
            dead.append(request)
        return bool(dead)

    proxy.fault(is_dead, Hang())
    started = monotonic()

    snapshot = look(proxy.kubeconfig(ADMIN), patience=replace(QUICK, silence_seconds=0.3, retry_seconds=1))

    assert monotonic() - started < 15
    assert snapshot.readings["Namespace"] == Reading()
    assert "deployments: the API server has not answered for 1 s" in gaps(snapshot)
    assert snapshot.coverage.answered < snapshot.coverage.asked / 2


def test_an_api_server_that_comes_back_is_read_again(proxy: Proxy) -> None:
    """While watching, a look that found nobody does not spoil the next."""

    async def look_again_and_again() -> tuple[list[str], Snapshot]:
        impatient = replace(QUICK, silence_seconds=0.3, retry_seconds=0.5)
        said = []
        async with open_cluster(None, proxy.kubeconfig(ADMIN), patience=impatient, environment={}) as cluster:
            proxy.fault(lambda request: True, Hang(), times=4)
            for _ in range(2):
                with pytest.raises(UsageError) as caught:
                    await cluster.read(Scope(), lambda progress: None)
                said.append(str(caught.value))
            return said, await cluster.read(Scope(), lambda progress: None)

    said, snapshot = asyncio.run(look_again_and_again())

    assert all("cannot reach the API server" in message for message in said)
    assert gaps(snapshot) == []


def test_an_interrupt_ends_the_reading_at_once(proxy: Proxy) -> None:
    """Ctrl-C waits for no timeout, and leaves nothing open."""

    async def interrupted() -> None:
        async with open_cluster(None, proxy.kubeconfig(ADMIN), environment={}) as cluster:
            reading = asyncio.ensure_future(cluster.read(Scope(), lambda progress: None))
            while not proxy.requests_to("/api/v1/pods"):
                await asyncio.sleep(0.01)
            reading.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reading

    proxy.fault("/api/v1/pods", Hang())
    started = monotonic()
    asyncio.run(interrupted())

    assert monotonic() - started < 10


def test_one_kind_that_fails_everywhere_is_given_up_soon(proxy: Proxy) -> None:
    """After three namespaces in a row the rest is not asked about: it would take for ever."""
    names = [f"team-{number:03}" for number in range(20)]
    many = [{"metadata": {"name": name, "uid": name}} for name in names]
    proxy.fault("/api/v1/namespaces", Change(lambda page: {**page, "items": many}))
    proxy.fault(lambda request: request.path.endswith("/secrets"), status(500, "InternalError", "encryption provider is down"))

    snapshot = look(proxy.kubeconfig(ADMIN), *names)

    (gap,) = snapshot.gaps
    where = "secrets in 20 namespaces (team-000, team-001, …)"
    assert str(gap) == f"{where}: the API server answers 500: encryption provider is down (3 tries)"
    assert gap.cells == 20
    assert len([request for request in proxy.requests if request.path.endswith("/secrets")]) <= 3 * 6


def test_a_namespace_named_twice_is_read_once(proxy: Proxy) -> None:
    """`-n a -n a` doubles nothing."""
    snapshot = look(proxy.kubeconfig(ADMIN), "default", "default")

    assert len(proxy.requests_to("/api/v1/namespaces/default/pods")) == 1
    assert snapshot.readings["Pod"] == Reading(namespaces=frozenset({"default"}))


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (Hang(), 'cannot reach the API server of context "admin", URL: no answer within 1 s (3 tries)'),
        (Reset(), 'cannot reach the API server of context "admin", URL: the connection broke off (3 tries)'),
        (
            status(401, "Unauthorized"),
            'the API server of context "admin", URL does not accept the credentials of user "admin" (401): '
            "they may have expired; log in again (KUBECONFIG)",
        ),
        (
            Answer(200, b"<html>Welcome to the hotel</html>", "text/html"),
            'URL (context "admin") does not answer like a Kubernetes API server: the answer is text/html instead of JSON (3 tries)',
        ),
        (
            status(503, "ServiceUnavailable", "etcd is away"),
            'cannot use the API server of context "admin", URL: the API server answers 503: etcd is away (3 tries)',
        ),
        (
            Answer(404, b"404 page not found", "text/plain"),
            'URL (context "admin") does not answer like a Kubernetes API server: not found',
        ),
    ],
    ids=named,
)
def test_no_api_server_at_all_is_said_plainly(proxy: Proxy, fault: Fault, message: str) -> None:
    """Which address, which context, what was tried."""
    proxy.fault(lambda request: True, fault)
    path = proxy.kubeconfig(ADMIN)

    with pytest.raises(UsageError) as caught:
        look(path, patience=HASTY)

    assert str(caught.value) == message.replace("URL", proxy.url).replace("KUBECONFIG", str(path))


def test_a_token_that_expires_halfway_is_renewed(proxy: Proxy, control_plane: ControlPlane) -> None:
    """401 in the middle: the credentials are fetched anew, once, and the reading goes on."""
    path = proxy.kubeconfig(ADMIN, tokenFile="token")
    token = path.parent / "token"
    token.write_text("token-of-yesterday", encoding="utf-8")

    def is_asked_with_old(request: Request) -> bool:
        if request.path == "/api":
            token.write_text(control_plane.token(ADMIN), encoding="utf-8")
        return False

    def is_first(request: Request) -> bool:
        return "yesterday" in request.headers.get("authorization", "") and request.path in ("/version", "/readyz")

    version = Client(control_plane.url, control_plane.ca_file, control_plane.token()).request("GET", "/version")
    proxy.fault(is_first, Answer(200, json.dumps(version).encode()))
    proxy.fault(is_asked_with_old, Hang())

    snapshot = look(path)

    assert "Pod" in snapshot.readings
    assert is_whole(snapshot, but={"API server health (/readyz)"})


def is_whole(snapshot: Snapshot, but: set[str]) -> bool:
    return {gap.wanted for gap in snapshot.gaps} <= but


def empty_list(kind: str, following: str = "") -> bytes:
    return json.dumps({"kind": kind, "apiVersion": "v1", "metadata": {"continue": following}, "items": []}).encode()
