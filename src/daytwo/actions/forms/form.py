"""From a change of any form to what stands against it and to the request that makes it."""

from daytwo.actions.forms import apply, delete, evict, patch
from daytwo.model.change import Apply, Change, Delete, Evict, Execute, Patch, Wait
from daytwo.model.live import Live
from daytwo.model.request import Request
from daytwo.model.standing import Standing


def standing(change: Change, live: Live | None) -> Standing:
    """How the object, as just read, stands to the change."""
    match change:
        case Patch():
            return patch.standing(change, live)
        case Apply():
            return apply.standing(change, live)
        case Delete():
            return delete.standing(change, live)
        case Evict():
            return evict.standing(change, live)
        case Wait() | Execute():
            raise ValueError(f"{change} is no request to the API server")


def request(change: Change, live: Live | None) -> Request:
    """The request to record and to send, for the object as just read."""
    match change:
        case Patch():
            assert live is not None
            return patch.request(change, live)
        case Apply():
            return apply.request(change, live)
        case Delete():
            return delete.request(change)
        case Evict():
            return evict.request(change)
        case Wait() | Execute():
            raise ValueError(f"{change} is no request to the API server")
