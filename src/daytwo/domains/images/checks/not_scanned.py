"""The check `images/not-scanned`."""

from collections.abc import Iterator, Mapping

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.ref import Ref
from daytwo.model.runnable import Role, Runnable
from daytwo.model.severity import Basis, Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.vulnerability import VulnerabilityReport


@check(Runnable, heading=Heading.SECURITY, severity=Severity.LOW, basis=Basis.STATE)
def not_scanned(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A container of which Trivy operator has no report, though it reports on others.

    Why: no finding about its image means that nobody looked: the scan failed for want of a pull secret, memory or time.
    Fix: look at the operator's log and its scan jobs for this workload.
    Source: https://aquasecurity.github.io/trivy-operator/latest/docs/vulnerability-scanning/
    Not: any workload of a cluster without a single report: then something else scans, or nothing does, and that is told once by
    whoever decides it. Ephemeral containers are not scanned.
    """
    snapshot.require(VulnerabilityReport.KIND, subject.namespace)
    reported = snapshot.once(_reported)
    if not reported:
        return
    of_subject = reported.get(subject.ref, frozenset())
    missing = [
        placed.container.name
        for placed in subject.all_containers()
        if placed.role is not Role.EPHEMERAL and placed.container.name not in of_subject
    ]
    if missing:
        shown = ", ".join(missing[:3]) + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")
        yield Hit(
            f"no vulnerability report about {'container' if len(missing) == 1 else 'containers'} {shown}",
            path=subject.pod_path,
            fix="look at the scan jobs of Trivy operator",
        )


def _reported(snapshot: Snapshot) -> Mapping[Ref, frozenset[str]]:
    """The containers that were reported on, by the workload at the top."""
    found: dict[Ref, set[str]] = {}
    for report in snapshot.seen(VulnerabilityReport):
        found.setdefault(snapshot.top_owner(report), set()).add(report.container)
    return {owner: frozenset(containers) for owner, containers in found.items()}
