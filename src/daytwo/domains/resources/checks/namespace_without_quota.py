"""The check `resources/namespace-without-quota`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.resources.tenancy import holds_workloads
from daytwo.model.control_plane import Namespace
from daytwo.model.finding import Hit
from daytwo.model.policy import ResourceQuota
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Namespace,
    heading=Heading.RESOURCES,
    severity=Severity.LOW,
    by_hand="how much a namespace may use is a decision about who shares the cluster",
)
def namespace_without_quota(namespace: Namespace, snapshot: Snapshot) -> Iterator[Hit]:
    """A namespace with workloads and without a ResourceQuota. A strict rule, for clusters that several teams share.

    Why: one workload that grows, by a mistake in a number or in a loop, may take all of the cluster, and the others stay Pending.
    Fix: add a ResourceQuota for CPU, memory and pods.
    Source: https://kubernetes.io/docs/concepts/policy/resource-quotas/
    Not: namespaces in which nothing runs, and those of Kubernetes itself; told once for the namespace, never for each file.
    """
    if holds_workloads(namespace, snapshot) and not snapshot.of(ResourceQuota, namespace.name):
        yield Hit("has workloads and no ResourceQuota", path="metadata.name")
