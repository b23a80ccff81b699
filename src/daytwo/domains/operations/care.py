"""Who looks after a workload and how, from whatever tells: its labels and annotations, its namespace, the catalogue, the mapping file."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from daytwo.model.control_plane import Namespace
from daytwo.model.ownership import KUBERNETES_ID, Entry, team_name
from daytwo.model.runnable import Runnable
from daytwo.model.snapshot import Snapshot

UNOWNED: Final = "unowned"

# The keys that teams use for it, the usual ones first.
# Sources: https://kubernetes.io/blog/2021/04/20/annotating-k8s-for-humans/ (a8r.io)
# https://backstage.io/docs/features/software-catalog/well-known-annotations
OWNER_KEYS: Final = ("owner", "team", "a8r.io/owner", "app.kubernetes.io/owner", "app.kubernetes.io/team")
# Sources: https://support.pagerduty.com/main/docs/backstage-integration-guide https://roadie.io/backstage/plugins/opsgenie/
# https://roadie.io/backstage/plugins/splunk-on-call https://docs.rootly.com/integrations/backstage/installation
ON_CALL_KEYS: Final = (
    "pagerduty.com/service-id",
    "pagerduty.com/integration-key",
    "opsgenie.com/component-selector",
    "opsgenie.com/team",
    "splunk.com/on-call-team",
    "rootly.com/service-id",
    "ilert.com/integration-key",
    "a8r.io/incidents",
    "on-call",
    "oncall",
)
RUNBOOK_KEYS: Final = ("a8r.io/runbook", "runbook", "runbook-url", "runbook_url")
TIER_KEYS: Final = ("criticality", "service-tier", "business-criticality", "tier")


class OwnerKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`keys`: labels or annotations that name the team, of the workload, its pods or its namespace."""

    keys: tuple[str, ...] = OWNER_KEYS


class RunbookKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`keys`: annotations or labels that name a workload's runbook."""

    keys: tuple[str, ...] = RUNBOOK_KEYS


# Namespaces that the cluster brings along: whoever runs the cluster looks after them.
_OF_THE_CLUSTER: Final = frozenset({"kube-system", "kube-public", "kube-node-lease"})


class Said(msgspec.Struct, frozen=True, gc=False):
    """One answer, and where it stands: `label team`, `namespace label owner`, `catalog-info.yaml:3:1`."""

    value: str
    where: str


def is_looked_after(subject: Runnable) -> bool:
    """Whether it is for its owners to say who they are."""
    return subject.namespace not in _OF_THE_CLUSTER


def is_of_people(namespace: Namespace) -> bool:
    """Whether somebody made it for something of theirs, and means to keep it."""
    return namespace.name != "default" and not namespace.name.startswith("kube-") and not namespace.is_terminating


def said(subject: Runnable, snapshot: Snapshot, keys: Sequence[str]) -> Said | None:
    """The first of these keys that has a value: the workload's own label, its annotation, its pods', its namespace's."""
    for place, table in _tables(subject, snapshot):
        for key in keys:
            value = table.get(key, "").strip()
            if value:
                return Said(value, f"{place} {key}")
    return None


def owners(subject: Runnable, snapshot: Snapshot, keys: Sequence[str]) -> Iterator[Said]:
    """Every answer to who owns it, the nearest first: what stands on the object, its namespace, the catalogue, the mapping file."""
    own = said(subject, snapshot, keys)
    if own is not None:
        yield Said(team_name(own.value), own.where)
    for entry in entries(subject, snapshot):
        if entry.owner:
            yield Said(entry.owner, entry.place)


def entries(subject: Runnable, snapshot: Snapshot) -> tuple[Entry, ...]:
    """What the catalogue and the mapping file say of it: the catalogue first, then what names it most closely."""
    labels, pod_labels = subject.labels, subject.pod_labels
    # One that asks for either of two values may be come upon twice.
    candidates = {id(entry): entry for entry in _candidates(subject, snapshot)}.values()
    found = [entry for entry in candidates if entry.covers(subject.ref, labels, pod_labels)]
    return tuple(sorted(found, key=lambda entry: (not entry.is_of_catalog, -entry.rank, entry.place)))


def _candidates(subject: Runnable, snapshot: Snapshot) -> Iterator[Entry]:
    """The entries that may be about it: each is kept under one thing that it asks for."""
    index = snapshot.once(_index)
    if not index:
        return
    seen: set[str] = set()
    for labels in (subject.labels, subject.pod_labels):
        for key, value in labels.items():
            found = index.get((key, value), ()) if f"{key}={value}" not in seen else ()
            seen.add(f"{key}={value}")
            yield from found
    yield from index.get((_NAME, subject.name), ())
    yield from index.get((_NAMESPACE, subject.namespace), ())
    yield from index.get(_ANYTHING, ())


# Keys that no label has.
_NAME: Final = " name"
_NAMESPACE: Final = " namespace"
_ANYTHING: Final = (" anything", "")


def _index(snapshot: Snapshot) -> Mapping[tuple[str, str], list[Entry]]:
    found: dict[tuple[str, str], list[Entry]] = {}
    for entry in snapshot.ownership.entries:
        for key in _asked_for(entry):
            found.setdefault(key, []).append(entry)
    return found


def _asked_for(entry: Entry) -> Sequence[tuple[str, str]]:
    """One label (with each value that will do), name or namespace that its objects have; none, if it may be about any."""
    if entry.name:
        return [(_NAME, entry.name)]
    if entry.kubernetes_id:
        return [(KUBERNETES_ID, entry.kubernetes_id)]
    if entry.selector is not None:
        for label in entry.selector.match_labels.items():
            return [label]
        for requirement in entry.selector.match_expressions:
            if requirement.operator == "In":
                return [(requirement.key, value) for value in dict.fromkeys(requirement.values)]
    return [(_NAMESPACE, entry.namespace)] if entry.namespace else [_ANYTHING]


def _tables(subject: Runnable, snapshot: Snapshot) -> Iterator[tuple[str, Mapping[str, str]]]:
    yield "label", subject.labels
    yield "annotation", subject.annotations
    yield "label of its pods", subject.pod_labels
    yield "annotation of its pods", subject.pod_annotations
    namespace = snapshot.once(_namespaces).get(subject.namespace)
    if namespace is not None:
        yield "namespace label", namespace.labels
        yield "namespace annotation", namespace.annotations


def _namespaces(snapshot: Snapshot) -> Mapping[str, Namespace]:
    return {namespace.name: namespace for namespace in snapshot.seen(Namespace)}


def require_namespace(subject: Runnable, snapshot: Snapshot) -> None:
    """Raises Unseen where the namespace may say what the workload does not, and was not seen."""
    if subject.namespace not in snapshot.once(_namespaces):
        snapshot.require(Namespace.KIND)
