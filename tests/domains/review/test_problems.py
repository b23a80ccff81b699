"""Problems as a person reads them: title, what changed, what to do."""

import shlex

import pytest

from daytwo.domains.review.problems import problems
from daytwo.model.finding import Evidence, Finding
from daytwo.model.problem import Problem
from daytwo.model.ref import Ref
from daytwo.model.severity import Harm, Horizon, Severity
from tests.domains.review.finding import deployment_ref, finding, pod_ref
from tests.objects import Object, deployment, event, ingress, node, pod, replica_set, service, snapshot_document
from tests.specimen import snapshot_of

WEB = deployment_ref("web")


def rolled_out(*, created: str = "2026-11-20T07:09:00Z", **annotations: str) -> list[Object]:
    """Deployment web: revision 9 with image web:2 rolled out at 07:09, revision 8 with web:1 had been current for 12 days."""
    web = deployment("web", 3, image="web:2", revision=9)
    web["metadata"]["annotations"].update(annotations)
    new = replica_set(web, 9, image="web:2", created=created)
    old = replica_set(web, 8, image="web:1", created="2026-11-08T07:00:00Z", replicas=0)
    broken = [pod(new, str(number), ready=False) for number in (1, 2)]
    return [web, new, old, *broken, pod(new, "3"), service("web"), ingress("web", "web"), node("n1")]


def crash(number: int, since: str = "2026-11-20T07:12:00Z") -> Finding:
    evidence = (Evidence(f"pod web-9aa-{number}: last state OOMKilled"),)
    why = "out of memory (limit 256Mi)"
    return finding(
        "workloads/crash-looping", pod_ref(f"web-9aa-{number}"), WEB, state="crash-looping", why=why, since=since, evidence=evidence
    )


def only(findings: list[Finding], items: list[Object], unread: tuple[str, ...] = ()) -> Problem:
    found = problems(findings, snapshot_of(snapshot_document(*items, unread=unread)))
    assert len(found) == 1, [problem.title for problem in found]
    return found[0]


def test_crash_loop_after_a_rollout_reads_as_a_sentence_and_suggests_the_undo() -> None:
    """How many of how many, why, since when, what changed just before, and the one command."""
    problem = only([crash(1), crash(2)], rolled_out())
    assert problem.subject == "shop/web"
    assert problem.title == "2 of 3 pods are crash-looping{since}: out of memory (limit 256Mi)"
    assert problem.severity is Severity.HIGH
    assert problem.horizon is Horizon.TODAY
    assert problem.change is not None
    assert problem.change.text == "revision 9 rolled out (image of app web:1 → web:2)"
    assert [line.text for line in problem.know][-1] == "revision 8 had been current for 12 days"
    assert str(problem.next.command) == "daytwo act rollout-undo deployment/web -n shop --to-revision=8"


def test_fault_that_began_long_after_the_rollout_is_not_blamed_on_it() -> None:
    problem = only([crash(1, "2026-11-20T07:50:00Z")], rolled_out())
    assert problem.change is None
    assert problem.next.repair is None


@pytest.mark.parametrize("owner", [{"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:shop/web"}])
def test_undo_is_not_suggested_where_git_would_undo_it(owner: dict[str, str]) -> None:
    problem = only([crash(1)], rolled_out(**owner))
    assert problem.next.repair is None
    assert "revert the change in Git" in problem.next.note


def test_revived_replica_set_does_not_tell_when_it_became_current() -> None:
    """After an undo the ReplicaSet is old; without the event only the Deployment's own stamp bounds the time."""
    items = rolled_out(created="2026-10-01T00:00:00Z")
    items[1]["metadata"]["annotations"]["deployment.kubernetes.io/revision-history"] = "1"
    items[0]["status"]["conditions"] = [
        {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable", "lastUpdateTime": "2026-11-20T07:10:00Z"}
    ]
    problem = only([crash(1)], items)
    assert problem.change is not None
    assert not problem.change.exact
    items.append(event(items[0], "ScalingReplicaSet", "Scaled up replica set web-9aa from 0 to 1", "2026-11-20T07:08:00Z", type="Normal"))
    problem = only([crash(1)], items)
    assert problem.change is not None
    assert problem.change.exact


def test_restart_by_hand_is_no_revision_to_go_back_to() -> None:
    items = rolled_out()
    for item, restarted in ((items[1], "2026-11-20T07:09:00Z"), (items[2], "2026-11-08T07:00:00Z")):
        item["spec"]["template"]["spec"]["containers"][0]["image"] = "web:2"
        item["spec"]["template"]["metadata"]["annotations"] = {"kubectl.kubernetes.io/restartedAt": restarted}
    problem = only([crash(1)], items)
    assert problem.next.repair is None
    assert "restarted by hand" in (problem.change.text if problem.change else "")


def test_config_map_edit_just_before_is_the_change() -> None:
    """Who edited what the pods read, and when."""
    items = rolled_out(created="2026-11-08T07:00:00Z")[:1]
    items[0]["spec"]["template"]["spec"]["containers"][0]["envFrom"] = [{"configMapRef": {"name": "web-config"}}]
    config: Object = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": "web-config",
            "namespace": "shop",
            "managedFields": [
                {"manager": "kubectl-edit", "operation": "Update", "time": "2026-11-20T07:05:00Z", "fieldsV1": {"f:data": {}}}
            ],
        },
        "data": {"mode": "fast"},
    }
    problem = only([crash(1)], [*items, config])
    assert problem.change is not None
    assert (problem.change.text, problem.change.who) == ("ConfigMap web-config was changed", "kubectl-edit")


def test_id_survives_changes_of_members() -> None:
    """The id names the cause, not who suffers from it today."""
    items = rolled_out()
    assert only([crash(1)], items).id == only([crash(1), crash(2)], items).id


def test_lost_node_weighs_as_the_worst_of_its_workloads() -> None:
    web = deployment("web", 2)
    items = [
        web,
        pod(web, "1", ready=False, node="n1"),
        pod(web, "2", node="n2"),
        service("web"),
        ingress("web", "web"),
        node("n1"),
        node("n2"),
    ]
    lost = finding("nodes/not-ready", Ref("Node", "", "n1"), message="kubelet stopped reporting", since="2026-11-20T07:40:00Z")
    problem = only([lost], items)
    assert problem.subject == "node n1"
    assert problem.title == "kubelet stopped reporting{since}"
    assert [one.workload.name for one in problem.affected] == ["web"]
    assert (problem.severity, problem.horizon) == (Severity.HIGH, Horizon.TODAY)


def test_lost_node_whose_pods_run_elsewhere_can_wait() -> None:
    web = deployment("web", 2)
    items = [web, pod(web, "1", node="n2"), pod(web, "2", node="n2"), service("web"), ingress("web", "web"), node("n1"), node("n2")]
    lost = finding("nodes/not-ready", Ref("Node", "", "n1"))
    assert only([lost], items).horizon is Horizon.WEEK


def test_bad_image_of_one_workload_is_told_as_that_workloads() -> None:
    image = Ref("Image", "", "web:2")
    found = finding(
        "workloads/image-not-pullable", pod_ref("web-9aa-1"), WEB, because=(image,), state="waiting for their image", why="not found"
    )
    problem = only([found], rolled_out())
    assert problem.cause == image
    assert problem.subject == "shop/web"


def test_served_workload_that_is_down_is_critical_today_and_batch_is_not() -> None:
    """Who depends on it decides, not the check."""
    web = deployment("web", 1)
    pods = [pod(web, "1", ready=False)]
    found = finding("workloads/crash-looping", pod_ref("web-1"), WEB, state="crash-looping", since="2026-11-20T07:30:00Z")
    outside = only([found], [web, *pods, service("web"), ingress("web", "web")])
    assert (outside.severity, outside.horizon) == (Severity.CRITICAL, Horizon.TODAY)
    alone = only([found], [web, *pods])
    assert alone.horizon is Horizon.WEEK
    unread = only([found], [web, *pods], unread=("Service",))
    assert (unread.severity, unread.horizon) == (Severity.HIGH, Horizon.TODAY)


def test_finding_raised_to_critical_outranks_the_table() -> None:
    lost = finding("storage/claim-lost", Ref("PersistentVolumeClaim", "shop", "data"), severity=Severity.CRITICAL)
    problem = only([lost], [])
    assert (problem.severity, problem.horizon) == (Severity.CRITICAL, Horizon.TODAY)


def test_risk_has_no_since() -> None:
    """A state that may last for ever is not an outage with a start."""
    risk = finding(
        "workloads/on-one-node", WEB, harm=Harm.ONE_EVENT_AWAY, since="2026-11-01T00:00:00Z", message="all 3 pods run on node n1"
    )
    items = rolled_out()
    problem = only([risk], items)
    assert problem.horizon is Horizon.WEEK
    assert problem.since is None


def test_commands_can_be_pasted() -> None:
    """Names come from the cluster: each is one word for the shell."""
    problem = only([crash(1)], rolled_out())
    assert problem.next.command is not None
    assert tuple(shlex.split(str(problem.next.command))) == problem.next.command.argv
