"""Deletion of one object by its uid: sent twice, or late, it can never end what took the object's name since."""

import msgspec

from daytwo.model.change import Delete
from daytwo.model.json import Object
from daytwo.model.live import Live
from daytwo.model.request import Request
from daytwo.model.standing import Stand, Standing


def standing(change: Delete, live: Live | None) -> Standing:
    """Done when the object is gone or on its way; what only bears its name is another object, and is left alone."""
    if live is None:
        return Standing(Stand.DONE, f"{change.target} is gone")
    if live.uid != change.target.uid:
        return Standing(Stand.DONE, f"{change.target} is gone, and another has taken its name")
    if live.is_terminating and not _shortens(change, live):
        return Standing(Stand.DONE, f"{change.target} is being deleted already")
    return Standing(Stand.OPEN)


def request(change: Delete) -> Request:
    """All options go into the body: a body makes the API server ignore the query, `dryRun` in it included."""
    assert change.target.uid, f"{change.target} is deleted by uid or not at all"
    options: Object = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": change.target.uid}}
    if change.grace_seconds is not None:
        options["gracePeriodSeconds"] = change.grace_seconds
    if change.propagation:
        options["propagationPolicy"] = change.propagation
    return Request("DELETE", change.target.path, body=msgspec.json.encode(options).decode())


def _shortens(change: Delete, live: Live) -> bool:
    """A later deletion may give less time than an earlier one, never more."""
    granted = live.at("/metadata/deletionGracePeriodSeconds")
    return change.grace_seconds is not None and isinstance(granted, int) and change.grace_seconds < granted
