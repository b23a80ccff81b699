"""What the ledger remembers, as a value: an event that happened, and the head of their chain."""

import re
from datetime import datetime
from typing import Final

import msgspec

from daytwo.model.json import Json

GENESIS: Final = "0" * 64
"""What the first event is chained to."""

_HEAD = re.compile(r"(\d{1,18}):([0-9a-f]{64})\Z")


class Event(msgspec.Struct, frozen=True, gc=False):
    """Something that happened. `about` is the id of the case (a run, a cluster), `kind` is in the past tense.

    `hash` covers the event and the hash of the one before.
    """

    seq: int
    at: datetime
    actor: str
    about: str
    kind: str
    data: dict[str, Json]
    hash: str


class Head(msgspec.Struct, frozen=True, gc=False):
    """The last event of a chain. Kept elsewhere, it proves that no tail was cut off. `seq` is 0 for a ledger without events."""

    seq: int = 0
    hash: str = GENESIS

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"


def parse_head(text: str) -> Head:
    """A head from `SEQ:HASH`. ValueError says how it is written."""
    found = _HEAD.match(text.strip())
    if found is None:
        raise ValueError(f'"{text}" is no head of a ledger; write SEQ:HASH as `daytwo ledger verify` prints it')
    return Head(int(found.group(1)), found.group(2))
