"""Small facts for planning and verifying without a cluster: one object as the API server returns it, and what stands around it."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from daytwo import catalog
from daytwo.catalog import ActionModule
from daytwo.model.call import Call
from daytwo.model.facts import Facts
from daytwo.model.gap import Gap
from daytwo.model.json import Json
from daytwo.model.live import Live
from daytwo.model.outcome import Outcome, Status, Verification
from daytwo.model.plan import Plan
from daytwo.model.step import Step
from daytwo.model.target import Target, built_in
from tests.objects import AT, Object, parse, snapshot_document
from tests.specimen import snapshot_of

NAMESPACE = "shop"
DONE = Outcome(Status.DONE, parse(AT), generation=2)


def web(kind: str = "Deployment", *, spec: Object | None = None, status: Object | None = None, **metadata: Any) -> Object:
    """A workload `shop/web` of three replicas that is as it should be; `spec` and `status` change single fields of that."""
    numbers: dict[str, Object] = {
        "Deployment": {"replicas": 3, "updatedReplicas": 3, "readyReplicas": 3, "availableReplicas": 3},
        "StatefulSet": {
            "replicas": 3,
            "updatedReplicas": 3,
            "readyReplicas": 3,
            "availableReplicas": 3,
            "currentRevision": "web-1",
            "updateRevision": "web-1",
        },
        "DaemonSet": {"desiredNumberScheduled": 3, "updatedNumberScheduled": 3, "numberAvailable": 3, "numberReady": 3},
        "ReplicaSet": {"replicas": 3, "readyReplicas": 3, "availableReplicas": 3},
    }
    rolling: Object = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}}
    strategy: Object = {"strategy": rolling} if kind == "Deployment" else {"updateStrategy": {"type": "RollingUpdate"}}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": "web", "namespace": NAMESPACE, "uid": "uid-web", "resourceVersion": "7", "generation": 2, **metadata},
        "spec": {
            **({} if kind == "DaemonSet" else {"replicas": 3}),
            **(strategy if kind != "ReplicaSet" else {}),
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "app", "image": "web:1", "resources": {}}]},
            },
            **(spec or {}),
        },
        "status": {"observedGeneration": 2, **numbers[kind], **(status or {})},
    }


def facts(
    *present: Object,
    absent: Sequence[Target] = (),
    hidden: Sequence[Target] = (),
    lists: Mapping[Target, Sequence[Object]] | None = None,
    around: Sequence[Object] = (),
    unread: tuple[str, ...] = (),
    scale: int | None = None,
    at: str = AT,
) -> Facts:
    """What was read. `scale` is what the scale subresource of the first object tells; `around` is read as kinds are."""
    objects: dict[Target, Live | None] = {msgspec.structs.replace(target, uid=""): None for target in absent}
    for value in present:
        target = target_of(value)
        objects[target] = Live(value)
        if scale is not None:
            shown = {"metadata": value["metadata"], "spec": {"replicas": scale} if scale else {}}
            objects[msgspec.structs.replace(target, subresource="scale")] = Live(shown)
    return Facts(
        parse(at),
        snapshot_of(snapshot_document(*around, unread=unread, at=at)),
        objects,
        {target: Gap("kubernetes", str(target), "forbidden for user viewer") for target in hidden},
        {target: tuple(map(Live, values)) for target, values in (lists or {}).items()},
    )


def target_of(value: Object) -> Target:
    return built_in(value["kind"], value["metadata"]["namespace"], value["metadata"]["name"])


def plan(uses: str, kind: str, given: Facts, name: str = "web", **params: Json) -> Plan:
    call = Call(uses, built_in(kind, NAMESPACE, name), {key.replace("_", "-"): value for key, value in params.items()})
    return action(uses).plan(call, given)


def look(step: Step, given: Facts, done: Outcome = DONE) -> Verification:
    return action(step.call.uses).verify(step, done, given)


def only_step(plan: Plan) -> Step:
    assert not plan.blocked, plan.blocked
    assert not plan.already, plan.already
    (step,) = plan.steps
    return step


def action(uses: str) -> ActionModule:
    return catalog.find_action(uses).module
