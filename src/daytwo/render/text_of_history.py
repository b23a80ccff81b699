"""Events of the ledger as text: one a line, the oldest first."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

import msgspec

from daytwo.model.json import Json
from daytwo.model.remembered import Event
from daytwo.render.page import Span, Style, lay_out, line, padded


def history(events: Sequence[Event], zone: tzinfo, *, width: int | None, is_coloured: bool) -> str:
    """`42  2026-11-20 14:02:11 UTC  step_finished  r7k2  by anna  step: 2, detail: 5 of 5 ready`. Times are those of the ledger's clock."""
    if not events:
        return ""
    seq_width = max(len(str(event.seq)) for event in events)
    kind_width = max(len(event.kind) for event in events)
    about_width = min(24, max(len(event.about) for event in events))
    lines = [
        line(
            Span(f"{event.seq:>{seq_width}}  {_time(event.at, zone)}  ", Style.FAINT),
            Span(padded(event.kind, kind_width), Style.STRONG),
            f"  {padded(event.about, about_width)}",
            f"  by {event.actor}" if event.actor else "",
            Span(f"  {_told(event.data)}" if event.data else "", Style.FAINT),
            hang=seq_width + 2,
        )
        for event in events
    ]
    return lay_out(lines, width=width, is_coloured=is_coloured)


def _time(at: datetime, zone: tzinfo) -> str:
    local = at.astimezone(zone)
    name = local.tzname() or ""
    return f"{local:%Y-%m-%d %H:%M:%S} {name if name[:1].isalpha() else f'UTC{name}'}"


def _told(data: dict[str, Json]) -> str:
    return ", ".join(f"{key}: {_value(value)}" for key, value in data.items())


def _value(value: Json) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
