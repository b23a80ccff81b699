"""A repair of images or deliveries mends what it is for and brings no other finding; what has none says why."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from daytwo import catalog
from daytwo.engine.judge import judge
from daytwo.model.finding import Finding
from daytwo.model.severity import Basis, Verdict
from tests.pod_security.test_repairs import apply
from tests.specimen import SPECIMENS, snapshot_of

DOMAINS = ("images", "delivery", "operations")
FAILING = sorted(path for domain in DOMAINS for path in SPECIMENS.glob(f"{domain}/*/fail-*.yaml"))
CHECKS = [check for check in catalog.checks() if check.name.partition("/")[0] in DOMAINS and check.basis is Basis.SPEC]


@pytest.mark.parametrize("path", FAILING, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_repair_mends_its_finding_and_brings_no_other(path: Path) -> None:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    findings = failures(document)
    known = {finding.fingerprint for finding in findings}
    for finding in findings:
        if finding.hit.repair is None:
            assert finding.hit.by_hand, f"{finding.check} neither repairs {finding.hit.message!r} nor says why not"
            continue
        after = deepcopy(document)
        for edit in finding.hit.repair.edits:
            apply(subject_in(after, finding), edit)
        left = {one.fingerprint for one in failures(after)}
        assert finding.fingerprint not in left, f"{finding.check} is not mended: {finding.hit}"
        assert left <= known, f"the repair of {finding.check} broke something"


def test_some_checks_can_be_repaired() -> None:
    """By name, so that none is lost unnoticed."""
    repaired = {
        finding.check
        for path in FAILING
        for finding in failures(yaml.safe_load(path.read_text(encoding="utf-8")))
        if finding.hit.repair is not None
    }
    assert repaired == {
        "delivery/annotation-without-effect",
        "delivery/api-version-deprecated",
        "delivery/api-version-removed",
        "delivery/node-label-deprecated",
        "images/pull-policy-never",
        "images/registry-retired",
    }


def failures(document: dict[str, Any]) -> list[Finding]:
    judgement = judge(snapshot_of(document), CHECKS)
    return [finding for finding in judgement.findings if finding.verdict is Verdict.FAIL]


def subject_in(document: dict[str, Any], finding: Finding) -> dict[str, Any]:
    bare = finding.subject.kind.partition(".")[0]
    return next(item for item in document["items"] if (item["kind"], item["metadata"]["name"]) == (bare, finding.subject.name))
