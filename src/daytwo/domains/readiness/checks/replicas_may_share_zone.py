"""The check `readiness/replicas-may-share-zone`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.readiness.spreading import HOST, REGION, RETIRED_KEYS, SELECTOR_UNKNOWN, ZONE, spread_repair, spreads
from daytwo.domains.readiness.subjects import REPLICATED_KINDS, Replicated, has_own_template
from daytwo.model.finding import Hit
from daytwo.model.node import Node
from daytwo.model.scaling import scale_of
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(*REPLICATED_KINDS, heading=Heading.RELIABILITY, severity=Severity.LOW, applies=has_own_template)
def replicas_may_share_zone(workload: Replicated, snapshot: Snapshot) -> Iterator[Hit]:
    """Two or more replicas, and nothing keeps them in different zones.

    Why: a zone may take all of them with it when it fails, though the cluster spans several.
    Fix: add a topologySpreadConstraint over topology.kubernetes.io/zone with whenUnsatisfiable ScheduleAnyway.
    Source: https://kubernetes.io/docs/setup/best-practices/multiple-zones/
    Not: a rule over regions or over labels of one's own, which may stand for more than zones; pods that a node selector binds to one
    zone on purpose; a cluster whose nodes were seen to be in one zone, or in none.
    """
    if any(spread.key != HOST for spread in spreads(workload)):
        return
    selected = workload.pod_spec.node_selector
    if any(key in selected for key in (ZONE, REGION, *RETIRED_KEYS)) or snapshot.once(_is_of_one_zone):
        return
    scale = scale_of(workload, snapshot)
    if scale.fewest < 2:
        return
    yield Hit(
        f"nothing keeps its {scale.fewest} replicas in different zones",
        path=f"{workload.pod_path}.topologySpreadConstraints",
        fix=f"add a topologySpreadConstraint over {ZONE}",
        repair=spread_repair(workload, ZONE, snapshot.cluster.minor),
        by_hand=SELECTOR_UNKNOWN,
    )


def _is_of_one_zone(snapshot: Snapshot) -> bool:
    nodes = snapshot.seen(Node)
    return bool(nodes) and len({node.zone for node in nodes}) == 1
