"""The check `delivery/in-default-namespace`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


def _names_its_namespace(subject: Runnable) -> bool:
    return subject.origin is None or not subject.origin.is_namespace_assumed


@check(
    Runnable,
    heading=Heading.DELIVERY,
    severity=Severity.LOW,
    applies=_names_its_namespace,
    by_hand="moving a workload means to make it anew elsewhere, with whatever it refers to",
)
def in_default_namespace(subject: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A workload in the namespace `default`.

    Why: rights, quotas, network policies and Pod Security levels are given by namespace; what shares `default` shares them all, and
    whatever is applied without a namespace lands beside it.
    Fix: give it a namespace of its own.
    Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/
    Not: a manifest that names no namespace, and takes the one it is applied with.
    """
    if subject.namespace == "default":
        yield Hit("runs in the namespace default", path="metadata.namespace", fix="move it to a namespace of its own")
