"""Which workloads a label selector means, told from the labels that their pods will carry."""

from collections.abc import Mapping

from daytwo.model.runnable import Runnable
from daytwo.model.selector import Selector
from daytwo.model.snapshot import Snapshot


def runnables_in(namespace: str, snapshot: Snapshot) -> tuple[Runnable, ...]:
    """Whatever runs pods in a namespace and was seen."""
    return snapshot.once(_by_namespace).get(namespace, ())


def select_runnables(selector: Selector, namespace: str, snapshot: Snapshot) -> tuple[Runnable, ...]:
    """Those of a namespace whose pods a selector matches, by its rarest label; the empty selector matches all of them."""
    candidates = runnables_in(namespace, snapshot)
    index = snapshot.once(_by_label)
    for label in selector.match_labels.items():
        carriers = index.get((namespace, *label), ())
        candidates = carriers if len(carriers) < len(candidates) else candidates
    return tuple(runnable for runnable in candidates if selector.matches(runnable.pod_labels))


def _by_namespace(snapshot: Snapshot) -> Mapping[str, tuple[Runnable, ...]]:
    found: dict[str, list[Runnable]] = {}
    for runnable in snapshot.runnables:
        found.setdefault(runnable.namespace, []).append(runnable)
    return {namespace: tuple(runnables) for namespace, runnables in found.items()}


def _by_label(snapshot: Snapshot) -> Mapping[tuple[str, str, str], tuple[Runnable, ...]]:
    found: dict[tuple[str, str, str], list[Runnable]] = {}
    for runnable in snapshot.runnables:
        for key, value in runnable.pod_labels.items():
            found.setdefault((runnable.namespace, key, value), []).append(runnable)
    return {label: tuple(runnables) for label, runnables in found.items()}
