"""Where a workload's earlier templates are read: the ReplicaSets of a Deployment, the ControllerRevisions of the other kinds."""

from typing import Final

from daytwo.actions.rolling.template import target_of
from daytwo.domains.workloads.revisions import Revision, revisions
from daytwo.model.call import Call
from daytwo.model.facts import Facts
from daytwo.model.live import Live
from daytwo.model.right import Right
from daytwo.model.target import Target, built_in

READS: Final = (Right("list", "apps", "replicasets"), Right("list", "apps", "controllerrevisions"))


def keepers(call: Call) -> Target:
    target = target_of(call)
    return built_in("ReplicaSet" if target.type.name == "Deployment" else "ControllerRevision", target.namespace, "")


def read(call: Call, live: Live, facts: Facts) -> tuple[Revision, ...]:
    """The kept revisions, the newest first. Raises Unseen where they could not be listed."""
    return revisions(live, facts.listed(keepers(call)))
