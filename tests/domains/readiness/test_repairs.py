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
