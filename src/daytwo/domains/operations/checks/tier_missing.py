"""The check `operations/tier-missing`."""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from daytwo.catalog import check
from daytwo.domains.operations.care import TIER_KEYS, entries, is_looked_after, require_namespace, said
from daytwo.model.finding import Hit
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import DaemonSet, Deployment, Rollout, StatefulSet, Workload

# `tier: frontend` is how Kubernetes' own examples call a part of an application, and says nothing of how much depends on it.
_OF_A_TIER: Final = re.compile(r"(tier[-_ ]?)?[a-d0-4]|[psl][0-4]|critical|high|medium|low|gold|silver|bronze|platinum", re.IGNORECASE)


class TierKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`keys`: labels or annotations that say how much depends on a workload, on it, its pods or its namespace."""

    keys: tuple[str, ...] = TIER_KEYS


@check(
    Deployment,
    StatefulSet,
    DaemonSet,
    Rollout,
    heading=Heading.OPERATIONS,
    severity=Severity.LOW,
    applies=is_looked_after,
    options=TierKeys,
    by_hand="how much depends on it is for people to say",
)
def tier_missing(workload: Workload, snapshot: Snapshot, options: TierKeys) -> Iterator[Hit]:
    """A service of which nothing says how much depends on it.

    Why: in an incident, and when capacity is short, nobody can tell what comes first; freezes, reviews and objectives go by it.
    Fix: label it with its criticality.
    Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/
    Not: Jobs and CronJobs; kube-system. `tier: frontend` is a place in an application and counts for nothing here.
    """
    for key in options.keys:
        found = said(workload, snapshot, (key,))
        if found is not None and (key != "tier" or _OF_A_TIER.fullmatch(found.value)):
            return
    if not any(entry.tier for entry in entries(workload, snapshot)):
        require_namespace(workload, snapshot)
        yield Hit("says nothing of how much depends on it", path="metadata.labels", fix="label it with its criticality")
