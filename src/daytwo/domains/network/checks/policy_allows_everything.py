"""The check `network/policy-allows-everything`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.isolation import Direction
from daytwo.model.network import NetworkPolicy, PolicyPeer, PolicyRule
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    NetworkPolicy, heading=Heading.SECURITY, severity=Severity.INFO, by_hand="whom to let through is for those who wrote the policy to say"
)
def policy_allows_everything(policy: NetworkPolicy, snapshot: Snapshot) -> Iterator[Hit]:
    """A NetworkPolicy of which one rule lets everything through: no peers and no ports.

    Why: policies add up, so what one such rule allows no other policy takes away again. A policy that says *deny* in its name and
    allows everything misleads: `ingress: [{}]` is the opposite of `ingress: []`.
    Fix: leave the list of rules out to deny everything, or name peers and ports.
    Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-policies
    Not: rules for a direction that policyTypes does not name: they do nothing.
    """
    is_called_deny = any(word in policy.name.lower() for word in ("deny", "isolate", "block"))
    for direction, rules, restricts in (
        (Direction.INGRESS, policy.spec.ingress, policy.isolates_ingress),
        (Direction.EGRESS, policy.spec.egress, policy.isolates_egress),
    ):
        index = next((index for index, rule in enumerate(rules) if _is_open(rule)), None)
        if index is None or not restricts:
            continue
        which = "from everywhere" if direction is Direction.INGRESS else "to everywhere"
        name = f", though it is called {policy.name}" if is_called_deny else ""
        yield Hit(
            f"allows all traffic {which}{name}",
            path=f"spec.{direction}[{index}]",
            item=str(direction),
            fix=f"to deny everything, leave out spec.{direction}; else name peers and ports",
            severity=Severity.MEDIUM if is_called_deny else None,
        )


def _is_open(rule: PolicyRule) -> bool:
    peers = (*rule.from_, *rule.to)
    return not rule.ports and (not peers or any(_is_everybody(peer) for peer in peers))


def _is_everybody(peer: PolicyPeer) -> bool:
    return peer.ip_block is not None and peer.ip_block.cidr in ("0.0.0.0/0", "::/0") and not peer.ip_block.except_
