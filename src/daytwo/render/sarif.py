"""Findings as SARIF 2.1.0, within the limits that GitHub's code scanning documents.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/ and
https://docs.github.com/en/code-security/code-scanning/troubleshooting-sarif-uploads/results-exceed-limit
"""

import string
from typing import Final

from daytwo import __version__, catalog
from daytwo.model.exemption import Exemption
from daytwo.model.finding import Finding
from daytwo.model.json import Object
from daytwo.model.origin import Place
from daytwo.model.report import Report
from daytwo.model.severity import Severity, Verdict
from daytwo.render import json, telling
from daytwo.render.visible import visible

MOST_RESULTS: Final = 25_000
_MOST_TEXT: Final = 1024
_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVEL: Final = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
# GitHub reads these as over 9.0 critical, 7.0 to 8.9 high, 4.0 to 6.9 medium, below that low.
_SCORE: Final = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "3.0", Severity.INFO: "1.0"}
# What RFC 3986 lets stand in a path.
_PLAIN: Final = frozenset((string.ascii_letters + string.digits + "-._~/!$&'()*+,;=@").encode())


def check(report: Report) -> str:
    """Fails that stand in a file, worst first, as results; exempt ones are suppressed. `left_out` counts the others."""
    found = _told(report)
    names = list(dict.fromkeys(finding.check for finding in found))
    rules = {name: index for index, name in enumerate(names)}
    worst = {name: min((one.severity for one in found if one.check == name), key=lambda one: one.rank) for name in names}
    return json.encoded(
        {
            "$schema": _SCHEMA,
            "version": "2.1.0",
            "runs": [
                {
                    "tool": {
                        "driver": {
                            "name": "daytwo",
                            "semanticVersion": __version__,
                            "rules": [_rule(name, worst[name]) for name in names],
                        }
                    },
                    "columnKind": "unicodeCodePoints",
                    "results": [_result(finding, rules[finding.check]) for finding in found],
                }
            ],
        }
    )


def left_out(report: Report) -> int:
    """How many fails have no place in a file, or are more than an upload may hold."""
    fails = sum(finding.verdict is Verdict.FAIL for finding in report.findings)
    return fails - sum(finding.exemption is None for finding in _told(report))


def _told(report: Report) -> list[Finding]:
    fails = [one for one in (*report.findings, *report.exempt) if one.verdict is Verdict.FAIL and one.place is not None]
    return telling.sorted_findings(fails)[:MOST_RESULTS]


def _rule(name: str, severity: Severity) -> Object:
    check = catalog.find_check(name)
    page = check.page
    return {
        "id": name,
        "name": "".join(part.capitalize() for part in name.partition("/")[2].split("-")),
        "shortDescription": {"text": _short(page.summary)},
        "fullDescription": {"text": _short(f"{page.summary} {page.why}")},
        "help": {"text": _plain(f"Why: {page.why}\nFix: {page.fix}\nSource: {page.source}")},
        "defaultConfiguration": {"level": _LEVEL[severity]},
        "properties": {
            "tags": [str(check.heading)],
            "precision": "high",
            "problem.severity": _LEVEL[severity].replace("note", "recommendation"),
            **({"security-severity": _SCORE[severity]} if check.heading == "security" else {}),
        },
    }


def _result(finding: Finding, rule: int) -> Object:
    place = finding.place
    assert place is not None
    fix = f" Fix: {finding.hit.fix}." if finding.hit.fix else ""
    return {
        "ruleId": finding.check,
        "ruleIndex": rule,
        "level": _LEVEL[finding.severity],
        "message": {"text": _plain(f"{finding.owner.kind} {finding.owner.short}: {telling.plain_message(finding)}.{fix}")},
        "locations": [{"physicalLocation": _location(place)}],
        # The same document twice, under dev/ and prod/, is two alerts.
        "partialFingerprints": {"daytwo/v1": f"{finding.fingerprint}:{finding.origin.file if finding.origin else ''}"},
        **({"suppressions": [_suppression(finding.exemption)]} if finding.exemption is not None else {}),
    }


def _location(place: Place) -> Object:
    if place.template:
        # Lines of what was rendered are not lines of the template.
        inner = place.template.partition("/")[2] if place.template.count("/") > 0 else place.template
        return {"artifactLocation": {"uri": _uri(f"{place.file}/{inner}")}}
    return {"artifactLocation": {"uri": _uri(place.file)}, "region": {"startLine": place.line, "startColumn": place.column}}


def _suppression(exemption: Exemption) -> Object:
    return {"kind": "external", "status": "accepted", "justification": _plain(f"{exemption.reason} ({exemption.owner})")}


def _uri(path: str) -> str:
    """A path relative to where daytwo ran, as a URI reference."""
    return "".join(chr(byte) if byte in _PLAIN else f"%{byte:02X}" for byte in path.removeprefix("./").encode("utf-8", "surrogateescape"))


def _short(text: str) -> str:
    plain = _plain(text)
    return plain if len(plain) <= _MOST_TEXT else f"{plain[: _MOST_TEXT - 1]}…"


def _plain(text: str) -> str:
    return "\n".join(visible(line) for line in text.split("\n"))
