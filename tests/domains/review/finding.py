"""Findings for tests of the review, as the judge makes them."""

from daytwo.model.finding import Evidence, Finding, Hit, Since
from daytwo.model.ref import Ref
from daytwo.model.severity import Harm, Heading, Severity, Verdict
from tests.objects import parse


def finding(
    check: str,
    subject: Ref,
    owner: Ref | None = None,
    *,
    because: tuple[Ref, ...] = (),
    since: str = "",
    exact: bool = True,
    state: str = "",
    why: str = "",
    message: str = "is not well",
    harm: Harm = Harm.ACTIVE,
    severity: Severity = Severity.HIGH,
    evidence: tuple[Evidence, ...] = (),
) -> Finding:
    hit = Hit(
        message,
        state=state,
        why=why,
        because=because,
        since=Since(parse(since), exact) if since else None,
        evidence=evidence,
    )
    return Finding(check, subject, owner or subject, Verdict.FAIL, severity, Heading.RELIABILITY, harm, hit)


def pod_ref(name: str, namespace: str = "shop") -> Ref:
    return Ref("Pod", namespace, name)


def deployment_ref(name: str, namespace: str = "shop") -> Ref:
    return Ref("Deployment", namespace, name)
