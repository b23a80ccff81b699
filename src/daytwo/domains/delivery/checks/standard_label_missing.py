"""The check `delivery/standard-label-missing`."""

from collections.abc import Iterator

import msgspec

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.path import join
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


class Labels(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`labels`: which labels every workload carries."""

    labels: tuple[str, ...] = (
        "app.kubernetes.io/name",
        "app.kubernetes.io/version",
        "app.kubernetes.io/part-of",
        "app.kubernetes.io/managed-by",
    )


@check(
    Runnable,
    heading=Heading.DELIVERY,
    severity=Severity.LOW,
    options=Labels,
    by_hand="what the label should say is for its owner to know",
)
def standard_label_missing(subject: Runnable, snapshot: Snapshot, options: Labels) -> Iterator[Hit]:
    """A workload without the recommended labels.

    Why: tools group, select and report by them: what belongs together, which version runs, who put it there.
    Fix: add the labels to the workload; most chart templates have them.
    Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
    Not: labels of the pod template: a version there would be part of the selector's world, and need not be repeated.
    """
    missing = [label for label in options.labels if not subject.labels.get(label)]
    if missing:
        yield Hit(
            f"has no {'label' if len(missing) == 1 else 'labels'} {', '.join(missing)}",
            path=join("metadata.labels", missing[0]),
            fix=f"add {'it' if len(missing) == 1 else 'them'} to metadata.labels",
        )
