"""The report: filters, comparison with an earlier look, and gaps with what they leave unknown."""

import pytest

from daytwo import catalog
from daytwo.catalog import Check
from daytwo.engine.judge import RUNNABLE_KINDS
from daytwo.engine.review import review
from daytwo.engine.standard import selected_checks
from daytwo.model.errors import UsageError
from daytwo.model.profile import ALL
from daytwo.model.report import Mark
from daytwo.model.runnable import Runnable
from daytwo.model.scope import Filters
from daytwo.model.selector import parse_selector
from daytwo.model.severity import Horizon, Severity, Verdict
from daytwo.model.snapshot import Snapshot
from tests.objects import Object, deployment, metadata, pod, service, snapshot_document
from tests.specimen import snapshot_of

WEB = deployment("web", 1, labels={"team": "checkout"})


def looping(owner: Object) -> Object:
    found = pod(owner, "1", ready=False)
    waiting = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting failed container"}}
    ended = {"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": "2026-11-20T07:58:00Z"}}
    found["status"]["containerStatuses"] = [{"name": "app", "ready": False, "restartCount": 9, "state": waiting, "lastState": ended}]
    return found


def lost_claim(name: str) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": metadata(name, "data"),
        "spec": {"volumeName": "v"},
        "status": {"phase": "Lost"},
    }


def troubled(*more: Object, unread: tuple[str, ...] = ()) -> Snapshot:
    return snapshot_of(snapshot_document(WEB, looping(WEB), service("web"), *more, unread=unread))


def subjects(snapshot: Snapshot, filters: Filters) -> set[str]:
    return {problem.subject for problem in review(snapshot, filters).problems if problem.horizon is Horizon.TODAY}


def test_filters_by_namespace_label_check_and_severity() -> None:
    """Each filter alone, on one workload and one claim in trouble."""
    snapshot = troubled(lost_claim("db"))
    assert subjects(snapshot, Filters()) == {"shop/web", "claim data/db"}
    assert subjects(snapshot, Filters(namespaces=("data",))) == {"claim data/db"}
    assert subjects(snapshot, Filters(selector=parse_selector("team=checkout"))) == {"shop/web"}
    assert subjects(snapshot, Filters(only=("claim-lost",))) == {"claim data/db"}
    assert subjects(snapshot, Filters(skip=("storage",))) == {"shop/web"}
    assert subjects(snapshot, Filters(min_severity=Severity.CRITICAL)) == {"claim data/db"}


def test_members_follow_their_owners_label() -> None:
    """The pods do not carry the label, their Deployment does."""
    report = review(troubled(), Filters(selector=parse_selector("team=checkout")))
    assert any(finding.subject.kind == "Pod" for finding in report.findings)
    assert not review(troubled(), Filters(selector=parse_selector("team=other"))).findings


def test_misspelt_check_is_an_error_that_suggests_the_right_one() -> None:
    with pytest.raises(UsageError, match=r"did you mean .*crash-looping"):
        selected_checks(Filters(only=("crash-lopping",)), ALL)


def test_only_a_whole_domain() -> None:
    assert {check.name.partition("/")[0] for check in selected_checks(Filters(only=("nodes",)), ALL)} == {"nodes"}


def test_comparison_marks_new_still_and_gone() -> None:
    """By the cause's id: the same cause with other members is still the same problem."""
    before, now = troubled(lost_claim("old")), troubled(lost_claim("new"))
    report = review(now, Filters(), before)
    marks = {problem.subject: report.marks[problem.id] for problem in report.problems if problem.horizon is Horizon.TODAY}
    assert marks == {"shop/web": Mark.STILL, "claim data/new": Mark.NEW}
    assert [problem.subject for problem in report.gone if problem.horizon is Horizon.TODAY] == ["claim data/old"]
    assert report.compared_with == before.taken_at


def test_forbidden_kind_lowers_coverage_and_names_the_checks_it_leaves_unknown() -> None:
    whole, blind = review(troubled(), Filters()), review(troubled(unread=("Secret",)), Filters())
    assert whole.coverage.ratio == 1.0
    assert blind.coverage.ratio < 1.0
    [seen] = blind.gaps
    assert "certificates/certificate-expiring" in seen.checks
    assert any(finding.verdict is Verdict.UNKNOWN for finding in blind.findings)


def kinds_of(check: Check) -> frozenset[str]:
    """The kinds whose objects a check judges; what stands for several kinds spelled out."""
    kinds = {kind.KIND for kind in check.kinds}
    return frozenset(kinds | ({kind.KIND for kind in RUNNABLE_KINDS} if Runnable in check.kinds else set())) - {"", "CustomWorkload"}


@pytest.mark.parametrize("kind", sorted(frozenset().union(*map(kinds_of, catalog.checks())) - {"ForeignObject"}))
def test_each_forbidden_kind_leaves_its_checks_unknown(kind: str) -> None:
    """For every kind that some check judges: unread, each of these checks is unknown, and none of them passes in silence."""
    report = review(snapshot_of(snapshot_document(unread=(kind,))), Filters())
    unknown = {finding.check for finding in report.findings if finding.verdict is Verdict.UNKNOWN}
    assert {check.name for check in catalog.checks() if kind in kinds_of(check)} <= unknown
