"""A repair of a budget, an autoscaler or a container's resources mends what it is for, and brings nothing as bad."""

from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from daytwo import catalog
from daytwo.engine.judge import judge
from daytwo.model.finding import Finding
from daytwo.model.repair import applied
from daytwo.model.severity import Basis, Verdict
from daytwo.sources.kubernetes.decode import decode_any
from tests.specimen import SPECIMENS, snapshot_of

Document = dict[str, Any]

DOMAINS = ("disruption", "autoscaling", "resources")
FAILING = sorted(path for domain in DOMAINS for path in SPECIMENS.glob(f"{domain}/*/fail-*.yaml"))


@pytest.mark.parametrize("path", FAILING, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_repair_mends_its_finding_and_brings_nothing_as_bad(path: Path) -> None:
    """Each by itself; what has none says why only a person can."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    findings = failures(document)
    known = {finding.fingerprint for finding in findings}
    for finding in findings:
        if finding.hit.repair is None:
            assert finding.hit.by_hand, f"{finding.check} neither repairs {finding.hit.message!r} nor says why not"
            continue
        after = deepcopy(document)
        index = next(index for index, item in enumerate(after["items"]) if is_subject(item, finding))
        after["items"][index] = applied(after["items"][index], finding.hit.repair.edits)
        after["items"].extend(finding.hit.repair.documents)
        left = failures(after)
        assert finding.fingerprint not in {one.fingerprint for one in left}, f"{finding.check} is not mended: {finding.hit}"
        # Nothing as bad as what it mends.
        worse = [one for one in left if one.fingerprint not in known and one.severity.at_least(finding.severity)]
        new = [f"{one.check}: {one.hit.message}" for one in worse]
        assert not new, f"the repair of {finding.check} brought {new}"


def test_these_can_be_repaired() -> None:
    """By name, so that none is lost unnoticed."""
    found = {
        finding.check
        for path in FAILING
        for finding in failures(yaml.safe_load(path.read_text(encoding="utf-8")))
        if finding.hit.repair is not None
    }
    assert found == {
        "autoscaling/hpa-without-target",
        "autoscaling/metric-of-absent-container",
        "autoscaling/scale-down-without-stabilization",
        "autoscaling/static-replicas-beside-autoscaler",
        "disruption/budget-without-rule",
        "disruption/missing-pod-disruption-budget",
        "disruption/unhealthy-pods-not-evictable",
        "resources/extended-resource-overcommitted",
        "resources/go-memory-limit-above-limit",
        "resources/quantity-unreadable",
        "resources/request-implied-by-limit",
    }


def test_a_budget_is_written_with_the_selector_of_its_workload() -> None:
    """With its expressions, and the namespace only where the workload's file names it."""
    selector = {"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "old", "operator": "DoesNotExist"}]}
    workload: Document = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"replicas": 2, "selector": selector, "template": {"metadata": {"labels": {"app": "web", "tier": "front"}}}},
    }
    (found,) = [one for one in failures(document_of(workload)) if one.check == "disruption/missing-pod-disruption-budget"]
    assert found.hit.repair is not None
    (budget,) = found.hit.repair.documents
    assert budget["metadata"] == {"name": "web", "namespace": "shop"}
    assert budget["spec"] == {"maxUnavailable": 1, "unhealthyPodEvictionPolicy": "AlwaysAllow", "selector": selector}


@pytest.mark.parametrize("selector", [{}, {"matchLabels": {"app": "other"}}])
def test_without_a_selector_that_holds_no_budget_is_written(selector: Document) -> None:
    """An empty one would select every pod of the namespace, and one that does not match its own pods protects none."""
    template = {"metadata": {"labels": {"app": "web"}}}
    workload = {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "web", "namespace": "shop"}}
    findings = failures(document_of({**workload, "spec": {"replicas": 2, "selector": selector, "template": template}}))
    (found,) = [one for one in findings if one.check == "disruption/missing-pod-disruption-budget"]
    assert found.hit.repair is None
    assert found.hit.by_hand


def document_of(*items: Document) -> Document:
    return {"at": "2026-11-20T08:00:00Z", "items": list(items)}


def failures(document: Document) -> list[Finding]:
    return [finding for finding in judge(snapshot_of(document), checks()).findings if finding.verdict is Verdict.FAIL]


def is_subject(item: Document, finding: Finding) -> bool:
    found = decode_any(msgspec.json.encode(item))
    return found is not None and found.ref == finding.subject


@cache
def checks() -> tuple[catalog.Check, ...]:
    return tuple(one for one in catalog.checks() if one.name.partition("/")[0] in DOMAINS and one.basis is Basis.SPEC)
