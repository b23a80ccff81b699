"""Events of the ledger as text, the oldest first: one a line for pipes, with what it tells below for people."""

import re
from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Final

import msgspec

from daytwo.model.json import Json
from daytwo.model.remembered import Event
from daytwo.render.page import Line, Span, Style, lay_out, line, padded

_LONGEST: Final = 100
"""Characters of one value on a terminal; `-o json` shows all of it."""
_DIGEST = re.compile(r"(?:sha256:)?[0-9a-f]{40,}\Z")


def history(events: Sequence[Event], zone: tzinfo, *, width: int | None, is_coloured: bool) -> str:
    """`42  2026-11-20 14:02:11 UTC  step_finished  r7k2  by anna  step: 2, detail: 5 of 5 ready`. Times are by the ledger's clock."""
    if not events:
        return ""
    seq_width = max(len(str(event.seq)) for event in events)
    kind_width = max(len(event.kind) for event in events)
    lines: list[Line] = []
    for event in events:
        heading = (
            Span(f"{event.seq:>{seq_width}}  {_time(event.at, zone)}  ", Style.FAINT),
            Span(padded(event.kind, kind_width), Style.STRONG),
            f"  {event.about}",
            f"  by {event.actor}" if event.actor else "",
        )
        if width is None:
            lines.append(line(*heading, f"  {_told(event.data, is_short=False)}" if event.data else ""))
            continue
        lines.append(line(*heading, hang=seq_width + 2))
        if event.data:
            indent = " " * (seq_width + 2)
            lines.append(line(Span(f"{indent}{_told(event.data, is_short=True)}", Style.FAINT), hang=seq_width + 2))
    return lay_out(lines, width=width, is_coloured=is_coloured)


def _time(at: datetime, zone: tzinfo) -> str:
    local = at.astimezone(zone)
    name = local.tzname() or ""
    return f"{local:%Y-%m-%d %H:%M:%S} {name if name[:1].isalpha() else f'UTC{name}'}"


def _told(data: dict[str, Json], *, is_short: bool) -> str:
    return ", ".join(f"{key}: {_short(_value(value)) if is_short else _value(value)}" for key, value in data.items())


def _value(value: Json) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _short(text: str) -> str:
    if _DIGEST.match(text):
        return f"{text[:12]}…"
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
