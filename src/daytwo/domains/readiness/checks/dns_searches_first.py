"""The check `readiness/dns-searches-first`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    Runnable,
    heading=Heading.RESOURCES,
    severity=Severity.INFO,
    applies=lambda runnable: runnable.pod_spec.dns_policy in ("ClusterFirst", "ClusterFirstWithHostNet"),
    by_hand="which short names the program uses only its owner knows",
)
def dns_searches_first(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """Pods ask for every outside name in each search domain first: ndots is 5.

    Why: `api.example.com` has fewer than five dots, so three or more lookups fail before the one that is meant: load on the cluster's
    DNS, and a wait in front of each new connection.
    Fix: set ndots to 2 in dnsConfig.options, or end outside names with a dot.
    Source: https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-dns-config
    Not: pods that do not use the cluster's DNS. Contested: names of the form service.namespace.svc then take one lookup more.
    """
    config = runnable.pod_spec.dns_config
    if config is None or not any(option.name == "ndots" for option in config.options):
        yield Hit("asks for outside names in every search domain first: ndots is 5", path=f"{runnable.pod_path}.dnsConfig.options")
