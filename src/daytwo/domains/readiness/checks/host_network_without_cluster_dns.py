"""The check `readiness/host-network-without-cluster-dns`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable,
    heading=Heading.RELIABILITY,
    severity=Severity.LOW,
    applies=lambda runnable: runnable.pod_spec.host_network,
    by_hand="what must run before the cluster's DNS does, such as the network itself, needs the node's",
)
def host_network_without_cluster_dns(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """A pod on the host's network asks the node's DNS, and does not find the cluster's Services.

    Why: dnsPolicy ClusterFirst, which is the default, is taken for Default on the host's network: names of Services do not resolve.
    Fix: set dnsPolicy to ClusterFirstWithHostNet, or to Default where the node's DNS is meant.
    Source: https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-s-dns-policy
    Not: namespace kube-system, whose agents must run before the cluster's DNS does.
    """
    if runnable.pod_spec.dns_policy == "ClusterFirst" and runnable.namespace != "kube-system":
        yield Hit(
            "is on the host's network with dnsPolicy ClusterFirst, which means the node's DNS there: no Service is found by name",
            path=f"{runnable.pod_path}.dnsPolicy",
        )
