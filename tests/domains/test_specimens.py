"""Every check is held against its specimens: at least one that fails and one that passes."""

from pathlib import Path

import pytest

from daytwo.engine.judge import judge
from daytwo.model.severity import Verdict
from tests.specimen import SPECIMENS, assert_expected, read_specimen

FILES = sorted(SPECIMENS.glob("*/*/*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SPECIMENS)))
def test_check_says_what_its_specimen_expects(path: Path) -> None:
    """A fail specimen yields exactly the hits it lists; a pass specimen yields none and was really judged."""
    specimen = read_specimen(path)
    check = specimen.check(f"{path.parent.parent.name}/{path.parent.name}")
    judgement = judge(specimen.snapshot, [check])
    failed = [finding for finding in judgement.findings if finding.verdict is Verdict.FAIL]
    counts = judgement.verdicts[check.name]
    match specimen.verdict:
        case "fail":
            assert specimen.expect, "a fail specimen lists what it expects"
            assert_expected(failed, specimen.expect)
        case "pass":
            assert not failed, [finding.hit.message for finding in failed]
            assert counts[Verdict.PASS] > 0, "no subject was judged; name it inapplicable-*.yaml"
            assert counts[Verdict.UNKNOWN] == 0
        case "unknown":
            assert not failed, [finding.hit.message for finding in failed]
            assert any(finding.verdict is Verdict.UNKNOWN for finding in judgement.findings)
        case "inapplicable":
            assert not judgement.findings
            assert counts[Verdict.PASS] == 0
        case other:
            pytest.fail(f"{path.name} must begin with fail-, pass-, unknown- or inapplicable-, not {other}-")
