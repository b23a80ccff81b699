"""The check `readiness/too-few-domains`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.readiness.spreading import constraints_of, counts_itself
from daytwo.domains.readiness.subjects import REPLICATED_KINDS, Replicated, has_own_template
from daytwo.model.command import kubectl
from daytwo.model.finding import Hit
from daytwo.model.node import Node
from daytwo.model.scaling import scale_of
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(
    *REPLICATED_KINDS,
    heading=Heading.RELIABILITY,
    severity=Severity.MEDIUM,
    harm=Harm.ONE_EVENT_AWAY,
    basis=Basis.STATE,
    by_hand="in how many places its pods must be only its owner knows",
    applies=has_own_template,
)
def too_few_domains(workload: Replicated, snapshot: Snapshot) -> Iterator[Hit]:
    """A hard spread constraint asks for more zones (or nodes) than there are.

    Why: with fewer than minDomains of them the scheduler takes the emptiest one for empty: each place gets maxSkew pods, and the rest
    find no node.
    Fix: lower minDomains, or let whenUnsatisfiable be ScheduleAnyway.
    Source: https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/#topologyspreadconstraints-field
    Not: so few replicas that maxSkew in each place is enough.
    """
    for constraint, path in constraints_of(workload):
        wanted = constraint.min_domains or 1
        if wanted < 2 or constraint.when_unsatisfiable != "DoNotSchedule" or not counts_itself(constraint, workload):
            continue
        key = constraint.topology_key
        places = {node.labels[key] for node in snapshot.of(Node) if key in node.labels}
        if not 0 < len(places) < wanted:
            continue
        most = scale_of(workload, snapshot).most
        if most > constraint.max_skew * len(places):
            yield Hit(
                f"must be spread over {wanted} of {key}, and the cluster has {len(places)}: "
                f"{constraint.max_skew * len(places)} of its {most} replicas find a node",
                path=f"{path}.minDomains",
                item=key,
                confirm=kubectl("get", "nodes", "-L", key),
            )
