"""A repair mends what it is for, breaks nothing that was whole, and leaves an object that the API server takes."""

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
from daytwo.model.path import index_of, parse
from daytwo.model.repair import Edit
from daytwo.model.severity import Verdict
from daytwo.sources.kubernetes.decode import decode_any
from tests.pod_security.admission import Question, ask
from tests.pod_security.pods import Pods
from tests.servers.control_plane import ControlPlane
from tests.specimen import SPECIMENS, snapshot_of

Object = dict[str, Any]

FAILING = sorted(SPECIMENS.glob("pod-security/*/fail-*.yaml"))


@pytest.mark.parametrize("path", FAILING, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_repair_of_a_specimen_mends_it(path: Path) -> None:
    """Each repair by itself: its finding is gone afterwards, and no other has come."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert_mends(document)


def test_repairs_of_drawn_pods_mend_them() -> None:
    """Settings mixed at both levels, as nobody writes a specimen."""
    pods = Pods(seed=5)
    mended = sum(assert_mends(_alone(pods.pod(f"pod-{number}"))) for number in range(300))
    assert mended > 300, f"only {mended} repairs were tried"


@pytest.mark.cluster
@pytest.mark.xdist_group("pod-security")
@pytest.mark.usefixtures("client")
def test_the_api_server_takes_what_is_repaired(control_plane: ControlPlane) -> None:
    """All repairs of a pod at once; what was valid stays valid."""
    pods = Pods(seed=6)
    drawn = [pods.pod(f"pod-{number}") for number in range(500)]
    valid = [
        pod
        for pod, answer in zip(drawn, ask(control_plane, [Question(pod, "baseline", "latest") for pod in drawn]), strict=True)
        if not answer.invalid
    ]
    repaired = [_repaired(pod) for pod in valid]
    answers = ask(control_plane, [Question(pod, "baseline", "latest") for pod in repaired])
    assert [answer.invalid for answer in answers if answer.invalid] == []
    assert sum(before != after for before, after in zip(valid, repaired, strict=True)) > 200


# -- what is done to them -----------------------------------------------------------------------------------------


def assert_mends(document: Object) -> int:
    """How many repairs there were, each of which was tried by itself."""
    findings = _failures(document)
    known = {finding.fingerprint for finding in findings}
    count = 0
    for finding in findings:
        if finding.hit.repair is None:
            assert finding.hit.by_hand, f"{finding.check} neither repairs {finding.hit.message!r} nor says why not"
            continue
        count += 1
        after = deepcopy(document)
        subject = next(item for item in after["items"] if (found := decode_any(msgspec.json.encode(item))) and found.ref == finding.subject)
        for edit in finding.hit.repair.edits:
            apply(subject, edit)
        left = {one.fingerprint for one in _failures(after)}
        assert finding.fingerprint not in left, f"{finding.check} is not mended: {finding.hit}"
        assert left <= known, f"the repair of {finding.check} broke something"
    return count


def _failures(document: Object) -> list[Finding]:
    return [finding for finding in judge(snapshot_of(document), _checks()).findings if finding.verdict is Verdict.FAIL]


@cache
def _checks() -> tuple[catalog.Check, ...]:
    return tuple(check for check in catalog.checks() if check.name.startswith("pod-security/"))


def _alone(pod: Object) -> Object:
    return {"at": "2026-11-20T08:00:00Z", "items": [{**pod, "metadata": {**pod["metadata"], "namespace": "shop"}}]}


def _repaired(pod: Object) -> Object:
    after = deepcopy(pod)
    for finding in _failures(_alone(pod)):
        if finding.hit.repair is not None:
            for edit in finding.hit.repair.edits:
                apply(after, edit)
    return after


def apply(document: Object, edit: Edit) -> None:
    """Does to plain values what an edit asks for in a file. Removing what is already gone does nothing."""
    *above, last = parse(edit.path)
    value: Any = document
    for part in above:
        if isinstance(value, list):
            index = index_of(value, part.name)
            if index is None:
                return
            value = value[index]
        else:
            value = value.setdefault(part.name, {})
    if isinstance(value, list):
        index = index_of(value, last.name)
        assert edit.is_removal, edit
        if index is not None:
            del value[index]
    elif edit.is_removal:
        value.pop(last.name, None)
    else:
        value[last.name] = edit.value
