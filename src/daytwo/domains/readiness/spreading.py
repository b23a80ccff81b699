"""Where the pods of a workload may land: what its template says of nodes, zones and of each other."""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from daytwo.model.json import Json, Object
from daytwo.model.path import APPEND
from daytwo.model.pod_spec import TopologySpread
from daytwo.model.repair import Repair, setting
from daytwo.model.runnable import Runnable
from daytwo.model.selector import Selector
from daytwo.model.workload import DaemonSet, Deployment, ReplicaSet, Rollout, StatefulSet

HOST: Final = "kubernetes.io/hostname"
ZONE: Final = "topology.kubernetes.io/zone"
REGION: Final = "topology.kubernetes.io/region"

# Labels of nodes under names that they no longer go by.
# https://kubernetes.io/docs/reference/labels-annotations-taints/#failure-domainbetakubernetesioregion
RETIRED_KEYS: Final[Mapping[str, str]] = {
    "failure-domain.beta.kubernetes.io/zone": ZONE,
    "failure-domain.beta.kubernetes.io/region": REGION,
    "beta.kubernetes.io/arch": "kubernetes.io/arch",
    "beta.kubernetes.io/os": "kubernetes.io/os",
    "beta.kubernetes.io/instance-type": "node.kubernetes.io/instance-type",
}


SELECTOR_UNKNOWN: Final = "its own pods are known by no selector that daytwo reads"


class Spread(NamedTuple):
    """One rule that keeps pods of a template apart: the label of nodes that it counts by, and whether the scheduler must obey it."""

    key: str
    is_hard: bool
    path: str


def constraints_of(runnable: Runnable) -> Iterator[tuple[TopologySpread, str]]:
    """The topology spread constraints, each with its path."""
    for index, constraint in enumerate(runnable.pod_spec.topology_spread_constraints):
        yield constraint, f"{runnable.pod_path}.topologySpreadConstraints[{index}]"


def counts_itself(constraint: TopologySpread, runnable: Runnable) -> bool:
    """Whether a constraint counts the very pods that it is for; one without a selector counts none."""
    return constraint.label_selector is not None and constraint.label_selector.matches(runnable.pod_labels)


def spreads(runnable: Runnable) -> Iterator[Spread]:
    """Whatever keeps the pods of a template apart from each other: constraints and anti-affinity, hard or soft.

    Rules that select other pods keep nothing apart. A selector matches by its own terms, and within the pod's own namespace unless
    the term names namespaces.
    """
    for constraint, path in constraints_of(runnable):
        if counts_itself(constraint, runnable):
            yield Spread(constraint.topology_key, constraint.when_unsatisfiable == "DoNotSchedule", path)
    affinity = runnable.pod_spec.affinity
    away = affinity.pod_anti_affinity if affinity is not None else None
    if away is None:
        return
    path = f"{runnable.pod_path}.affinity.podAntiAffinity"
    terms = [(term, True, f"{path}.requiredDuringSchedulingIgnoredDuringExecution[{index}]") for index, term in enumerate(away.required)]
    terms += [
        (weighted.pod_affinity_term, False, f"{path}.preferredDuringSchedulingIgnoredDuringExecution[{index}].podAffinityTerm")
        for index, weighted in enumerate(away.preferred)
    ]
    for term, is_hard, where in terms:
        is_here = not term.namespaces or runnable.namespace in term.namespaces or term.namespace_selector is not None
        if is_here and term.label_selector is not None and term.label_selector.matches(runnable.pod_labels):
            yield Spread(term.topology_key, is_hard, where)


def selector_of(runnable: Runnable) -> Selector | None:
    """The selector by which a workload knows its own pods; None where the kind has none that daytwo reads."""
    if not isinstance(runnable, Deployment | StatefulSet | DaemonSet | ReplicaSet | Rollout) or runnable.spec.selector.is_empty:
        return None
    return runnable.spec.selector


def as_json(selector: Selector) -> Object:
    """A selector as manifests write it."""
    written: Object = {}
    if selector.match_labels:
        written["matchLabels"] = dict(selector.match_labels)
    if selector.match_expressions:
        written["matchExpressions"] = [
            {"key": one.key, "operator": one.operator} | ({"values": list(one.values)} if one.values else {})
            for one in selector.match_expressions
        ]
    return written


def keys_of_revision(runnable: Runnable, minor: int | None) -> list[Json]:
    """The keys by which a constraint counts the pods of one revision alone, for clusters that know them (since 1.27)."""
    return ["pod-template-hash"] if isinstance(runnable, Deployment) and (minor is None or minor >= 27) else []


def spread_repair(runnable: Runnable, key: str, minor: int | None) -> Repair | None:
    """A soft constraint over this label; soft, since a hard one may leave pods without a node."""
    selector = selector_of(runnable)
    if selector is None or not selector.matches(runnable.pod_labels):
        return None
    constraint: Object = {
        "maxSkew": 1,
        "topologyKey": key,
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": as_json(selector),
    }
    if keys := keys_of_revision(runnable, minor):
        constraint["matchLabelKeys"] = keys
    return setting(f"{runnable.pod_path}.topologySpreadConstraints[{APPEND}]", constraint)
