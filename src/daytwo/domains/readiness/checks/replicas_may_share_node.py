"""The check `readiness/replicas-may-share-node`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.readiness.spreading import HOST, SELECTOR_UNKNOWN, spread_repair, spreads
from daytwo.domains.readiness.subjects import REPLICATED_KINDS, Replicated, has_own_template
from daytwo.model.finding import Hit
from daytwo.model.scaling import scale_of
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot


@check(*REPLICATED_KINDS, heading=Heading.RELIABILITY, severity=Severity.MEDIUM, applies=has_own_template)
def replicas_may_share_node(workload: Replicated, snapshot: Snapshot) -> Iterator[Hit]:
    """Two or more replicas, and nothing keeps them on different nodes.

    Why: the scheduler may place them all on one node; its loss or its drain is then an outage, whatever the number of replicas.
    Fix: add a topologySpreadConstraint over kubernetes.io/hostname (or anti-affinity) that selects the pods' own labels.
    Source: https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/
    Not: anti-affinity or topology spread, hard or soft: either is an answer, and over zones too, since other zones are other nodes.
    A rule whose selector does not match the pods' own labels is none. A single replica, or fewer than two by an autoscaler's minimum.
    """
    if any(True for _ in spreads(workload)):
        return
    scale = scale_of(workload, snapshot)
    if scale.fewest < 2:
        return
    yield Hit(
        f"nothing keeps its {scale.fewest} replicas on different nodes",
        path=f"{workload.pod_path}.topologySpreadConstraints",
        fix=f"add a topologySpreadConstraint over {HOST}",
        repair=spread_repair(workload, HOST, snapshot.cluster.minor),
        by_hand=SELECTOR_UNKNOWN,
    )
