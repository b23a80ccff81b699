"""Findings as annotations of a GitHub Actions log.

Source: https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
"""

from typing import Final

from daytwo.model.finding import Finding
from daytwo.model.report import Report
from daytwo.model.severity import Severity, Verdict
from daytwo.render import telling
from daytwo.render.visible import visible

_COMMAND: Final = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "notice",
    Severity.INFO: "notice",
}


def check(report: Report) -> str:
    """One command a line, worst first: GitHub shows the first ten of each sort. Unknown ones are no annotation."""
    fails = [finding for finding in telling.sorted_findings(report.findings) if finding.verdict is Verdict.FAIL]
    return "".join(f"{_annotation(finding)}\n" for finding in fails)


def _annotation(finding: Finding) -> str:
    properties = {"title": f"{finding.severity}: {finding.check}"}
    place = finding.place
    if place is not None and not place.template:
        properties = {"file": place.file, "line": str(place.line), "col": str(place.column), **properties}
    told = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    fix = f"\nFix: {finding.hit.fix}" if finding.hit.fix else ""
    where = f" ({place.template})" if place is not None and place.template else ""
    message = f"{finding.owner.kind} {finding.owner.short}: {telling.plain_message(finding)}{where}{fix}"
    return f"::{_COMMAND[finding.severity]} {told}::{_data(message)}"


def _data(text: str) -> str:
    shown = "\n".join(visible(line) for line in text.split("\n"))
    return shown.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
