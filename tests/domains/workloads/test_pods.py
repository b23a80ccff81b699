"""What the pod checks share, where a specimen would say too little."""

import copy
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from daytwo import catalog
from daytwo.domains.workloads import pods, probes, restarts
from daytwo.domains.workloads.checks import crash_looping
from daytwo.engine.judge import judge
from daytwo.model.event import Event
from daytwo.model.gap import Want
from daytwo.model.occurrence import Occurrence
from daytwo.model.pod import Pod, Terminated
from daytwo.model.ref import Ref
from daytwo.model.severity import Verdict
from daytwo.model.snapshot import Snapshot
from daytwo.sources.kubernetes.decode import Malformed
from tests.specimen import SPECIMENS, read_specimen, snapshot_of

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
CHECKS = (
    "container-not-created",
    "crash-looping",
    "evicted",
    "image-not-pullable",
    "init-container-stuck",
    "long-not-ready",
    "never-scheduled",
    "oom-killed",
    "pod-scheduling-gated",
    "rejected-by-node",
    "restarted-recently",
    "sandbox-stuck",
    "stuck-terminating",
    "volume-not-mounted",
)


def looping(name: str, owner: str = "", node: str = "n1", **end: object) -> dict[str, Any]:
    """A pod in a crash loop, as the API server returns it."""
    owners = [{"apiVersion": "apps/v1", "kind": "StatefulSet", "name": owner, "uid": owner, "controller": True}] if owner else []
    terminated = {"exitCode": 1, "reason": "Error", "finishedAt": "2026-11-20T07:59:00Z", **end}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "shop", "uid": name, "ownerReferences": owners},
        "spec": {"nodeName": node, "containers": [{"name": "app", "image": "app:1"}]},
        "status": {
            "phase": "Running",
            "containerStatuses": [
                {
                    "name": "app",
                    "restartCount": 4,
                    "state": {"waiting": {"reason": "CrashLoopBackOff"}},
                    "lastState": {"terminated": terminated},
                }
            ],
        },
    }


def seen(*items: dict[str, Any]) -> Snapshot:
    return snapshot_of({"at": NOW, "items": list(items)})


def with_log(snapshot: Snapshot, pod: str, *lines: str) -> Snapshot:
    """The same cluster, with the log of the container `app` of one pod."""
    occurrences = tuple(Occurrence(NOW, "log", Ref("Pod", "shop", pod), line, "logs", "app") for line in lines)
    return replace(snapshot, occurrences=occurrences, answered=frozenset({Want("logs", f"shop/{pod}/app")}))


def why(snapshot: Snapshot) -> list[str]:
    findings = judge(snapshot, [catalog.find_check("workloads/crash-looping")]).findings
    return [finding.hit.why for finding in findings if finding.verdict is Verdict.FAIL]


def test_one_log_is_wanted_for_each_workload_and_container() -> None:
    """Two replicas that crash alike say the same: one of them is asked, the pod without an owner too."""
    wants = list(crash_looping.wants(seen(looping("web-1", "web"), looping("web-0", "web"), looping("alone"))))
    assert wants == [Want("logs", "shop/alone/app"), Want("logs", "shop/web-0/app")]


def test_no_log_is_wanted_where_there_can_be_none() -> None:
    """A command that was never started wrote nothing; a silent kubelet gives nothing; a Job's pod is not judged; a healthy one well."""
    lost = {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": "lost"},
        "status": {"conditions": [{"type": "Ready", "status": "Unknown"}]},
    }
    of_job = looping("import")
    of_job["metadata"]["ownerReferences"] = [{"apiVersion": "batch/v1", "kind": "Job", "name": "import", "uid": "j", "controller": True}]
    healthy = looping("healthy")
    healthy["status"]["containerStatuses"] = [{"name": "app", "ready": True, "restartCount": 0, "state": {"running": {}}}]
    snapshot = seen(lost, of_job, healthy, looping("never", reason="StartError"), looping("far", node="lost"))
    assert list(crash_looping.wants(snapshot)) == []


def test_at_most_twenty_logs_are_wanted() -> None:
    """A cluster where all crashes is read with twenty logs, in order."""
    wants = list(crash_looping.wants(seen(*(looping(f"pod-{number:03}") for number in range(50)))))
    assert len(wants) == 20
    assert wants == sorted(wants)


def test_log_tells_of_a_wrong_processor() -> None:
    """Exit code 1 says nothing; the log says why."""
    snapshot = seen(looping("web"))
    assert why(snapshot) == ["exits with code 1"]
    assert why(with_log(snapshot, "web", "exec /app: exec format error")) == ["image is built for another processor (exec format error)"]


def test_log_of_an_out_of_memory_kill_does_not_hide_it() -> None:
    """What the kernel says outranks what the log says."""
    snapshot = with_log(seen(looping("web", reason="OOMKilled")), "web", "sh: exec format error")
    assert why(snapshot) == ["out of memory (no limit of its own: its node ran short)"]


@pytest.mark.parametrize(
    ("dns_ready", "expected"), [(False, "a name lookup fails and cluster DNS has no ready endpoint"), (True, "exits with code 1")]
)
def test_failed_lookup_is_due_to_dns_only_when_dns_is_down(dns_ready: bool, expected: str) -> None:
    """A wrong host name makes the same words in a log; the endpoints of kube-dns decide."""
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "kube-dns", "namespace": "kube-system"}}
    endpoints = {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": "kube-dns-1", "namespace": "kube-system", "labels": {"kubernetes.io/service-name": "kube-dns"}},
        "addressType": "IPv4",
        "endpoints": [{"addresses": ["10.0.0.1"], "conditions": {"ready": dns_ready}}],
    }
    snapshot = seen(looping("web"), service, endpoints)
    assert why(with_log(snapshot, "web", "getaddrinfo EAI_AGAIN db")) == [expected]


def test_failed_lookup_blames_no_dns_that_nobody_saw() -> None:
    """Endpoints that were not read are not absent."""
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "kube-dns", "namespace": "kube-system"}}
    snapshot = snapshot_of({"at": NOW, "unread": ["EndpointSlice"], "items": [looping("web", message="no such host"), service]})
    assert why(snapshot) == ["exits with code 1"]


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("HTTP probe failed with statuscode: 404", "readiness probe fails: HTTP 404"),
        ('Get "http://10.1.2.3:80/": dial tcp 10.1.2.3:80: connect: connection refused', "readiness probe fails: connection refused"),
        ('Get "http://10.1.2.3:80/": context deadline exceeded (Client.Timeout exceeded)', "readiness probe fails: no answer in time"),
        ('command timed out: "sh" timed out after 1s', "readiness probe fails: no answer in time"),
        ('service unhealthy (responded with "NOT_SERVING")', "readiness probe fails: NOT_SERVING"),
        ('Get "https://10.1.2.3:443/": x509: certificate has expired', "readiness probe fails: TLS fails"),
        ('Get "http://10.1.2.3:80/": EOF', "readiness probe fails: the connection breaks off"),
        ("dial tcp 10.1.2.3:80: connect: no route to host", "readiness probe fails: its port cannot be reached"),
        ('exec: "curl": executable file not found in $PATH', "readiness probe fails: its command is not in the image"),
        ("cat: can't open '/tmp/healthy'", "readiness probe fails"),
    ],
)
def test_failed_probe_is_told_without_what_differs_from_pod_to_pod(output: str, expected: str) -> None:
    """Addresses and counts stay out, so that a hundred pods say the same."""
    event = Event(reason="Unhealthy", message=f"Readiness probe failed: {output}")
    assert probes.reading(event, probes.READINESS) == expected


def test_probe_is_described_by_what_it_asks() -> None:
    """HTTP, TCP and command probes are told with their timing."""
    item = looping("web")
    item["spec"]["containers"][0].update(
        livenessProbe={"tcpSocket": {"port": 80}, "periodSeconds": 3},
        readinessProbe={"exec": {"command": ["cat", "/ready"]}},
        startupProbe={"httpGet": {"port": "http"}, "failureThreshold": 30, "timeoutSeconds": 5},
    )
    pod = seen(item).seen(Pod)[0]
    timing = "3 failures count, timeout 1 s"
    assert probes.describe(pod, probes.LIVENESS, "app") == f"liveness probe of container app: TCP port 80, every 3 s, {timing}"
    assert probes.describe(pod, probes.READINESS, "app") == f"readiness probe of container app: runs cat /ready, every 10 s, {timing}"
    expected = "startup probe of container app: GET / on port http, every 10 s, 30 failures count, timeout 5 s"
    assert probes.describe(pod, probes.STARTUP, "app") == expected
    assert probes.describe(pod, probes.STARTUP, "other") == ""


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ('exec: "serve": executable file not found in $PATH: unknown', 'command "serve" is not in the image'),
        ('exec: "/bin/x": stat /bin/x: no such file or directory: unknown', 'command "/bin/x" is not in the image'),
        ("exec /entrypoint.sh: no such file or directory", 'command "/entrypoint.sh" is not in the image'),
        ('exec: "/": permission denied: unknown', 'command "/" may not be executed'),
        ("exec /app: exec format error", "image is built for another processor (exec format error)"),
        ("no command specified", "neither image nor pod names a command"),
        ('error mounting "/var/lib/x" to rootfs at "/etc/nginx/nginx.conf": not a directory', "cannot mount /etc/nginx/nginx.conf"),
        ("panic: nil", ""),
    ],
)
def test_start_failure_is_told_in_plain_words(message: str, expected: str) -> None:
    """What the container runtime says when a command cannot even be started."""
    assert restarts.start_failure(message) == expected


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (Terminated(exit_code=126), "command cannot be executed (exit code 126)"),
        (Terminated(exit_code=134), "aborts (exit code 134, SIGABRT)"),
        (Terminated(exit_code=143), "told to stop (exit code 143, SIGTERM)"),
        (Terminated(exit_code=255, reason="Unknown"), "ended unseen (its node or container runtime restarted)"),
        (Terminated(exit_code=137, reason="ContainerStatusUnknown"), "ended unseen (its node or container runtime restarted)"),
        (Terminated(exit_code=128, reason="StartError"), "cannot be started"),
        (Terminated(exit_code=3221225477), "exits with code 3221225477"),
    ],
)
def test_exit_code_is_read(end: Terminated, expected: str) -> None:
    """Shells, signals and Windows have their own numbers."""
    assert restarts.exit_reading(end) == expected


def test_lost_node_is_proven_without_reading_nodes() -> None:
    """Ready turned False without a reason while the containers say that they are well: only the node controller writes that."""
    item = looping("web")
    item["status"]["conditions"] = [{"type": "Ready", "status": "False"}]
    running = {"name": "app", "ready": True, "state": {"running": {}}}
    item["status"]["containerStatuses"] = [running]
    assert pods.lost_node(seen(item).seen(Pod)[0], seen(item)) == Ref("Node", "", "n1")
    item["status"]["containerStatuses"] = [{**running, "ready": False}]
    assert pods.lost_node(seen(item).seen(Pod)[0], seen(item)) is None
    item["status"]["containerStatuses"] = []
    assert pods.lost_node(seen(item).seen(Pod)[0], seen(item)) is None


def test_time_of_an_unready_pod_is_exact_only_if_it_never_was_ready() -> None:
    """Ready.lastTransitionTime restarts at each flip."""
    item = looping("web")
    item["metadata"]["creationTimestamp"] = "2026-11-20T07:00:00Z"
    item["status"]["conditions"] = [{"type": "Ready", "status": "False", "lastTransitionTime": "2026-11-20T07:00:05Z"}]
    since = pods.unready_since(seen(item).seen(Pod)[0])
    assert since is not None
    assert since.exact
    item["status"]["conditions"][0]["lastTransitionTime"] = "2026-11-20T07:30:00Z"
    since = pods.unready_since(seen(item).seen(Pod)[0])
    assert since is not None
    assert not since.exact
    assert since.at == NOW - timedelta(minutes=30)


def _files() -> list[Path]:
    return sorted(path for name in CHECKS for path in (SPECIMENS / "workloads" / name).glob("*.yaml"))


@pytest.mark.parametrize("path", _files(), ids=lambda path: str(path.relative_to(SPECIMENS)))
def test_no_check_fails_on_an_absent_field(path: Path) -> None:
    """The API server leaves out what is empty, and older ones what they do not know: each field of a specimen may be missing."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    check = catalog.find_check(f"workloads/{path.parent.name}")
    for index, item in enumerate(document["items"]):
        for keys in _paths(item):
            maimed = copy.deepcopy(item)
            parent: Any = maimed
            for key in keys[:-1]:
                parent = parent[key]
            del parent[keys[-1]]
            items = [*document["items"][:index], maimed, *document["items"][index + 1 :]]
            try:
                snapshot = snapshot_of({**document, "items": items})
            except (Malformed, msgspec.ValidationError):
                continue
            judge(snapshot, [check])
            if check.wants is not None:
                list(check.wants(snapshot))


def _paths(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        here = (*before, key)
        if here[-1] not in ("apiVersion", "kind") and here != ("metadata",):
            yield here
        yield from _paths(member, here)


def test_list_of_pod_checks_is_right() -> None:
    """The checks named above judge pods, and each has a specimen that fails."""
    for name in CHECKS:
        assert catalog.find_check(f"workloads/{name}").kinds == (Pod,)
        assert any(read_specimen(path).verdict == "fail" for path in (SPECIMENS / "workloads" / name).glob("*.yaml"))
