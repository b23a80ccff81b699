"""Why the API server refuses the pods that a controller wants to create, in plain words and with the cause."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from daytwo.domains.workloads.members import replica_sets_of
from daytwo.model.command import Command, kubectl
from daytwo.model.control_plane import MutatingWebhookConfiguration, Namespace, ValidatingWebhookConfiguration
from daytwo.model.event import Event
from daytwo.model.finding import Evidence, Since
from daytwo.model.metadata import Resource
from daytwo.model.policy import LimitRange, ResourceQuota
from daytwo.model.ref import Ref
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import Deployment, ReplicaSet, Rollout

_LONGEST: Final = 160
_ENFORCE: Final = "pod-security.kubernetes.io/enforce"

# What controllers and the API server put before the reason itself.
_PREAMBLES: Final = (
    re.compile(r"^Error creating(?: job)?: "),
    re.compile(r"^create (?:Pod|Claim) .*? failed error: ", re.DOTALL),
    re.compile(r"^Internal error occurred: "),
    re.compile(r'^[\w.]+ "[^"]*" is forbidden: '),
    re.compile(r"^error when creating \S+: "),
)
_QUOTA: Final = re.compile(
    r"exceeded quota: (?P<quota>[^,\s]+), requested: (?P<asked>.+?), used: (?P<used>.+?), limited: (?P<hard>.+)$", re.DOTALL
)
_QUOTA_DEMANDS: Final = re.compile(r"failed quota: (?P<quota>[^:\s]+): must specify (?P<what>.+)$", re.DOTALL)
_WEBHOOK_FAILED: Final = re.compile(r'failed calling webhook "(?P<webhook>[^"]+)": (?P<error>.*)$', re.DOTALL)
_WEBHOOK_DENIED: Final = re.compile(
    r'admission webhook "(?P<webhook>[^"]+)" denied the request(?:: (?P<why>.*)| without explanation)', re.DOTALL
)
_POLICY_DENIED: Final = re.compile(r"ValidatingAdmissionPolicy '(?P<policy>[^']+)'.*? denied request: (?P<why>.*)$", re.DOTALL)
_POD_SECURITY: Final = re.compile(r'violates PodSecurity "(?P<level>[^":]+)[^"]*": (?P<what>.*)$', re.DOTALL)
_SERVICE_ACCOUNT: Final = re.compile(r"error looking up service account (?P<namespace>[^/\s]+)/(?P<name>[^:\s]+)")
_PRIORITY_CLASS: Final = re.compile(r"no PriorityClass with name (?P<name>\S+) was found")
_RUNTIME_CLASS: Final = re.compile(r'RuntimeClass "(?P<name>[^"]+)" not found')
_LIMIT_RANGE: Final = re.compile(r"(?:minimum|maximum) \S+ usage per \w+ is|max limit to request ratio per", re.DOTALL)
_WEBHOOK_SERVICE: Final = re.compile(r"https://(?P<service>[a-z0-9-]+)\.(?P<namespace>[a-z0-9-]+)\.svc(?=[.:/])")
_CALLED: Final = re.compile(r'^(?:failed to call webhook: )?(?:[A-Z][a-z]+ "[^"]*": )?')

# How a call to a webhook fails, by what its error contains.
_CALL_ERRORS: Final = (
    (re.compile(r'service "[^"]+" not found'), "its Service does not exist"),
    (re.compile(r"no service port (?P<port>\S+) found"), "its Service lacks port {port}"),
    (re.compile(r"no endpoints available"), "its Service has no ready endpoint"),
    (re.compile(r"connection refused"), "the connection is refused"),
    (re.compile(r"deadline exceeded|timeout|timed out", re.IGNORECASE), "it does not answer in time"),
    (re.compile(r"certificate has expired"), "its certificate has expired or is not yet valid"),
    (re.compile(r"x509:|tls:"), "its certificate is not trusted"),
    (re.compile(r"no such host"), "its host name is not known"),
    (re.compile(r"no route to host|network is unreachable"), "it cannot be reached"),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A refusal in plain words, and whose fault it is; nobody's but the workload's own when `because` is empty."""

    words: str
    because: tuple[Ref, ...] = ()
    confirm: Command | None = None


@dataclass(frozen=True, slots=True)
class CreationFailure:
    """A refusal as the cluster shows it now."""

    reading: Reading
    evidence: Evidence
    since: Since | None
    confirm: Command | None


def parse(message: str, namespace: str, snapshot: Snapshot) -> Reading:
    """What the message of a FailedCreate event or a ReplicaFailure condition says.

    Source: plugin/pkg/admission and staging/src/k8s.io/apiserver/pkg/admission in https://github.com/kubernetes/kubernetes
    """
    text = _without_preamble(message)
    if match := _QUOTA.search(text):
        return _quota(match, namespace, snapshot)
    if match := _QUOTA_DEMANDS.search(text):
        return Reading(f"quota {match['quota']} demands what the pod template does not set: {_short(match['what'])}")
    if match := _WEBHOOK_FAILED.search(text):
        return _webhook(match["webhook"], match["error"], snapshot)
    if match := _WEBHOOK_DENIED.search(text):
        why = match["why"] or "without saying why"
        return Reading(f"admission webhook {match['webhook']} denies it: {_short(why)}")
    if match := _POLICY_DENIED.search(text):
        return Reading(f"admission policy {match['policy']} denies it: {_short(match['why'])}")
    if match := _POD_SECURITY.search(text):
        return _pod_security(match["level"], match["what"], namespace, snapshot)
    if match := _SERVICE_ACCOUNT.search(text):
        ref = Ref("ServiceAccount", match["namespace"], match["name"])
        return Reading(f"service account {match['name']} does not exist", (ref,))
    if match := _PRIORITY_CLASS.search(text):
        return Reading(f"priority class {match['name']} does not exist", (Ref("PriorityClass", "", match["name"]),))
    if match := _RUNTIME_CLASS.search(text):
        return Reading(f"runtime class {match['name']} does not exist", (Ref("RuntimeClass", "", match["name"]),))
    if "because it is being terminated" in text:
        return Reading(f"namespace {namespace} is being deleted", (Ref(Namespace.KIND, "", namespace),))
    if _LIMIT_RANGE.search(text):
        return _limit_range(text, namespace, snapshot)
    return Reading(_short(text))


def creation_failure(workload: Resource, snapshot: Snapshot) -> CreationFailure | None:
    """The refusal that a controller now meets when it creates pods for this workload; None when nothing tells of one.

    A condition tells it for ReplicaSets and what owns them; of the other workloads only events tell, and only for an hour.
    """
    sets: Iterable[ReplicaSet] = ()
    match workload:
        case ReplicaSet():
            sets = (workload,)
        case Deployment() | Rollout():
            sets = replica_sets_of(workload, snapshot)
    for replica_set in sets:
        found = replica_set.condition("ReplicaFailure")
        if found is not None and found.status == "True":
            reading = parse(found.message, workload.namespace, snapshot)
            since = Since(found.last_transition_time) if found.last_transition_time else None
            evidence = Evidence(f"ReplicaSet {replica_set.name}, condition ReplicaFailure: {found.message}", found.last_transition_time)
            return CreationFailure(reading, evidence, since, reading.confirm or _condition_of(replica_set))
    if isinstance(workload, Deployment):
        found = workload.condition("ReplicaFailure")
        if found is not None and found.status == "True":
            reading = parse(found.message, workload.namespace, snapshot)
            since = Since(found.last_transition_time) if found.last_transition_time else None
            evidence = Evidence(f"condition ReplicaFailure: {found.message}", found.last_transition_time)
            return CreationFailure(reading, evidence, since, reading.confirm)
    for subject in (workload, *sets):
        event = next((event for event in snapshot.events_of(subject) if event.reason == "FailedCreate"), None)
        if event is not None:
            return _from_event(event, subject, snapshot)
    return None


def _from_event(event: Event, subject: Resource, snapshot: Snapshot) -> CreationFailure:
    reading = parse(event.message, subject.namespace, snapshot)
    # Events are kept for an hour and counted loosely: what is left of them only says "at least since".
    since = Since(event.first_at, exact=False) if event.first_at else None
    evidence = Evidence(f"{subject.KIND} {subject.name}, event FailedCreate: {event.message}", event.at)
    return CreationFailure(reading, evidence, since, reading.confirm)


def _condition_of(replica_set: ReplicaSet) -> Command:
    path = '{.status.conditions[?(@.type=="ReplicaFailure")].message}'
    return kubectl("get", "rs", replica_set.name, "-o", f"jsonpath={path}", namespace=replica_set.namespace)


def _without_preamble(message: str) -> str:
    text = message.strip()
    for preamble in _PREAMBLES:
        text = preamble.sub("", text, count=1)
    return text


def _quota(match: re.Match[str], namespace: str, snapshot: Snapshot) -> Reading:
    asked, used, hard = (_amounts(match[group]) for group in ("asked", "used", "hard"))
    shown = [f"{key}: {used.get(key, '0')} of {hard[key]} used, {asked.get(key, '?')} more wanted" for key in hard]
    name = match["quota"]
    quota = Ref(ResourceQuota.KIND, namespace, name)
    confirm = kubectl("describe", "resourcequota", name, namespace=namespace) if snapshot.find(quota) is not None else None
    return Reading(f"quota {name} leaves no room ({_short('; '.join(shown))})", (quota,), confirm)


def _amounts(text: str) -> dict[str, str]:
    """`pods=1,limits.cpu=2` by name."""
    pairs = (part.partition("=") for part in text.split(","))
    return {key.strip(): value.strip() for key, _, value in pairs if value}


def _webhook(name: str, error: str, snapshot: Snapshot) -> Reading:
    words = f"webhook {name} cannot be called: {_call_error(error)}"
    configurations = (*snapshot.seen(ValidatingWebhookConfiguration), *snapshot.seen(MutatingWebhookConfiguration))
    # A webhook that is ignored when it fails refuses nothing, even if it bears the same name.
    holders = [
        configuration.ref
        for configuration in configurations
        if any(webhook.name == name and webhook.failure_policy != "Ignore" for webhook in configuration.webhooks)
    ]
    if not holders and (match := _WEBHOOK_SERVICE.search(error)):
        holders.append(Ref("Service", match["namespace"], match["service"]))
    return Reading(words, tuple(holders))


def _call_error(error: str) -> str:
    # The URL that was called holds the word timeout in any case.
    answer = _CALLED.sub("", error)
    for pattern, words in _CALL_ERRORS:
        if match := pattern.search(answer):
            return words.format(**match.groupdict())
    return _short(answer)


def _pod_security(level: str, what: str, namespace: str, snapshot: Snapshot) -> Reading:
    words = f"namespace {namespace} enforces pod security level {level}: {_short(what)}"
    found = snapshot.find(Ref(Namespace.KIND, "", namespace))
    is_labelled = found is not None and _ENFORCE in found.labels
    return Reading(words, (Ref(Namespace.KIND, "", namespace),) if is_labelled else ())


def _limit_range(text: str, namespace: str, snapshot: Snapshot) -> Reading:
    ranges = snapshot.seen(LimitRange, namespace)
    # The message does not name the LimitRange: it is known only where there is just one.
    because = (ranges[0].ref,) if len(ranges) == 1 else ()
    name = f" {ranges[0].name}" if because else ""
    return Reading(f"LimitRange{name} forbids it: {_short(text.strip('[]'))}", because)


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _LONGEST else flat[: _LONGEST - 1].rsplit(" ", 1)[0] + "…"
