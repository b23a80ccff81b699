"""Eviction of one pod by its uid, within its disruption budget.

The uid must be right: the API server spends the budget before it compares uids. So `standing` is asked of a pod read just before.
"""

import msgspec

from daytwo.actions.forms.patch import FIELD_MANAGER
from daytwo.model.change import Evict
from daytwo.model.json import Object
from daytwo.model.live import Live
from daytwo.model.request import Request
from daytwo.model.standing import Stand, Standing


def standing(change: Evict, live: Live | None) -> Standing:
    """Done when this very pod is gone or on its way, whoever sent it."""
    if live is None:
        return Standing(Stand.DONE, f"{change.target} is gone")
    if live.uid != change.target.uid:
        return Standing(Stand.DONE, f"{change.target} is gone, and another has taken its name")
    if live.is_terminating:
        return Standing(Stand.DONE, f"{change.target} is being deleted already")
    return Standing(Stand.OPEN)


def request(change: Evict) -> Request:
    """No resourceVersion: the uid suffices, and a stale version would spend the budget for nothing."""
    target = change.target
    assert target.uid, f"{target} is evicted by uid or not at all"
    eviction: Object = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": target.name, "namespace": target.namespace},
        "deleteOptions": {"preconditions": {"uid": target.uid}},
    }
    path = msgspec.structs.replace(target, subresource="eviction").path
    query = (("fieldManager", FIELD_MANAGER), ("fieldValidation", "Strict"))
    return Request("POST", path, query, body=msgspec.json.encode(eviction).decode())
