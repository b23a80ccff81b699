"""What the API server's answer to a change means: stored, certainly not stored, or perhaps."""

from datetime import datetime
from typing import Final

import msgspec

from daytwo.model.change import Change, Delete, Evict, Patch
from daytwo.model.json import Object
from daytwo.model.live import Live
from daytwo.model.outcome import Outcome, Status
from daytwo.model.request import Response

_LONGEST: Final = 400
_MOST_CAUSES: Final = 5
_FORCE: Final = "leave them out of the manifest, or take them with --force-conflicts"
# All that is said of a JSON patch whose `test` failed; its details are `{}`.
_REFUSED_PATCH: Final = "the server rejected our request due to an error in our request"


class _Cause(msgspec.Struct):
    reason: str = ""
    message: str = ""
    field: str = ""


class _Details(msgspec.Struct):
    causes: tuple[_Cause, ...] | None = None


class _Status(msgspec.Struct):
    kind: str = ""
    reason: str = ""
    message: str = ""
    details: _Details | None = None


def outcome(change: Change, response: Response, at: datetime) -> Outcome:
    """What an answer proves. Without proof it is unknown: 504 and lost connections may be stored writes."""
    if response.status == 0:
        if response.is_unsent:
            return Outcome(Status.FAILED, at, f"nothing was sent: {response.reason}", is_retryable=True)
        return Outcome(Status.UNKNOWN, at, f"no answer: {response.reason}")
    if response.is_success:
        return _stored(response, at)
    said = _decoded(response.body)
    detail = told(response)
    if response.status == 404 and isinstance(change, Delete | Evict):
        return Outcome(Status.DONE, at, "it was gone already")
    if response.status == 409 and isinstance(change, Delete) and "precondition" in said.message.lower():
        return Outcome(Status.DONE, at, "it was gone already, and another has taken its name")
    if response.status == 429:
        return Outcome(Status.FAILED, at, detail, is_retryable=True)
    if response.status == 409:
        return Outcome(Status.FAILED, at, detail, is_retryable=not _causes(said))
    if response.status == 422 and isinstance(change, Patch) and said.message == _REFUSED_PATCH and not _causes(said):
        # A test that failed and a malformed patch answer alike; looking again tells which.
        return Outcome(Status.FAILED, at, "it changed while this was being sent", is_retryable=True)
    if response.status < 500 or "failed calling webhook" in said.message or "more than one PodDisruptionBudget" in said.message:
        return Outcome(Status.FAILED, at, detail)
    return Outcome(Status.UNKNOWN, at, detail)


def told(response: Response) -> str:
    """What the API server says is wrong, with the fields it names. It may echo the object: whoever keeps this masks it."""
    if response.status == 0:
        return response.reason
    if taken := conflicts(response):
        return _cut(f"{'; '.join(f'{field} is of another manager ({message})' for field, message in taken[:_MOST_CAUSES])}: {_FORCE}")
    said = _decoded(response.body)
    causes = "; ".join(f"{cause.field}: {cause.message}" if cause.field else cause.message for cause in _causes(said)[:_MOST_CAUSES])
    return _cut(" ".join((causes or said.message or f"the API server answers {response.status}").split()))


def conflicts(response: Response) -> tuple[tuple[str, str], ...]:
    """Of a refused server-side apply: each field with the message that names its manager."""
    return tuple((cause.field, cause.message) for cause in _causes(_decoded(response.body)) if cause.reason == "FieldManagerConflict")


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _stored(response: Response, at: datetime) -> Outcome:
    try:
        found: Object = msgspec.json.decode(response.body, type=Object)
    except msgspec.DecodeError:
        found = {}
    live = Live(found)
    is_status = found.get("kind") == "Status"
    return Outcome(
        Status.DONE,
        at,
        uid="" if is_status else live.uid,
        generation=live.generation,
        resource_version="" if is_status else live.resource_version,
        warnings=response.warnings,
    )


def _causes(said: _Status) -> tuple[_Cause, ...]:
    return (said.details.causes or ()) if said.details is not None else ()


def _decoded(body: bytes) -> _Status:
    try:
        return msgspec.json.decode(body, type=_Status)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return _Status()
