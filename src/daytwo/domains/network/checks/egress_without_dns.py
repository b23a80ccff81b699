"""The check `network/egress-without-dns`."""

from collections.abc import Iterator
from typing import Final

from daytwo.catalog import check
from daytwo.model.finding import Evidence, Hit
from daytwo.model.isolation import NAMESPACE_NAME, SYSTEM_NAMESPACES, Direction, keys_of, others_selecting, policies_selecting
from daytwo.model.network import NetworkPolicy, PolicyPeer, PolicyPort, PolicyRule
from daytwo.model.runnable import Runnable
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot

_DNS: Final = 53
# Where the cluster's resolvers are; OpenShift has a namespace of its own for them.
_RESOLVERS: Final = ("kube-system", "openshift-dns")


@check(
    Runnable,
    heading=Heading.RELIABILITY,
    severity=Severity.LOW,
    applies=lambda runnable: not runnable.pod_spec.host_network and runnable.namespace not in SYSTEM_NAMESPACES,
    by_hand="a rule for DNS opens a way out, and where the resolver is differs between clusters",
)
def egress_without_dns(runnable: Runnable, snapshot: Snapshot) -> Iterator[Hit]:
    """Pods whose egress is restricted to some peers, and DNS is not among what they may reach.

    Why: every look-up of a name times out, so what the policy does allow cannot be found; it looks like an outage of the other side.
    Fix: add an egress rule to port 53, UDP and TCP, of the pods k8s-app=kube-dns in namespace kube-system.
    Source: https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
    Not: pods that may reach nothing at all, which is then meant; pods that another policy, of whatever family, lets reach DNS; rules
    by address, which may mean a resolver on the node.
    """
    policies = [policy for policy in policies_selecting(runnable, snapshot) if policy.isolates_egress]
    rules = [rule for policy in policies for rule in policy.spec.egress]
    if not rules or any(_may_reach_dns(rule, policy, snapshot) for policy in policies for rule in policy.spec.egress):
        return
    # Another policy may allow it; whom those of other families let through is not looked at.
    if any(True for _ in others_selecting(runnable, Direction.EGRESS, snapshot)):
        return
    calls_by_name = any(peer.ip_block is None for rule in rules for peer in rule.to)
    names = ", ".join(policy.name for policy in policies[:3]) + (f" and {len(policies) - 3} more" if len(policies) > 3 else "")
    yield Hit(
        "may not reach DNS: its egress is restricted, and no rule allows port 53",
        path=f"{runnable.template_path}metadata.labels",
        fix="add an egress rule to port 53, UDP and TCP, of the pods k8s-app=kube-dns in namespace kube-system",
        evidence=(Evidence(f"selected for egress by NetworkPolicy {names}"),),
        severity=Severity.MEDIUM if calls_by_name else None,
    )


def _may_reach_dns(rule: PolicyRule, policy: NetworkPolicy, snapshot: Snapshot) -> bool:
    if rule.ports and not any(_is_dns(port) for port in rule.ports):
        return False
    names_it = bool(rule.ports) and any(port.port == _DNS for port in rule.ports)
    # Who names the port means DNS, wherever the resolver is.
    return not rule.to or names_it or any(_may_be_resolver(peer, policy) for peer in rule.to)


def _is_dns(port: PolicyPort) -> bool:
    """Named ports count when they are called so: CoreDNS has `dns` and `dns-tcp`."""
    if port.port is None:
        return port.protocol in ("UDP", "TCP")
    if isinstance(port.port, str):
        return port.port.startswith("dns") or port.port == str(_DNS)
    return port.port == _DNS or (port.end_port is not None and port.port <= _DNS <= port.end_port)


def _may_be_resolver(peer: PolicyPeer, policy: NetworkPolicy) -> bool:
    if peer.ip_block is not None:
        return True
    if peer.namespace_selector is None:
        return policy.namespace in _RESOLVERS
    if keys_of(peer.namespace_selector) - {NAMESPACE_NAME}:
        # A label of somebody's choosing, which kube-system may carry.
        return True
    return any(peer.namespace_selector.matches({NAMESPACE_NAME: namespace}) for namespace in _RESOLVERS)
