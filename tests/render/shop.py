"""A small report of a sample shop, built by hand: what the engine would say about it."""

from datetime import UTC, datetime

from msgspec.structs import replace

from daytwo.model.cluster import Cluster
from daytwo.model.command import Next, kubectl
from daytwo.model.finding import Evidence, Finding, Hit, Since
from daytwo.model.gap import Gap
from daytwo.model.problem import Affected, ChangeSeen, Problem
from daytwo.model.ref import Cell, Ref
from daytwo.model.report import Coverage, GapSeen, Report
from daytwo.model.severity import Harm, Heading, Horizon, Severity, Verdict


def at(text: str) -> datetime:
    """`07:12` on the day of the look, or a whole ISO time."""
    return datetime.fromisoformat(text if "T" in text else f"2026-11-20T{text}").replace(tzinfo=UTC)


def finding(
    check: str,
    subject: Ref,
    message: str,
    *,
    severity: Severity = Severity.HIGH,
    heading: Heading = Heading.RELIABILITY,
    harm: Harm = Harm.ACTIVE,
    owner: Ref | None = None,
    since: Since | None = None,
    due: datetime | None = None,
    item: str = "",
    fix: str = "",
) -> Finding:
    hit = Hit(message, item=item, since=since, due=due, fix=fix)
    return Finding(check, subject, owner or subject, Verdict.FAIL, severity, heading, harm, hit)


PAYMENTS = Ref("Deployment", "shop", "payments")
CRASHING = tuple(
    finding(
        "workloads/crash-looping",
        Ref("Pod", "shop", pod),
        f"container app is crash-looping: out of memory (limit 256Mi, {restarts} restarts)",
        owner=PAYMENTS,
        since=Since(at("07:12")),
        item="app",
    )
    for pod, restarts in (("payments-7c9d-x2x", 14), ("payments-7c9d-k8m", 9))
)
CRASH_LOOP = Problem(
    id="3f2a91c07d",
    cause=PAYMENTS,
    subject="shop/payments",
    title="2 of 3 pods are crash-looping{since}: out of memory (limit 256Mi, 14 restarts)",
    severity=Severity.CRITICAL,
    horizon=Horizon.TODAY,
    why_horizon="users reach it through Ingress shop/web, and 1 of 3 replicas is left",
    findings=CRASHING,
    since=Since(at("07:12")),
    change=ChangeSeen(at("07:09"), "revision 9 rolled out {at}, revision 8 had been current for 12 days", "rollout", who="helm"),
    know=(Evidence("pod payments-7c9d-x2x: last state OOMKilled", at("07:58")),),
    timeline=(
        Evidence("revision 9 rolled out", at("07:09")),
        Evidence("pod payments-7c9d-x2x: container app OOMKilled, exit code 137", at("07:12")),
        Evidence("pod payments-7c9d-k8m: container app OOMKilled, exit code 137", at("07:15")),
    ),
    affected=(
        Affected(
            PAYMENTS,
            3,
            1,
            "users reach it through Ingress shop/web",
            pods=("payments-7c9d-k8m", "payments-7c9d-p4q", "payments-7c9d-x2x"),
            nodes=("ip-10-2-1-7", "ip-10-2-3-9", "ip-10-2-5-2"),
            zones=("eu-west-1a", "eu-west-1b", "eu-west-1c"),
            services=("payments",),
        ),
    ),
    logs=("starting payments 2.14.0", "loading 1.2 GB of rates", "fatal: \x1b[31mcannot allocate\x1b[0m"),
    next=Next(
        confirm=kubectl("logs", "payments-7c9d-x2x", "-c", "app", "--previous", "--tail=50", namespace="shop"),
        repair=kubectl("rollout", "undo", "deployment/payments", "--to-revision=8", namespace="shop"),
        note="Helm owns it: the next upgrade brings revision 9 back unless the chart changes too",
    ),
)

NODE = Ref("Node", "", "ip-10-2-3-4")
NODE_LOST = Problem(
    id="84be1d5500",
    cause=NODE,
    subject="node ip-10-2-3-4",
    title="not ready{since}: kubelet stopped reporting; 11 pods of 6 workloads on it, 2 workloads have no other replica",
    severity=Severity.HIGH,
    horizon=Horizon.TODAY,
    why_horizon="search/indexer and data/exports have no other replica",
    findings=(finding("nodes/not-ready", NODE, "not ready: kubelet stopped reporting", since=Since(at("07:40"))),),
    since=Since(at("07:40")),
    know=(Evidence("lease last renewed", at("07:39")), Evidence("condition Ready is Unknown (NodeStatusUnknown)", at("07:40"))),
    next=Next(confirm=kubectl("get", "pods", "-A", "--field-selector", "spec.nodeName=ip-10-2-3-4")),
)

CERTIFICATE = Ref("Secret", "edge", "shop-example-tls")
EXPIRING = Problem(
    id="11c0ffee11",
    cause=CERTIFICATE,
    subject="edge/shop-example-tls",
    title="certificate for shop.example expires soon",
    severity=Severity.MEDIUM,
    horizon=Horizon.WEEK,
    why_horizon="it expires within 14 days",
    findings=(
        finding(
            "certificates/expiring",
            CERTIFICATE,
            "certificate for shop.example expires soon",
            severity=Severity.MEDIUM,
            heading=Heading.OPERATIONS,
            harm=Harm.ONE_EVENT_AWAY,
            due=at("2026-11-26T08:00"),
        ),
    ),
    next=Next(confirm=kubectl("get", "certificate", namespace="edge")),
)

AUTOSCALER = Ref("HorizontalPodAutoscaler", "shop", "checkout")
NO_METRICS = Problem(
    id="9a9a9a9a9a",
    cause=Ref("APIService", "", "v1beta1.metrics.k8s.io"),
    subject="shop/checkout",
    title="the autoscaler gets no metrics{since}: v1beta1.metrics.k8s.io does not answer",
    severity=Severity.MEDIUM,
    horizon=Horizon.WEEK,
    why_horizon="a traffic peak would not be met",
    findings=(
        finding(
            "autoscaling/autoscaler-without-metrics",
            AUTOSCALER,
            "gets no metrics: v1beta1.metrics.k8s.io does not answer",
            severity=Severity.MEDIUM,
            harm=Harm.ONE_EVENT_AWAY,
            since=Since(at("2026-11-18T04:02"), exact=False),
        ),
    ),
    since=Since(at("2026-11-18T04:02"), exact=False),
)


def hygiene(index: int, heading: Heading) -> Problem:
    ref = Ref("Deployment", "shop", f"worker-{index}")
    found = finding(
        "workloads/one-replica",
        ref,
        "one replica stands behind Service shop/worker",
        severity=Severity.LOW,
        heading=heading,
        harm=Harm.NONE,
    )
    return Problem(f"{index:010x}", ref, ref.short, found.hit.message, Severity.LOW, Horizon.HYGIENE, "no user is hurt by it", (found,))


HYGIENE = tuple(hygiene(index, Heading.RELIABILITY if index % 3 else Heading.RESOURCES) for index in range(1, 9))

VAULT = Gap("kubernetes", "secrets in namespace vault", "forbidden for user viewer", Cell("Secret", "vault"))
METRICS = Gap("kubernetes", "node metrics", "v1beta1.metrics.k8s.io answers 503", Cell("NodeMetrics"))
HIDDEN = Finding(
    "certificates/expiring",
    Ref("Secret", "vault", ""),
    Ref("Secret", "vault", ""),
    Verdict.UNKNOWN,
    Severity.MEDIUM,
    Heading.OPERATIONS,
    Harm.ONE_EVENT_AWAY,
    Hit(f"cannot tell: {VAULT}"),
    gap=VAULT,
)


ALL = Coverage(504, 504)


def shop(*problems: Problem, gaps: tuple[GapSeen, ...] = (), coverage: Coverage = ALL) -> Report:
    """A report of these problems and their findings."""
    findings = tuple(finding for problem in problems for finding in problem.findings)
    return Report(
        title="shop-prod",
        taken_at=at("08:00"),
        cluster=Cluster("shop-prod", uid="6f1e2d3c", version="v1.36.2-eks-1", user="viewer"),
        objects=1204,
        namespaces=14,
        coverage=coverage,
        problems=problems,
        findings=findings,
        gaps=gaps,
    )


def whole_shop() -> Report:
    """The report of the issue's sample screen."""
    checks = ("certificates/expiring", "workloads/config-missing", "workloads/image-not-pullable", "network/route-without-backend")
    report = shop(
        CRASH_LOOP,
        NODE_LOST,
        EXPIRING,
        NO_METRICS,
        *HYGIENE,
        gaps=(GapSeen(VAULT, checks), GapSeen(METRICS, ())),
        coverage=Coverage(489, 504),
    )
    return replace(report, findings=(*report.findings, HIDDEN))
