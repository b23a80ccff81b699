"""The check `network/policy-selects-nothing`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.network.near import nearest_template
from daytwo.model.finding import Hit
from daytwo.model.network import NetworkPolicy
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.templates import is_of_passing_pods, selects_some


@check(
    NetworkPolicy,
    heading=Heading.SECURITY,
    severity=Severity.LOW,
    applies=lambda policy: not policy.spec.pod_selector.is_empty and not is_of_passing_pods(policy.spec.pod_selector),
    by_hand="which pods are meant is for those who wrote the policy to say",
)
def policy_selects_nothing(policy: NetworkPolicy, snapshot: Snapshot) -> Iterator[Hit]:
    """A NetworkPolicy whose podSelector matches the pods of no workload of its namespace.

    Why: it protects nobody, and whoever reads it believes the opposite. Where a workload's labels differ by a typo, that workload
    stands open.
    Fix: write the labels of the pod template into podSelector, or delete the policy.
    Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-resource
    Not: the empty podSelector, which selects every pod there will ever be; selectors of pods that come and go, such as those of Jobs
    and of cert-manager's solvers; labels that pods get from controllers or by the role they take.
    """
    selector = policy.spec.pod_selector
    if selects_some(selector, policy.namespace, snapshot):
        return
    near = nearest_template(selector, policy.namespace, snapshot)
    if near is None:
        yield Hit(
            f"no workload's pods match its podSelector {selector}", path="spec.podSelector", fix="correct podSelector, or delete the policy"
        )
        return
    ref, labels = near
    yield Hit(
        f"no workload's pods match its podSelector {selector}; nearest is {ref.kind} {ref.name} with {labels}",
        path="spec.podSelector",
        fix=f"if {ref.kind} {ref.name} is meant, write {labels} in podSelector",
        severity=Severity.MEDIUM,
    )
