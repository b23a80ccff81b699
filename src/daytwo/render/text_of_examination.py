"""What `daytwo doctor` found, as text."""

from typing import Final

from daytwo.model.examination import Examination, State
from daytwo.render.page import Line, Span, Style, lay_out, line, padded

_STYLE: Final = {State.OK: Style.PLAIN, State.LACKING: Style.MEDIUM, State.FAILED: Style.CRITICAL, State.UNKNOWN: Style.UNKNOWN}
_HANG: Final = 23


def examination(found: Examination, *, width: int | None, is_coloured: bool, program: str) -> str:
    """One line a part, with what to do about it; then the ClusterRole that is missing."""
    lines: list[Line] = []
    for part in found.parts:
        lines.append(line(Span(f"{part.state.upper():8} ", _STYLE[part.state]), f" {padded(part.name, 11)}  ", part.seen, hang=_HANG))
        if part.advice:
            lines.append(line(" " * _HANG, Span(part.advice, Style.FAINT), hang=_HANG))
    if found.missing_role:
        lines += [
            Line(),
            line(Span(f"The ClusterRole that is missing ({program} doctor --role | kubectl apply -f -):", Style.STRONG)),
            Line(),
        ]
        lines += [line(row, is_whole=True) for row in found.missing_role.splitlines()]
    return lay_out(lines, width=width, is_coloured=is_coloured)
