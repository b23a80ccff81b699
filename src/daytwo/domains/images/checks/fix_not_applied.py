"""The check `images/fix-not-applied`."""

from collections.abc import Iterator
from datetime import timedelta

import msgspec

from daytwo.catalog import check
from daytwo.domains.images.reports import Days, is_of_past, require_fresh
from daytwo.model.finding import Evidence, Hit
from daytwo.model.moment import duration
from daytwo.model.severity import Basis, Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.vulnerability import VulnerabilityReport


class Deadlines(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many days after its publication a vulnerability that has a fix may be there; how old a report may be to say anything."""

    critical_days: Days = 15
    high_days: Days = 30
    report_days: Days = 7


@check(VulnerabilityReport, heading=Heading.SECURITY, severity=Severity.MEDIUM, basis=Basis.STATE, options=Deadlines)
def fix_not_applied(report: VulnerabilityReport, snapshot: Snapshot, options: Deadlines) -> Iterator[Hit]:
    """A critical or high vulnerability that was published weeks ago, has a fix, and is still there.

    Why: it shows that images are not rebuilt when there is something to take in, and everybody can look up how it is used.
    Fix: upgrade the component, and rebuild images on a schedule.
    Source: https://aquasecurity.github.io/trivy-operator/latest/docs/crds/vulnerability-report/
    Not: those without a fix, or whose date of publication the report does not tell. The default deadlines, 15 and 30 days, are
    those of CISA's directive BOD 19-02, which counted them from detection.
    """
    if is_of_past(report, snapshot):
        return
    require_fresh(report, snapshot, options.report_days)
    late = []
    for one in report.vulnerabilities:
        allowed = timedelta(days=options.critical_days if one.severity == "CRITICAL" else options.high_days)
        if one.fixed_version and one.published is not None and snapshot.taken_at - one.published > allowed:
            late.append((one.published, one))
    if not late:
        return
    published, oldest = min(late, key=lambda pair: pair[0])
    yield Hit(
        f"container {report.container}: {oldest.id} in {oldest.resource} is known for {duration(snapshot.taken_at - published)} and fixed"
        f" in {oldest.fixed_version}" + (f"; {len(late) - 1} more are overdue" if len(late) > 1 else ""),
        path="report.vulnerabilities",
        item=report.container,
        fix=f"upgrade {oldest.resource} to {oldest.fixed_version}",
        evidence=tuple(Evidence(f"{one.id} ({one.severity.lower()}) was published", when) for when, one in late[:5]),
    )
