"""The check `network/policy-rules-ignored`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.model.finding import Hit
from daytwo.model.network import NetworkPolicy
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    NetworkPolicy,
    heading=Heading.SECURITY,
    severity=Severity.MEDIUM,
    by_hand="to name the direction isolates the pods in it, and to drop the rules does not: what was meant is for a person to say",
)
def policy_rules_ignored(policy: NetworkPolicy, snapshot: Snapshot) -> Iterator[Hit]:
    """A NetworkPolicy with rules for a direction that its policyTypes does not name.

    Why: the API server takes such rules and nobody looks at them: the pods stay open in that direction.
    Fix: add the direction to policyTypes, or drop the rules.
    Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-resource
    Not: a policy without policyTypes, of which egress rules make an egress policy.
    """
    types = policy.spec.policy_types
    for direction, rules in (("Ingress", policy.spec.ingress), ("Egress", policy.spec.egress)):
        if rules and types and direction not in types:
            does = f"rule for {direction} does" if len(rules) == 1 else f"{len(rules)} rules for {direction} do"
            yield Hit(
                f"its {does} nothing: policyTypes is {', '.join(types)}",
                path="spec.policyTypes",
                item=direction,
                fix=f"add {direction} to policyTypes, or drop spec.{direction.lower()}",
            )
