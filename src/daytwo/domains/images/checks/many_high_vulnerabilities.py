"""The check `images/many-high-vulnerabilities`."""

from collections.abc import Iterator
from typing import Annotated

import msgspec

from daytwo.catalog import check
from daytwo.domains.images.reports import Days, is_of_past, require_fresh
from daytwo.model.finding import Hit
from daytwo.model.severity import Basis, Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.vulnerability import VulnerabilityReport


class High(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`most`: how many vulnerabilities of severity high an image may have; `report_days`: how old a report may be to say anything."""

    most: Annotated[int, msgspec.Meta(ge=0)] = 4
    report_days: Days = 7


@check(VulnerabilityReport, heading=Heading.SECURITY, severity=Severity.MEDIUM, basis=Basis.STATE, options=High)
def many_high_vulnerabilities(report: VulnerabilityReport, snapshot: Snapshot, options: High) -> Iterator[Hit]:
    """An image with five or more vulnerabilities of severity high, as Trivy operator counts them.

    Why: one may not matter in this program; that many say that the image has not been rebuilt for a while.
    Fix: rebuild the image on a current base, and have that done on a schedule.
    Source: https://aquasecurity.github.io/trivy-operator/latest/docs/crds/vulnerability-report/
    Not: reports of revisions that run no more. A report that is old, or about another image than the one asked for now, is unknown.
    """
    if is_of_past(report, snapshot):
        return
    require_fresh(report, snapshot, options.report_days)
    if report.high > options.most:
        yield Hit(
            f"container {report.container} runs {report.artifact.repository} with {report.high} vulnerabilities of severity high;"
            f" {options.most} are allowed",
            path="report.summary.highCount",
            item=report.container,
            fix="rebuild the image on a current base",
        )
