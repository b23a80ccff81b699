"""A report as a textfile for a node exporter's textfile collector.

TODAY and THIS WEEK are one series each problem; hygiene is only counted, so that series stay few.
"""

from collections import Counter
from collections.abc import Iterable

from daytwo.model.report import Report
from daytwo.model.severity import Horizon, Severity, Verdict
from daytwo.render.view import View
from daytwo.render.visible import visible

Sample = tuple[dict[str, str], float]


def review(report: Report, view: View) -> str:
    """Exposition format 0.0.4. Every metric has the label `cluster`, so that files of several clusters live in one folder."""
    base = {"cluster": report.cluster.name}
    shown = [problem for problem in report.problems if view.shows(report, problem.id)]
    problems: list[Sample] = [
        ({**base, "id": each.id, "subject": each.subject, "horizon": each.horizon, "severity": each.severity}, 1)
        for each in shown
        if each.horizon is not Horizon.HYGIENE
    ]
    remembered = [(each, report.known[each.id]) for each in shown if each.horizon is not Horizon.HYGIENE and each.id in report.known]
    first_seen: list[Sample] = [({**base, "id": each.id}, known.first_seen_at.timestamp()) for each, known in remembered]
    times: list[Sample] = [({**base, "id": each.id}, known.times_in_a_week) for each, known in remembered]
    counted = Counter((each.horizon, each.severity) for each in shown)
    counts: list[Sample] = [
        ({**base, "horizon": horizon, "severity": severity}, counted[(horizon, severity)]) for horizon in Horizon for severity in Severity
    ]
    failed = Counter((each.check, each.severity) for each in report.findings if each.verdict is Verdict.FAIL)
    unknown = Counter(each.check for each in report.findings if each.verdict is Verdict.UNKNOWN)
    findings: list[Sample] = [({**base, "check": check, "severity": severity}, n) for (check, severity), n in sorted(failed.items())]
    unknowns: list[Sample] = [({**base, "check": check}, number) for check, number in sorted(unknown.items())]
    families = (
        _family("daytwo_problem", "A problem of today or this week; its id stays as long as its cause does.", problems),
        *(
            (
                _family(
                    "daytwo_problem_first_seen_timestamp_seconds", "When a problem was first seen, as the ledger remembers.", first_seen
                ),
                _family("daytwo_problem_times_in_7_days", "How often it was there in the last 7 days, as the ledger remembers.", times),
            )
            if remembered
            else ()
        ),
        _family("daytwo_problems", "Problems by horizon and severity, hygiene included.", counts),
        _family("daytwo_findings", "Failing findings by check.", findings),
        _family("daytwo_unknown_findings", "Findings that could not be told because something could not be read, by check.", unknowns),
        _family("daytwo_coverage_ratio", "Of all that was asked for, the share that could be read.", [(base, report.coverage.ratio)]),
        _family("daytwo_gaps", "Things that could not be read.", [(base, len(report.gaps))]),
        _family("daytwo_snapshot_timestamp_seconds", "When the cluster was looked at.", [(base, report.taken_at.timestamp())]),
    )
    return "".join(families)


def _family(name: str, help: str, samples: Iterable[Sample]) -> str:
    rows = "".join(f"{name}{_labels(labels)} {_number(value)}\n" for labels, value in samples)
    return f"# HELP {name} {help}\n# TYPE {name} gauge\n{rows}"


def _labels(labels: dict[str, str]) -> str:
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    return visible(value).replace("\\", "\\\\").replace('"', '\\"')


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)
