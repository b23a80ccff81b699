"""The judge: fail, pass, not applicable, and unknown for what nobody could look at."""

from collections.abc import Iterator

from daytwo import catalog
from daytwo.catalog import Check
from daytwo.engine.judge import judge
from daytwo.model.finding import Hit
from daytwo.model.gap import Gap
from daytwo.model.pod import Pod
from daytwo.model.policy import PodDisruptionBudget
from daytwo.model.ref import Cell
from daytwo.model.severity import Harm, Heading, Severity, Verdict
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import Deployment
from tests.objects import deployment, pod, snapshot_document
from tests.specimen import snapshot_of

WEB = deployment("web", 3)


def unprotected(workload: Deployment, snapshot: Snapshot) -> Iterator[Hit]:
    """No budget selects it."""
    if not any(budget.selects(workload.pod_labels) for budget in snapshot.of(PodDisruptionBudget, workload.namespace)):
        yield Hit("no PodDisruptionBudget selects its pods")


UNPROTECTED = Check(
    name="test/unprotected",
    kinds=(Deployment,),
    heading=Heading.RELIABILITY,
    severity=Severity.MEDIUM,
    harm=Harm.NONE,
    function=unprotected,
    applies=lambda workload: workload.replicas >= 2,
    wants=None,
)


def verdicts(snapshot: Snapshot) -> dict[Verdict, int]:
    return {verdict: count for verdict, count in judge(snapshot, [UNPROTECTED]).verdicts[UNPROTECTED.name].items() if count}


def test_hit_is_a_failing_finding_with_what_the_check_declares() -> None:
    [finding] = judge(snapshot_of(snapshot_document(WEB)), [UNPROTECTED]).findings
    assert (finding.verdict, finding.severity, finding.heading) == (Verdict.FAIL, Severity.MEDIUM, Heading.RELIABILITY)
    assert finding.subject == finding.owner


def test_subject_the_check_is_not_meant_for_is_neither_pass_nor_fail() -> None:
    assert verdicts(snapshot_of(snapshot_document(deployment("one", 1)))) == {Verdict.NOT_APPLICABLE: 1}


def test_unread_kind_that_the_check_needs_is_unknown_never_pass_or_fail() -> None:
    """Nobody could list budgets: whether one selects the pods cannot be told."""
    snapshot = snapshot_of(snapshot_document(WEB, deployment("api", 2), unread=("PodDisruptionBudget",)))
    judgement = judge(snapshot, [UNPROTECTED])
    [finding] = judgement.findings
    assert finding.verdict is Verdict.UNKNOWN
    assert "for 2 objects" in finding.hit.message
    assert judgement.verdicts[UNPROTECTED.name][Verdict.UNKNOWN] == 2


def test_namespace_that_was_not_read_leaves_the_others_judged() -> None:
    """Forbidden in another namespace says nothing about this one."""
    assert verdicts(snapshot_of(snapshot_document(WEB, unread=("PodDisruptionBudget/elsewhere",)))) == {Verdict.FAIL: 1}
    assert verdicts(snapshot_of(snapshot_document(WEB, unread=("PodDisruptionBudget/shop",)))) == {Verdict.UNKNOWN: 1}


def test_unread_subjects_are_unknown_even_if_none_was_seen() -> None:
    [finding] = judge(snapshot_of(snapshot_document(unread=("Deployment",))), [UNPROTECTED]).findings
    assert finding.verdict is Verdict.UNKNOWN
    assert finding.gap == Gap("kubernetes", "Deployment", "forbidden for user viewer", Cell("Deployment"))


def test_kind_that_is_no_part_of_the_snapshot_is_unknown() -> None:
    """An older recording may lack a kind altogether."""
    whole = snapshot_of(snapshot_document(WEB))
    readings = {kind: reading for kind, reading in whole.readings.items() if kind != "Deployment"}
    part = Snapshot(whole.taken_at, whole.cluster, {}, readings)
    assert [finding.verdict for finding in judge(part, [UNPROTECTED]).findings] == [Verdict.UNKNOWN]


def test_what_was_said_before_something_hidden_was_needed_stands() -> None:
    """A check that finds one thing and cannot look for another tells both."""

    def half_blind(subject: Deployment, snapshot: Snapshot) -> Iterator[Hit]:
        yield Hit("is wrong")
        snapshot.require("Secret")

    check = Check("test/half", (Deployment,), Heading.RELIABILITY, Severity.LOW, Harm.NONE, half_blind, None, None)
    judgement = judge(snapshot_of(snapshot_document(WEB, unread=("Secret",))), [check])
    assert [finding.verdict for finding in judgement.findings] == [Verdict.FAIL, Verdict.UNKNOWN]
    assert judgement.verdicts["test/half"][Verdict.FAIL] == 1


def test_fingerprint_survives_the_pods_name() -> None:
    """A finding about a pod is known by its workload."""

    def on_pods(subject: Pod, snapshot: Snapshot) -> Iterator[Hit]:
        yield Hit("is there", item="app")

    check = Check("test/pods", (Pod,), Heading.RELIABILITY, Severity.LOW, Harm.NONE, on_pods, None, None)
    first = judge(snapshot_of(snapshot_document(WEB, pod(WEB, "aaaaa"))), [check]).findings
    second = judge(snapshot_of(snapshot_document(WEB, pod(WEB, "bbbbb"))), [check]).findings
    assert [finding.fingerprint for finding in first] == [finding.fingerprint for finding in second]


def test_a_check_says_the_same_alone_and_among_all_others() -> None:
    """What is shared between checks is not used up by the first."""
    snapshot = snapshot_of(
        {
            "at": "2026-11-20T08:00:00Z",
            "items": [
                {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": {"bad label!": "x"}}},
                {
                    "apiVersion": "v1",
                    "kind": "Service",
                    "metadata": {"name": "web", "namespace": "shop"},
                    "spec": {"externalIPs": ["1.2.3.4"]},
                },
                {
                    "apiVersion": "apps/v1",
                    "kind": "Deployment",
                    "metadata": {"name": "web", "namespace": "shop"},
                    "spec": {"replicas": 3, "template": {"spec": {"hostNetwork": True, "containers": [{"name": "app", "image": "web"}]}}},
                },
            ],
        }
    )
    checks = catalog.checks()
    together = judge(snapshot, checks).verdicts
    assert together == {check.name: judge(snapshot, [check]).verdicts[check.name] for check in checks}
