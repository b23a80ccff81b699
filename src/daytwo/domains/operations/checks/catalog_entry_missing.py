"""The check `operations/catalog-entry-missing`."""

from collections.abc import Iterator

from daytwo.catalog import check
from daytwo.domains.operations.care import entries, is_looked_after
from daytwo.model.finding import Hit
from daytwo.model.ownership import KUBERNETES_ID
from daytwo.model.path import join
from daytwo.model.severity import Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.workload import CronJob, DaemonSet, Deployment, Rollout, StatefulSet, Workload


@check(
    Deployment,
    StatefulSet,
    DaemonSet,
    Rollout,
    CronJob,
    heading=Heading.OPERATIONS,
    severity=Severity.LOW,
    applies=is_looked_after,
    by_hand="which component it is part of is for people to say",
)
def catalog_entry_missing(workload: Workload, snapshot: Snapshot) -> Iterator[Hit]:
    """A workload that no entity of the catalogue is linked to, though others are.

    Why: whoever looks in the catalogue for what runs, whose it is and what depends on it does not find this.
    Fix: give the workload and the component's catalog-info.yaml the same backstage.io/kubernetes-id.
    Source: https://backstage.io/docs/features/kubernetes/configuration#surfacing-your-kubernetes-components-as-part-of-an-entity
    Not: anything, while no catalogue entity was read that is linked to Kubernetes.
    """
    if not snapshot.ownership.has_catalog or any(entry.is_of_catalog for entry in entries(workload, snapshot)):
        return
    given = workload.labels.get(KUBERNETES_ID) or workload.pod_labels.get(KUBERNETES_ID)
    yield Hit(
        f"no entity of the catalogue has its kubernetes-id {given}" if given else "no entity of the catalogue is linked to it",
        path=join("metadata.labels", KUBERNETES_ID),
        fix=f"label it with the {KUBERNETES_ID} of its component",
    )
