"""Findings with the place of their field in somebody's files."""

import msgspec

from daytwo.engine.observe import FileSource
from daytwo.model.finding import Finding
from daytwo.model.report import Report


def placed(report: Report, source: FileSource) -> Report:
    """The report with every finding's file, line and column. Only what has a finding is looked up: it takes reading a document anew."""

    def place(finding: Finding) -> Finding:
        if finding.origin is None:
            return finding
        return msgspec.structs.replace(finding, place=source.locate(finding.origin, finding.hit.path))

    return msgspec.structs.replace(
        report,
        findings=tuple(map(place, report.findings)),
        exempt=tuple(map(place, report.exempt)),
        notes=(*source.notes, *report.notes),
        files=source.files,
    )
