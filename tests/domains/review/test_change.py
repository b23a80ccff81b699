"""What changed just before: only what the cluster still shows, only within half an hour."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from daytwo.domains.review.change import change_before, rollout_of, template_differences
from daytwo.model.finding import Since
from daytwo.model.pod_spec import PodTemplate
from daytwo.model.ref import Ref
from tests.domains.review.finding import deployment_ref
from tests.objects import Object, container, deployment, event, metadata, node, parse, pod, replica_set, snapshot_document
from tests.specimen import snapshot_of

SINCE = Since(parse("2026-11-20T07:30:00Z"))


def template(**app: Any) -> PodTemplate:
    return msgspec.convert({"spec": {"containers": [container(**app)]}}, PodTemplate)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ({"image": "a:1"}, {"image": "a:2"}, "image of app a:1 → a:2"),
        ({"env": [{"name": "A", "value": "1"}]}, {"env": [{"name": "B", "value": "1"}]}, "variables of app added: B"),
        ({"env": [{"name": "A", "value": "1"}]}, {"env": [{"name": "A", "value": "2"}]}, "variables of app changed: A"),
        ({}, {"resources": {"limits": {"memory": "256Mi"}}}, "memory limit of app none → 256Mi"),
        ({"readinessProbe": {"tcpSocket": {"port": 80}}}, {}, "readiness probe of app removed"),
        ({"args": ["a"]}, {"args": ["b"]}, "command of app changed"),
        ({"ports": [{"containerPort": 80}]}, {"ports": [{"containerPort": 81}]}, "ports of app changed"),
    ],
)
def test_differences_in_words(old: Object, new: Object, words: str) -> None:
    assert words in template_differences(template(**old), template(**new))


def test_equal_templates_do_not_differ() -> None:
    assert template_differences(template(), template()) == ()


def stateful_set() -> list[Object]:
    found: Object = {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": metadata("db"),
        "spec": {"replicas": 3, "template": {"metadata": {"labels": {"app": "db"}}, "spec": {"containers": [container("db:2")]}}},
        "status": {"replicas": 3},
    }
    revisions: list[Object] = [
        {
            "apiVersion": "apps/v1",
            "kind": "ControllerRevision",
            "metadata": metadata(f"db-{number}", owner=found, created=created),
            "revision": number,
            "data": {"spec": {"template": {"spec": {"containers": [container(f"db:{number}")]}}}},
        }
        for number, created in ((1, "2026-11-10T00:00:00Z"), (2, "2026-11-20T07:20:00Z"))
    ]
    return [found, *revisions]


def test_stateful_set_rollout_is_told_by_its_controller_revisions() -> None:
    found = snapshot_of(snapshot_document(*stateful_set()))
    workload = found.find(Ref("StatefulSet", "shop", "db"))
    assert workload is not None
    rollout = rollout_of(workload, found)
    assert rollout is not None
    assert (rollout.revision, rollout.previous, rollout.differences) == (2, 1, ("image of app db:1 → db:2",))
    assert rollout.previous_lasted == timedelta(days=10, hours=7, minutes=20)
    change = change_before(workload.ref, (workload.ref,), SINCE, found)
    assert change is not None
    assert change.kind == "rollout"


def test_change_outside_the_window_is_not_named() -> None:
    found = snapshot_of(snapshot_document(*stateful_set()))
    ref = Ref("StatefulSet", "shop", "db")
    assert change_before(ref, (ref,), Since(parse("2026-11-20T07:51:00Z")), found) is None
    assert change_before(ref, (ref,), Since(parse("2026-11-20T07:18:00Z")), found) is None
    assert change_before(ref, (ref,), None, found) is None


def test_scaling_and_reboot_are_changes_and_the_newest_wins() -> None:
    web = deployment("web", 2)
    machine = node("n1")
    items = [
        web,
        machine,
        pod(web, "1"),
        replica_set(web, 1, created="2026-11-01T00:00:00Z"),
        event(web, "ScalingReplicaSet", "Scaled down replica set web-1aa from 6 to 3", "2026-11-20T07:25:00Z", type="Normal"),
        event(machine, "Rebooted", "Node n1 has been rebooted", "2026-11-20T07:10:00Z"),
    ]
    ref = deployment_ref("web")
    change = change_before(ref, (ref,), SINCE, snapshot_of(snapshot_document(*items)))
    assert change is not None
    assert change.text == "scaling: scaled down replica set web-1aa from 6 to 3"
    change = change_before(ref, (ref,), SINCE, snapshot_of(snapshot_document(*items[:3], items[5])))
    assert change is not None
    assert change.text == "node n1 rebooted"


def test_cordon_of_the_lost_node_is_named_with_who_did_it() -> None:
    machine = node("n1", ready=False)
    machine["spec"] = {
        "unschedulable": True,
        "taints": [{"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule", "timeAdded": "2026-11-20T07:21:00Z"}],
    }
    write = {
        "manager": "kubectl-cordon",
        "operation": "Update",
        "time": "2026-11-20T07:21:00Z",
        "fieldsV1": {"f:spec": {"f:unschedulable": {}}},
    }
    machine["metadata"]["managedFields"] = [write]
    change = change_before(Ref("Node", "", "n1"), (), SINCE, snapshot_of(snapshot_document(machine)))
    assert change is not None
    assert (change.text, change.who) == ("the node was cordoned", "kubectl-cordon")
