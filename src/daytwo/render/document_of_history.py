"""The JSON document of the ledger's events. The same promise as in `document.py`: fields are added, never renamed or dropped."""

from typing import Literal

import msgspec

from daytwo.model.remembered import Event

HISTORY_SCHEMA: Literal["daytwo.history/v1"] = "daytwo.history/v1"


class HistoryDocument(msgspec.Struct, frozen=True, rename={"schema_": "schema"}):
    """Events, the oldest first. `head` is SEQ:HASH of the newest event of the whole ledger, shown here or not."""

    schema_: Literal["daytwo.history/v1"]
    head: str
    events: tuple[Event, ...]
