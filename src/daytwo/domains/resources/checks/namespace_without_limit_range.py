"""The check `resources/namespace-without-limit-range`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.resources.tenancy import holds_workloads
from daytwo.model.control_plane import Namespace
from daytwo.model.finding import Hit
from daytwo.model.policy import LimitRange
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Namespace,
    heading=Heading.RESOURCES,
    severity=Severity.LOW,
    by_hand="how much a namespace may use is a decision about who shares the cluster",
)
def namespace_without_limit_range(namespace: Namespace, snapshot: Snapshot) -> Iterator[Hit]:
    """A namespace with workloads and without a LimitRange. A strict rule, for clusters that several teams share.

    Why: a container that names no request or limit gets none: whoever forgets them may fill a node.
    Fix: add a LimitRange with default and defaultRequest for containers.
    Source: https://kubernetes.io/docs/concepts/policy/limit-range/
    Not: namespaces in which nothing runs, and those of Kubernetes itself; told once for the namespace, never for each file.
    """
    if holds_workloads(namespace, snapshot) and not snapshot.of(LimitRange, namespace.name):
        yield Hit("has workloads and no LimitRange", path="metadata.name")
