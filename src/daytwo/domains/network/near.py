"""Whose pods a selector that matches nothing probably means."""

from collections.abc import Iterable, Mapping

from daytwo.model.nearness import edit_distance, near_labels
from daytwo.model.ref import Ref
from daytwo.model.runnable import Runnable
from daytwo.model.selector import Selector


def nearest_template(selector: Selector, runnables: Iterable[Runnable]) -> tuple[Ref, str] | None:
    """The workload whose pods carry the labels that come nearest, and those labels; None when none is near."""
    if not selector.match_labels:
        return None
    found: list[tuple[int, Ref, str]] = []
    wanted = labels_text(selector.match_labels)
    for runnable in runnables:
        instead = near_labels(selector.match_labels, runnable.pod_labels)
        if instead:
            text = labels_text(instead)
            found.append((edit_distance(wanted, text), runnable.ref, text))
    if not found:
        return None
    _, ref, text = min(found)
    return ref, text


def labels_text(labels: Mapping[str, str]) -> str:
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items()))
