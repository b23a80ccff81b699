"""The ledger's events as a JSON document (docs/reference/history.schema.json)."""

from collections.abc import Iterable

from daytwo.model.remembered import Event, Head
from daytwo.render.document_of_history import HISTORY_SCHEMA, HistoryDocument
from daytwo.render.json import encoded


def history(events: Iterable[Event], head: Head) -> str:
    return encoded(HistoryDocument(schema_=HISTORY_SCHEMA, head=str(head), events=tuple(events)))
