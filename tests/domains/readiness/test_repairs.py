"""A repair of this domain mends what it is for, and breaks nothing that was whole."""

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
from daytwo.model.severity import Verdict
from daytwo.sources.kubernetes.decode import decode_any
from tests.specimen import SPECIMENS, snapshot_of

Document = dict[str, Any]

FAILING = sorted(SPECIMENS.glob("readiness/*/fail-*.yaml"))


@pytest.mark.parametrize("path", FAILING, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_repair_of_a_specimen_mends_it(path: Path) -> None:
    """Each repair by itself: its finding is gone afterwards, and none has come that is worse than a hint."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    findings = failures(document)
    known = {finding.fingerprint for finding in findings}
    for finding in findings:
        if finding.hit.repair is None:
            assert finding.hit.by_hand, f"{finding.check} neither repairs {finding.hit.message!r} nor says why not"
            continue
        after = deepcopy(document)
        index = next(
            index
            for index, item in enumerate(after["items"])
            if (found := decode_any(msgspec.json.encode(item))) is not None and found.ref == finding.subject
        )
        after["items"][index] = applied(after["items"][index], finding.hit.repair.edits)
        after["items"].extend(finding.hit.repair.documents)
        left = failures(after)
        assert finding.fingerprint not in {one.fingerprint for one in left}, f"{finding.check} is not mended: {finding.hit}"
        worse = [one for one in left if one.fingerprint not in known and one.severity.rank <= finding.severity.rank]
        assert not worse, f"the repair of {finding.check} broke something: {worse[0].check}: {worse[0].hit.message}"


def failures(document: Document) -> list[Finding]:
    return [finding for finding in judge(snapshot_of(document), checks()).findings if finding.verdict is Verdict.FAIL]


@cache
def checks() -> tuple[catalog.Check, ...]:
    return tuple(check for check in catalog.checks() if check.name.startswith("readiness/"))


# -- where none is safe -------------------------------------------------------------------------------------------


def test_a_sleep_before_the_end_takes_a_cluster_that_knows_it_and_time_for_it() -> None:
    """The native sleep is on from 1.30; in a grace period of 14 seconds it would take the program's own time."""
    assert offers(serving({}), "v1.30.0", "no-time-to-drain")
    assert not offers(serving({}), "v1.29.9", "no-time-to-drain")
    assert not offers(serving({}), "", "no-time-to-drain")
    assert offers(serving({"terminationGracePeriodSeconds": 15}), "v1.36.2", "no-time-to-drain")
    assert not offers(serving({"terminationGracePeriodSeconds": 14}), "v1.36.2", "no-time-to-drain")


@pytest.mark.parametrize("check", ["spread-counts-others", "wide-skew"])
def test_a_hard_constraint_is_left_to_people(check: str) -> None:
    """One that begins to count may leave pods without a node; a soft one cannot."""
    labels = {"app": "other"} if check == "spread-counts-others" else {"app": "web"}
    constraint = {"maxSkew": 5, "topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": labels}}
    soft = serving({"topologySpreadConstraints": [{**constraint, "whenUnsatisfiable": "ScheduleAnyway"}]})
    hard = serving({"topologySpreadConstraints": [{**constraint, "whenUnsatisfiable": "DoNotSchedule"}]})
    assert offers(soft, "v1.36.2", check)
    assert not offers(hard, "v1.36.2", check)


def serving(spec: Document) -> list[Document]:
    pod_spec = {"containers": [{"name": "web", "image": "web"}], **spec}
    template = {"metadata": {"labels": {"app": "web"}}, "spec": pod_spec}
    return [
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "web", "namespace": "shop"},
            "spec": {"replicas": 3, "selector": {"matchLabels": {"app": "web"}}, "template": template},
        },
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "web", "namespace": "shop"},
            "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]},
        },
    ]


def offers(items: list[Document], version: str, check: str) -> bool:
    """Whether the one finding of this check brings a repair."""
    document = {"at": "2026-11-20T08:00:00Z", "version": version, "items": items}
    (finding,) = (finding for finding in failures(document) if finding.check == f"readiness/{check}")
    return finding.hit.repair is not None
