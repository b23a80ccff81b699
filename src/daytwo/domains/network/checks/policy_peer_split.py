"""The check `network/policy-peer-split`."""

from collections.abc import Iterator
from itertools import pairwise

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.network import NetworkPolicy, PolicyPeer
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    NetworkPolicy,
    heading=Heading.SECURITY,
    severity=Severity.INFO,
    by_hand="both forms are legal: which one was meant is for those who wrote it to say",
)
def policy_peer_split(policy: NetworkPolicy, snapshot: Snapshot) -> Iterator[Hit]:
    """A namespaceSelector and a podSelector as two peers in a row: one dash too many changes *and* into *or*.

    Why: as two peers they allow every pod of those namespaces, and those pods of the policy's own namespace besides; as one peer
    they allow only those pods of those namespaces.
    Fix: if only those pods of those namespaces are meant, write both selectors into one peer; if both are meant, put each in a rule
    of its own.
    Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors
    Not: peers in rules of their own, where nobody takes them for one.
    """
    for field, lists in (
        ("ingress", [("from", rule.from_) for rule in policy.spec.ingress]),
        ("egress", [("to", rule.to) for rule in policy.spec.egress]),
    ):
        for index, (side, peers) in enumerate(lists):
            for position, (first, second) in enumerate(pairwise(peers)):
                if _is_split(first, second):
                    path = f"spec.{field}[{index}].{side}[{position + 1}]"
                    namespaces = first.namespace_selector or second.namespace_selector
                    pods = first.pod_selector or second.pod_selector
                    yield Hit(
                        f"lets through all pods of namespaces with {namespaces}, and those with {pods} of its own namespace besides",
                        path=path,
                        item=path,
                        fix="write both selectors into one peer, if only those pods of those namespaces are meant",
                    )


def _is_split(first: PolicyPeer, second: PolicyPeer) -> bool:
    one, other = (first, second) if first.namespace_selector is not None else (second, first)
    return (
        one.namespace_selector is not None
        and one.pod_selector is None
        and other.namespace_selector is None
        and other.pod_selector is not None
        and not other.pod_selector.is_empty
    )
