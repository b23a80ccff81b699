"""The check `network/egress-unrestricted`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.isolation import SYSTEM_NAMESPACES, Direction, is_isolated
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable,
    heading=Heading.SECURITY,
    severity=Severity.LOW,
    applies=lambda runnable: not runnable.pod_spec.host_network and runnable.namespace not in SYSTEM_NAMESPACES,
    by_hand="what these pods have to reach is for those who know the program to say",
)
def egress_unrestricted(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """Pods that no network policy selects for egress.

    Why: whoever takes over such a pod may connect to anything in the cluster and outside: the cloud's metadata, other teams'
    databases, a place to send the loot to.
    Fix: put a default-deny NetworkPolicy for Egress into the namespace, and allow DNS and what the program calls.
    Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-deny-all-egress-traffic
    Not: pods on the host's network; kube-system; a policy counts for egress only where policyTypes says so, or where policyTypes is
    absent and it has egress rules.
    """
    if not is_isolated(runnable, Direction.EGRESS, snapshot):
        yield Hit(
            "no network policy restricts what its pods may connect to",
            path=f"{runnable.template_path}metadata.labels",
            fix=f"add a NetworkPolicy for Egress to namespace {runnable.namespace} that selects these pods, and allow DNS",
        )
