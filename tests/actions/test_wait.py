"""Waiting: for what was meant, of the present spec, and not for what can never come."""

import subprocess
from datetime import timedelta

import pytest

from daytwo.domains.changes.condition import look, parse_until
from daytwo.domains.changes.json_path import parse_path
from daytwo.model.change import Wait
from daytwo.model.errors import UsageError
from daytwo.model.json import Json, Object
from daytwo.model.live import Live
from daytwo.model.outcome import Seen
from daytwo.model.tier import Class
from tests.actions.specimens import DONE, facts, only_step, plan, web
from tests.actions.specimens import look as look_at
from tests.actions.workloads import deployment
from tests.actions.world import World
from tests.servers.control_plane import ControlPlane


def thing(*conditions: Object, generation: int = 2, **status: Json) -> Live:
    metadata: Json = {"name": "a", "uid": "u", "generation": generation}
    return Live({"metadata": metadata, "status": {"conditions": list(conditions), **status}})


def condition(type: str, status: str = "True", **more: Json) -> Object:
    return {"type": type, "status": status, **more}


@pytest.mark.parametrize(
    ("until", "kind", "live", "seen", "detail"),
    [
        ("condition=Available", "X", thing(condition("Available")), Seen.DONE, "Available is True"),
        ("condition=available=false", "X", thing(condition("Available", "False")), Seen.DONE, "Available is False"),
        ("condition=Available", "X", thing(condition("Available", "Unknown", reason="Lost")), Seen.NOT_YET, "Available is Unknown (Lost)"),
        ("condition=Available", "X", thing(), Seen.NOT_YET, "has no condition Available"),
        ("condition=Available", "X", thing(condition("Available"), observedGeneration=1), Seen.NOT_YET, "not looked at the latest change"),
        ("condition=Available", "X", thing(condition("Available", observedGeneration=1), observedGeneration=2), Seen.NOT_YET, "latest"),
        ("condition=Available", "X", thing(condition("Available", observedGeneration=2), observedGeneration=1), Seen.DONE, ""),
        ("condition=Available", "X", None, Seen.NOT_YET, "does not exist yet"),
        ("ready", "Pod", thing(condition("Ready")), Seen.DONE, ""),
        ("ready", "Pod", thing(condition("Ready", "False"), phase="Succeeded"), Seen.FAILED, "has ended: its phase is Succeeded"),
        ("ready", "Job", thing(condition("Complete")), Seen.DONE, ""),
        ("ready", "Job", thing(condition("Failed", reason="BackoffLimitExceeded")), Seen.FAILED, "has failed: BackoffLimitExceeded"),
        ("condition=Complete", "Job", thing(condition("Failed", reason="Late")), Seen.FAILED, "has failed: Late"),
        ("ready", "PersistentVolumeClaim", thing(phase="Pending"), Seen.NOT_YET, "its phase is Pending"),
        ("ready", "PersistentVolumeClaim", thing(phase="Bound"), Seen.DONE, ""),
        ("deleted", "X", None, Seen.DONE, "gone"),
        ("delete", "X", thing(), Seen.NOT_YET, "nobody has deleted it"),
        ("create", "X", thing(), Seen.DONE, "exists"),
        ("jsonpath={.status.phase}=Running", "X", thing(phase="Running"), Seen.DONE, ".status.phase is Running"),
        ("jsonpath={.status.phase}=Running", "X", thing(phase="Pending"), Seen.NOT_YET, ".status.phase is Pending"),
        ("jsonpath=.status.ready=true", "X", thing(ready=True), Seen.DONE, ".status.ready is true"),
        ("jsonpath={.status.ready}", "X", thing(), Seen.NOT_YET, ".status.ready is not there"),
        ("jsonpath={.status.n}=2", "X", thing(n=2), Seen.DONE, ""),
        ("jsonpath={.status.n}=2", "X", thing(n=2, observedGeneration=1), Seen.NOT_YET, "latest change"),
        ('jsonpath={.status.conditions[?(@.type=="A")].status}=True', "X", thing(condition("A")), Seen.DONE, ""),
        ("jsonpath={.status.conditions[*].type}=A", "X", thing(condition("A"), condition("B")), Seen.FAILED, "names 2 values"),
    ],
)
def test_it_holds_of_the_present_spec_or_not_yet(until: str, kind: str, live: Live | None, seen: Seen, detail: str) -> None:
    """Each row: what is waited for, of which kind, what stands there, and what is told."""
    found = look(parse_until(until), kind, live)
    assert found.seen is seen
    assert detail in found.detail


def test_the_end_of_one_object_is_not_that_of_the_next_with_its_name() -> None:
    """By uid: what has taken its name is another."""
    assert look(parse_until("deleted"), "Pod", thing(), "another").seen is Seen.DONE
    terminating = thing()
    terminating.value["metadata"] |= {"deletionTimestamp": "now", "finalizers": ["a/b"]}  # type: ignore[operator]
    assert look(parse_until("deleted"), "Pod", terminating, "u").detail == 'is being deleted, and waits for its finalizers ["a/b"]'


@pytest.mark.parametrize(
    "text", ["", "readdy", "condition=", "condition", "jsonpath=", "jsonpath={}", "jsonpath={.a[}", "ready=true", "{.a}"]
)
def test_what_nobody_can_wait_for_is_refused_with_what_to_write(text: str) -> None:
    """With a near word where there is one."""
    with pytest.raises(UsageError, match="--until"):
        parse_until(text)


def test_nothing_is_changed_and_nothing_is_waited_for_twice() -> None:
    """A wait is a read; what holds already is said at once, and the time that was given is its deadline."""
    found = plan("wait", "Deployment", facts(web(status={"readyReplicas": 1, "availableReplicas": 1})), until="ready", timeout="90s")
    step = only_step(found)
    assert (found.class_, step.class_, step.deadline) == (Class.READ, Class.READ, timedelta(seconds=90))
    assert isinstance(step.change, Wait)
    assert look_at(step, facts(web())).seen is Seen.DONE
    assert plan("wait", "Deployment", facts(web()), until="ready").already


PATHS = (
    ".metadata.name",
    "{.spec.replicas}",
    ".spec.template.spec.containers[0].image",
    ".spec.template.spec.containers[-1].name",
    ".spec.template.metadata.labels.app",
    r".metadata.annotations.example\.com/a",
    '.status.conditions[?(@.type=="Available")].status',
    ".spec.template.spec.containers[*].name",
    ".spec.nothing",
)


def test_a_quoted_name_is_one_name() -> None:
    """Whatever is in it: kubectl splits it at its dots."""
    assert parse_path(".a['b.c/d'][0]").find({"a": {"b.c/d": [1]}}) == [1]


@pytest.mark.cluster
def test_paths_are_read_as_kubectl_reads_them(control_plane: ControlPlane, namespace: str) -> None:
    """A real workload, asked both ways; and a wait for it ends when it is ready."""
    world = World(control_plane, namespace)
    manifest = deployment("web", replicas=1)
    manifest["metadata"]["annotations"] = {"example.com/a": "b"}
    world.client.create(manifest, namespace)
    found = world.plan("wait", "Deployment", "web", until="condition=Available")
    if found.steps:
        assert world.verified(found.steps[0], DONE).seen is Seen.DONE
    value = world.client.get("Deployment", "web", namespace)
    command = (str(control_plane.kubectl), "--kubeconfig", str(control_plane.kubeconfig()), "-n", namespace, "get", "deployment/web")
    for path in PATHS:
        told = subprocess.run((*command, "-o", f"jsonpath={{{path.strip('{}')}}}"), capture_output=True, text=True, check=True).stdout
        assert " ".join(str(one) for one in parse_path(path.strip("{}")).find(value)) == told, path
