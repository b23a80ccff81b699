"""Findings with the place of their field in somebody's files."""

import msgspec

from daytwo.engine.observe import FileSource
from daytwo.model.finding import Finding
from daytwo.model.origin import Origin, Place
from daytwo.model.report import Report


def placed(report: Report, source: FileSource) -> Report:
    """The report with every finding's file, line and column. Only what has a finding is looked up: it takes reading a document anew."""
    wanted = {(finding.origin, finding.hit.path) for finding in (*report.findings, *report.exempt) if finding.origin is not None}
    places: dict[tuple[Origin | None, str], Place] = {}
    # In the order of the files: a document is read once for all that is found in it.
    for origin, path in sorted(wanted, key=lambda one: (one[0].file, one[0].line, one[0].item or 0, one[1])):
        places[origin, path] = source.locate(origin, path)

    def place(finding: Finding) -> Finding:
        found = places.get((finding.origin, finding.hit.path))
        return msgspec.structs.replace(finding, place=found) if found is not None else finding

    return msgspec.structs.replace(
        report,
        findings=tuple(map(place, report.findings)),
        exempt=tuple(map(place, report.exempt)),
        notes=(*source.notes, *report.notes),
        files=source.files,
    )
