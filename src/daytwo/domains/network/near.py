"""Whose pods a selector that matches nothing probably means."""

from collections.abc import Mapping
from typing import Final

from daytwo.model.nearness import edit_distance, near_labels
from daytwo.model.ref import Ref
from daytwo.model.runnable import Runnable
from daytwo.model.selector import Selector
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import CronJob, Job

# A typo leaves one end of a word as it is: only what shares that is compared, and of many alike no more than this, or the search
# would grow with the square of what is wrong.
_END: Final = 1
_MOST: Final = 100


def nearest_template(selector: Selector, namespace: str, snapshot: Snapshot, *, serves: bool = False) -> tuple[Ref, str] | None:
    """The workload of a namespace whose pods carry the labels that come nearest, and those labels; None when none is near.

    Where it is to be one that `serves`, Jobs are not meant.
    """
    index = snapshot.once(_by_end)
    candidates: dict[Ref, Runnable] = {}
    for value in selector.match_labels.values():
        for end in _ends(value):
            candidates.update((one.ref, one) for one in index.get((namespace, *end), ())[: max(0, _MOST - len(candidates))])
    found: list[tuple[int, Ref, str]] = []
    wanted = labels_text(selector.match_labels)
    for ref, runnable in candidates.items():
        if serves and isinstance(runnable, Job | CronJob):
            continue
        instead = near_labels(selector.match_labels, runnable.pod_labels)
        if instead:
            text = labels_text(instead)
            found.append((edit_distance(wanted, text), ref, text))
    if not found:
        return None
    _, ref, text = min(found)
    return ref, text


def labels_text(labels: Mapping[str, str]) -> str:
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items()))


def _ends(value: str) -> tuple[tuple[str, str], tuple[str, str]]:
    value = value.lower()
    return ("first", value[:_END]), ("last", value[-_END:])


def _by_end(snapshot: Snapshot) -> Mapping[tuple[str, str, str], list[Runnable]]:
    found: dict[tuple[str, str, str], dict[Ref, Runnable]] = {}
    for runnable in snapshot.runnables:
        for value in runnable.pod_labels.values():
            for end in _ends(value):
                found.setdefault((runnable.namespace, *end), {})[runnable.ref] = runnable
    return {key: list(runnables.values()) for key, runnables in found.items()}
