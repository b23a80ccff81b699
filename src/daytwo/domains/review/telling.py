"""A group of findings as a person would tell it: subject, title, what we know, and in which order it happened."""

from collections import Counter
from collections.abc import Iterable

from daytwo.domains.review.change import RolloutSeen
from daytwo.domains.review.exposure import Standing
from daytwo.domains.review.joining import ROLLOUT_STUCK, STANDARDS, Group
from daytwo.model.finding import Evidence, Finding, Since
from daytwo.model.moment import duration
from daytwo.model.node import Node
from daytwo.model.problem import ChangeSeen
from daytwo.model.ref import Ref
from daytwo.model.severity import Harm

_KIND_WORDS = {
    "PersistentVolumeClaim": "claim",
    "PersistentVolume": "volume",
    "ResourceQuota": "quota",
    "HorizontalPodAutoscaler": "autoscaler",
    "PodDisruptionBudget": "disruption budget",
    "ValidatingWebhookConfiguration": "webhook",
    "MutatingWebhookConfiguration": "webhook",
    "APIService": "API",
    "CertificateSigningRequest": "signing request",
    "StorageClass": "storage class",
    "VolumeAttachment": "volume attachment",
    "ServiceAccount": "service account",
    "PriorityClass": "priority class",
    "RuntimeClass": "runtime class",
    "ControlPlane": "control plane",
    "Capacity": "capacity for",
    "EndpointSlice": "endpoints",
    "CertificateSigner": "signer",
    "ConfigMap": "config map",
    "IngressClass": "ingress class",
    "LoadBalancerClass": "load balancer class",
    "Scheduler": "scheduler",
    "CSIDriver": "storage driver",
    "ResourceClaimTemplate": "claim template",
    "CustomResourceDefinition": "custom kind",
    "NetworkPolicy": "network policy",
}
SINCE = "{since}"

# Kinds whose name alone says what is meant: a team thinks of its workload, not of the Deployment.
_PLAIN = frozenset({"Deployment", "StatefulSet", "DaemonSet", "Rollout", "ReplicaSet", "Pod", "CustomWorkload"})


def subject_name(ref: Ref) -> str:
    """`shop/web`, `node n1`, `claim data/pg-0`: how a row names what it is about."""
    place = f"{ref.namespace}/{ref.name}" if ref.namespace else ref.name
    if ref.kind in _PLAIN and ref.namespace:
        return place
    return f"{_KIND_WORDS.get(ref.kind, ref.kind.partition('.')[0].lower())} {place}"


def title(group: Group, subject: Ref, standings: tuple[Standing, ...]) -> str:
    """One sentence without times; `{since}` stands where the time of a fault belongs."""
    head = group.head
    if group.risk == STANDARDS and len(group.findings) > 1:
        return _unmet(group)
    if not group.is_fault:
        return head.hit.message
    rollout = _blocked_rollout(group)
    if rollout is not None:
        return _dated(_with_reason(rollout.hit.message, head.hit.why))
    alike = [finding for finding in group.findings if finding.check == head.check]
    if head.owner == group.cause:
        alike = [finding for finding in alike if finding.owner == group.cause]
    if not head.hit.state:
        return _with_company(_named(_dated(head.hit.message), alike, subject), subject, standings)
    pods = {finding.subject for finding in alike}
    why = _most_common(finding.hit.why for finding in alike if finding.hit.why)
    tail = f"{SINCE}: {why}" if why else SINCE
    homes = {finding.owner for finding in alike}
    if len(homes) > 1:
        return f"{len(pods)} pods of {len(homes)} workloads are {head.hit.state}{tail}"
    home = next(iter(homes))
    wanted = next((standing.wanted for standing in standings if standing.workload == home), len(pods))
    return f"{_share(len(pods), wanted, home if home != subject else None)} {head.hit.state}{tail}"


def _unmet(group: Group) -> str:
    """`14 standards are not met, 3 of them high: MESSAGE of the worst`."""
    worst = [finding for finding in group.findings if finding.severity is group.head.severity]
    share = f"{len(worst)} of them {group.head.severity}" if len(worst) < len(group.findings) else f"all {group.head.severity}"
    return f"{len({finding.check for finding in group.findings})} standards are not met, {share}: {group.head.hit.message}"


def _blocked_rollout(group: Group) -> Finding | None:
    """The stuck rollout, where an older revision still serves: shares of pods of two revisions would mislead."""
    for finding in group.findings:
        if finding.check == ROLLOUT_STUCK and finding.owner == group.head.owner and "; " in finding.hit.message:
            return finding
    return None


def _with_reason(message: str, why: str) -> str:
    """`WHAT: WHY; REST` with a better why."""
    what, colon, rest = message.partition(": ")
    _, semicolon, tail = rest.partition("; ")
    return f"{what}: {why}{semicolon}{tail}" if why and colon else message


def _dated(message: str) -> str:
    """The message with the place of its time: before the reason, if it gives one."""
    places = [place for place in (message.find(": "), message.find("; ")) if place > 0]
    cut = min(places, default=len(message))
    return f"{message[:cut]}{SINCE}{message[cut:]}"


def know(group: Group, rollout: RolloutSeen | None, change: ChangeSeen | None) -> tuple[Evidence, ...]:
    """The most telling evidence first: what was seen, then what changed just before."""
    lines = list(group.head.hit.evidence[: 2 if change is None else 1])
    if not lines:
        lines.append(Evidence(f"{group.head.subject}: {group.head.hit.message}"))
    if change is not None:
        who = f", by {change.who}" if change.who else ""
        lines.append(Evidence(f"{change.text}{who}", change.at))
        if change.kind == "rollout" and rollout is not None and rollout.previous_lasted is not None:
            lines.append(Evidence(f"revision {rollout.previous} had been current for {duration(rollout.previous_lasted)}"))
    return tuple(lines)


def timeline(group: Group, change: ChangeSeen | None) -> tuple[Evidence, ...]:
    """Everything with a time, in order, each line once."""
    dated = {(evidence.at, evidence.text) for finding in group.findings for evidence in finding.hit.evidence if evidence.at is not None}
    if change is not None:
        dated.add((change.at, change.text))
    return tuple(Evidence(text, at) for at, text in sorted(dated))


def since(group: Group) -> Since | None:
    """The earliest evidence still visible among the findings that tell the cause; exact only if that one is."""
    head = group.head
    telling = [finding for finding in group.findings if finding.harm is head.harm and finding.owner == head.owner]
    starts = [finding.hit.since for finding in telling if finding.hit.since is not None]
    if not starts:
        starts = [finding.hit.since for finding in group.findings if finding.hit.since is not None and finding.harm is Harm.ACTIVE]
    return min(starts, key=lambda start: (start.at, start.exact), default=None)


def _named(message: str, alike: list[Finding], subject: Ref) -> str:
    """Says of whom a message speaks where the row is about something else."""
    homes = sorted({finding.owner for finding in alike})
    if subject in homes:
        return message
    more = f" and {len(homes) - 1} more" if len(homes) > 1 else ""
    return f"{subject_name(homes[0])}{more}: {message}"


def _with_company(message: str, subject: Ref, standings: tuple[Standing, ...]) -> str:
    """Names the workloads that are short of replicas because of a cause of another kind; a node's message counts them itself."""
    if subject.kind in _PLAIN or subject.kind == Node.KIND:
        return message
    short = [one.workload for one in standings if one.ready < one.wanted and one.workload != subject]
    names = ", ".join(ref.short for ref in short[:2]) + (f" and {len(short) - 2} more" if len(short) > 2 else "")
    return message if not short or short[0].name in message else f"{message}; hits {names}"


def _share(count: int, wanted: int, home: Ref | None) -> str:
    """`2 of 3 pods are`; with the workload's name where the row is about something else."""
    of = f" of {home.short}" if home is not None else ""
    if wanted <= 1 and count == 1:
        return f"the only pod{of} is" if of else "its only pod is"
    if wanted <= 1:
        return f"{count} pods{of} are"
    if count >= wanted:
        return f"all {count} pods{of} are" if count > 2 else f"both pods{of} are"
    return f"{count} of {wanted} pods{of} {'is' if count == 1 else 'are'}"


def _most_common(texts: Iterable[str]) -> str:
    counts = Counter(texts)
    return min(counts, key=lambda text: (-counts[text], text)) if counts else ""
