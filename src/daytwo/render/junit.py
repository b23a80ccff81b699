"""Findings as JUnit XML, as CI servers read it: a suite for each check, a case for each object that fails it.

Source: https://github.com/testmoapp/junitxml
"""

from xml.sax.saxutils import escape, quoteattr

from daytwo.model.finding import Finding
from daytwo.model.report import Report
from daytwo.model.severity import Verdict
from daytwo.render import telling
from daytwo.render.visible import visible
from daytwo.render.words import counted


def check(report: Report) -> str:
    """Each check that was asked is a suite: its fails, its unknowns as skipped, and its passes as one case."""
    by_check: dict[str, list[Finding]] = {name: [] for name in sorted(report.verdicts)}
    for finding in telling.sorted_findings(report.findings):
        by_check.setdefault(finding.check, []).append(finding)
    suites = [_suite(report, name, findings) for name, findings in by_check.items()]
    tests, failures, skipped = (sum(numbers) for numbers in zip(*(counts for _, counts in suites), strict=True)) if suites else (0, 0, 0)
    head = f'<testsuites name="daytwo" tests="{tests}" failures="{failures}" errors="0" skipped="{skipped}">'
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', head, *(text for text, _ in suites if text), "</testsuites>", ""])


def _suite(report: Report, name: str, findings: list[Finding]) -> tuple[str, tuple[int, int, int]]:
    passed = report.verdicts.get(name, {}).get(Verdict.PASS, 0)
    failures = sum(finding.verdict is Verdict.FAIL for finding in findings)
    skipped = len(findings) - failures
    tests = len(findings) + (passed > 0)
    if not tests:
        # It is for nothing that is there.
        return "", (0, 0, 0)
    rows = [_case(name, finding) for finding in findings]
    if passed:
        rows.append(f"    <testcase classname={_attribute(name)} name={_attribute(counted(passed, 'object'))}/>")
    head = f'  <testsuite name={_attribute(name)} tests="{tests}" failures="{failures}" errors="0" skipped="{skipped}">'
    return "\n".join([head, *rows, "  </testsuite>"]), (tests, failures, skipped)


def _case(name: str, finding: Finding) -> str:
    who = str(finding.owner) if finding.verdict is Verdict.FAIL else str(finding.gap or finding.subject)
    item = f" {finding.hit.item}" if finding.hit.item else ""
    place = f" file={_attribute(finding.place.file)} line={_attribute(str(finding.place.line))}" if finding.place is not None else ""
    head = f"    <testcase classname={_attribute(name)} name={_attribute(who + item)}{place}>"
    message = telling.plain_message(finding)
    if finding.verdict is not Verdict.FAIL:
        return f"{head}<skipped message={_attribute(message)}/></testcase>"
    where, fix = str(finding.place or ""), f"Fix: {finding.hit.fix}" if finding.hit.fix else ""
    lines = [line for line in (message, where, fix) if line]
    body = escape("\n".join(map(visible, lines)))
    return f"{head}<failure message={_attribute(message)} type={_attribute(finding.severity)}>{body}</failure></testcase>"


def _attribute(text: str) -> str:
    return quoteattr(visible(text))
