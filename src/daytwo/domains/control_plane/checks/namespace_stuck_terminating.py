"""The check `control-plane/namespace-stuck-terminating`."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from daytwo.catalog import check
from daytwo.model.command import kubectl
from daytwo.model.control_plane import APIService, Namespace
from daytwo.model.finding import Evidence, Hit, Since
from daytwo.model.ref import Ref
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot

PATIENCE: Final = timedelta(minutes=10)
_FINALIZER: Final = re.compile(r"(\S+) in (\d+) resource instances?")
_CONTENT: Final = re.compile(r"(\S+?)\.? has (\d+) resource instances?")
_GROUP_VERSION: Final = re.compile(r"([a-z0-9][a-z0-9.-]*\.[a-z0-9.-]+)/(v\d+(?:(?:alpha|beta)\d+)?)\b")
_LONGEST: Final = 160


@check(
    Namespace,
    heading=Heading.OPERATIONS,
    severity=Severity.MEDIUM,
    harm=Harm.ONE_EVENT_AWAY,
    applies=lambda namespace: namespace.is_terminating or namespace.status.phase == "Terminating",
    basis=Basis.STATE,
)
def namespace_stuck_terminating(namespace: Namespace, snapshot: Snapshot) -> Iterator[Hit]:
    """A namespace that has been going for more than ten minutes, with what holds it.

    Why: nothing can be created in it meanwhile, so the next deploy into it fails; what holds it may also hold machines or disks.
    Fix: repair what is named: the controller whose finalizer waits, or the API that cannot be listed. Removing finalizers by hand
    leaves behind whatever they were to clean up.
    Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/
    """
    since = namespace.metadata.deletion_timestamp
    if since is not None and snapshot.taken_at - since < PATIENCE:
        return
    failing = {one.type: one for one in namespace.status.conditions if one.status == "True" and one.type.startswith("Namespace")}
    evidence = tuple(Evidence(f"{one.type}: {one.message}", one.last_transition_time) for one in failing.values())
    because: tuple[Ref, ...] = ()
    finalizers, content = failing.get("NamespaceFinalizersRemaining"), failing.get("NamespaceContentRemaining")
    discovery = failing.get("NamespaceDeletionDiscoveryFailure")
    deletion = failing.get("NamespaceDeletionContentFailure")
    if finalizers is not None:
        why = f"finalizer {_counted(_FINALIZER, finalizers.message)} waits for its controller"
        if content is not None:
            why += f" ({_counted(_CONTENT, content.message)} left)"
    elif discovery is not None:
        because = _broken_apis(discovery.message, snapshot)
        groups = ", ".join(_groups(discovery.message)[:3]) or "some groups"
        why = f"the API server cannot tell what is in it, because discovery of {groups} fails"
    elif content is not None:
        why = f"{_counted(_CONTENT, content.message)} cannot be deleted"
    elif deletion is not None:
        why = f"deleting fails: {deletion.message[:_LONGEST].rstrip()}"
    elif namespace.metadata.finalizers:
        why = f"finalizer {', '.join(namespace.metadata.finalizers)} of the namespace itself waits for its controller"
    else:
        why = "nothing tells what holds it"
    yield Hit(
        f"stuck in deletion: {why}",
        path="status.conditions",
        since=Since(since) if since is not None else None,
        evidence=evidence,
        because=because,
        confirm=kubectl("get", "namespace", namespace.name, "-o", "jsonpath={.status.conditions}"),
    )


def _counted(pattern: re.Pattern[str], message: str) -> str:
    """`example.com/hold (1)`; the message itself where its form is not known."""
    found = [f"{name.rstrip('.')} ({count})" for name, count in pattern.findall(message)]
    return ", ".join(found[:3]) + (f" and {len(found) - 3} more" if len(found) > 3 else "") or message[:_LONGEST].rstrip()


def _groups(message: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{group}/{version}" for group, version in _GROUP_VERSION.findall(message)))


def _broken_apis(message: str, snapshot: Snapshot) -> tuple[Ref, ...]:
    """The APIServices of the groups that the message names, as far as they say themselves that they are down."""
    refs: list[Ref] = []
    for name in _groups(message):
        group, _, version = name.partition("/")
        ref = Ref(APIService.KIND, "", f"{version}.{group}")
        found = snapshot.find(ref)
        available = found.condition("Available") if isinstance(found, APIService) else None
        if available is not None and available.status != "True":
            refs.append(ref)
    return tuple(refs)
