"""What an approval covers, as one short text: when any of it changes, the approval is void."""

from collections.abc import Iterable
from hashlib import sha256

import msgspec

from daytwo.model.change import Change
from daytwo.model.json import Json
from daytwo.model.plan import FieldDiff
from daytwo.model.step import Step


def digest(number: int, step: Step, besides: Iterable[FieldDiff] = (), runbook: str = "") -> str:
    """Of a runbook's hash, the step's place, the call, the target's uid, its fields old → new, and what admission changes besides."""
    return _hashed(
        {
            "runbook": runbook,
            "step": number,
            "uses": step.call.uses,
            "params": step.call.params,
            "change": _plain(step.change),
            "besides": [[field.path, field.old, field.new] for field in besides],
        }
    )


def digest_of_undo(number: int, of: str) -> str:
    """Of taking back the step whose digest is `of`: approved together with it."""
    return _hashed({"step": number, "undoes": of})


def _plain(change: Change) -> Json:
    found: Json = msgspec.to_builtins(change)
    return found


def _hashed(value: Json) -> str:
    return sha256(msgspec.json.encode(value, order="deterministic")).hexdigest()[:32]
