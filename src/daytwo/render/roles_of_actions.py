"""The ClusterRole that actions take."""

from collections.abc import Iterable
from typing import Final

from daytwo.catalog import Action
from daytwo.model.right import ClusterRole, Right, Rule, role

ACTOR: Final = "daytwo-actor"
# A cluster is known by the uid of this namespace.
_IDENTITY: Final = Rule(api_groups=("",), resources=("namespaces",), verbs=("get",), resource_names=("kube-system",))


def role_of_actions(actions: Iterable[Action], besides: Iterable[Right] = ()) -> ClusterRole:
    """All that these actions declare, to plan, to send and to look again, what it takes to know which cluster it is, and `besides`."""
    rights = [right for action in actions for right in (*action.declaration.writes, *action.declaration.reads)]
    return role(ACTOR, (*rights, *besides), (_IDENTITY,))
