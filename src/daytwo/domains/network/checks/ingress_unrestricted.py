"""The check `network/ingress-unrestricted`."""

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
    severity=Severity.MEDIUM,
    applies=lambda runnable: not runnable.pod_spec.host_network and runnable.namespace not in SYSTEM_NAMESPACES,
    by_hand="who has to reach these pods is for those who know the program to say",
)
def ingress_unrestricted(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """Pods that no network policy selects for ingress.

    Why: every pod of the cluster may connect to every port of theirs; whoever gets into one pod is at all of them.
    Fix: put a default-deny NetworkPolicy for Ingress (podSelector: {}) into the namespace, and allow by name what has to get in.
    Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation
    Not: pods on the host's network, which policies do not govern; kube-system; pods that a policy of Cilium, of Calico or of the
    cluster's administrators restricts.
    """
    if not is_isolated(runnable, Direction.INGRESS, snapshot):
        yield Hit(
            "no network policy restricts who may connect to its pods",
            path=f"{runnable.template_path}metadata.labels",
            fix=f"add a NetworkPolicy for Ingress to namespace {runnable.namespace} that selects these pods",
        )
