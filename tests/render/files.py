"""A small report about somebody's files, built by hand: hostile names, an exemption, one rendered from a template, one unknown."""

from datetime import date

from msgspec.structs import replace

from daytwo.model.cluster import Cluster
from daytwo.model.exemption import Exemption
from daytwo.model.finding import Finding, Hit
from daytwo.model.gap import Gap
from daytwo.model.origin import Origin, Place
from daytwo.model.ref import Cell, Ref
from daytwo.model.repair import setting
from daytwo.model.report import Coverage, Report
from daytwo.model.selector import parse_selector
from daytwo.model.severity import Basis, Harm, Heading, Severity, Verdict
from tests.render.shop import at

WEB = Ref("Deployment", "shop", "web")
HOSTILE = Ref("Deployment", "shop", "a&b<c>\x1b[31m::error,x=1%")
MISSING = Gap("files", "networkpolicies", "not among these files", Cell("NetworkPolicy"))
ACCEPTED = Exemption(
    check="workloads/oom-killed",
    reason="the vendor's chart",
    owner="team-shop",
    ticket="SHOP-12",
    expires=date(2026, 12, 31),
    place="exemptions.yaml:2:5",
)


def fail(check: str, owner: Ref, severity: Severity, place: Place | None, message: str = "is not as it should be") -> Finding:
    return Finding(
        check,
        owner,
        owner,
        Verdict.FAIL,
        severity,
        Heading.SECURITY,
        Harm.NONE,
        Hit(message, path="spec.replicas", item="app", fix="write 2", repair=setting("spec.replicas", 2)),
        basis=Basis.SPEC,
        origin=Origin(place.file) if place is not None else None,
        place=place,
    )


EXACT = fail("workloads/crash-looping", WEB, Severity.CRITICAL, Place("deploy/my web.yaml", 12, 5))
STRANGE = fail("workloads/in-one-zone", HOSTILE, Severity.MEDIUM, Place("./deploy/ä,b:c.yaml", 3, 1), "says \x00 100 % of\nit")
RENDERED = fail("workloads/on-one-node", WEB, Severity.LOW, Place("charts/web", 40, 7, "web/templates/deployment.yaml"))
NOWHERE = fail("workloads/failed-job", Ref("Job", "shop", "night"), Severity.HIGH, None)
EXEMPT = replace(fail("workloads/oom-killed", WEB, Severity.HIGH, Place("deploy/my web.yaml", 20, 3)), exemption=ACCEPTED)
LAPSED = replace(
    fail("workloads/evicted", WEB, Severity.INFO, Place("deploy/my web.yaml", 1, 1)), lapsed=replace(ACCEPTED, expires=date(2026, 1, 31))
)
UNKNOWN = Finding(
    "network/ingress-without-class",
    Ref("NetworkPolicy", "", ""),
    Ref("NetworkPolicy", "", ""),
    Verdict.UNKNOWN,
    Severity.HIGH,
    Heading.SECURITY,
    Harm.NONE,
    Hit(f"cannot tell for 2 objects: {MISSING}"),
    gap=MISSING,
)
FILES = Report(
    title="deploy",
    taken_at=at("08:00"),
    cluster=Cluster("deploy", version="v1.36"),
    objects=5,
    namespaces=1,
    coverage=Coverage(1, 1),
    findings=(EXACT, STRANGE, RENDERED, NOWHERE, LAPSED, UNKNOWN),
    exempt=(EXEMPT,),
    unused=(
        replace(
            ACCEPTED,
            check="workloads/failed-job",
            kind="Job",
            name="night",
            selector=parse_selector("app=web,tier!=x"),
            place="exemptions.yaml:9:5",
        ),
    ),
    notes=("3 files hold no object of Kubernetes",),
    verdicts={
        "workloads/crash-looping": {Verdict.PASS: 3, Verdict.FAIL: 1, Verdict.UNKNOWN: 0, Verdict.NOT_APPLICABLE: 0},
        "workloads/cronjob-misses": {Verdict.PASS: 0, Verdict.FAIL: 0, Verdict.UNKNOWN: 0, Verdict.NOT_APPLICABLE: 4},
    },
    profile="default",
    is_of_files=True,
    files=4,
)
EMPTY = replace(FILES, findings=(), exempt=(), unused=(), notes=(), verdicts={})
