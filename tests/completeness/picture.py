"""The picture in the README: what `daytwo review --demo` shows on a terminal of 116 columns, as SVG."""

import re
from collections.abc import Iterator
from html import escape
from typing import Final

from daytwo.app import Outside
from daytwo.engine.review import review
from daytwo.model.scope import Filters
from daytwo.render import text
from daytwo.render.page import Style
from daytwo.render.view import View
from daytwo.sources.recording import read_recording

COLUMNS: Final = 116
_COLUMN, _ROW, _MARGIN = 8.43, 20, 18
# The design's dark tokens.
_COLOURS: Final = {
    Style.CRITICAL: 'fill="#ff938c" font-weight="700"',
    Style.HIGH: 'fill="#ffb078"',
    Style.MEDIUM: 'fill="#e5c655"',
    Style.LOW: 'fill="#abbad3"',
    Style.UNKNOWN: 'fill="#c6abff"',
    Style.STRONG: 'font-weight="700"',
    Style.FAINT: 'fill="#9aa1ab"',
    Style.INFO: 'fill="#9aa1ab"',
}
_SPAN: Final = re.compile(r"\x1b\[([0-9;]+)m(.*?)\x1b\[0m|([^\x1b]+)")


def picture() -> str:
    """Deterministic, so that it can be compared."""
    report = review(read_recording(Outside().demo()), Filters())
    shown = text.review(report, View(width=COLUMNS, is_coloured=True))
    rows = ["$ daytwo review", *shown.splitlines()]
    width, height = round(COLUMNS * _COLUMN) + 2 * _MARGIN, len(rows) * _ROW + 2 * _MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img">',
        "<title>What daytwo review shows of a shop with troubles</title>",
        f'<rect width="{width}" height="{height}" rx="8" fill="#14171c"/>',
        '<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, \'DejaVu Sans Mono\', monospace" font-size="14" fill="#e6e9ee">',
    ]
    for index, row in enumerate(rows):
        spans = "".join(_spans(row))
        if spans:
            parts.append(f'<text x="{_MARGIN}" y="{_MARGIN + 14 + index * _ROW}" xml:space="preserve">{spans}</text>')
    return "\n".join([*parts, "</g>", "</svg>"]) + "\n"


def _spans(row: str) -> Iterator[str]:
    for style, styled, plain in _SPAN.findall(row):
        yield f"<tspan {_COLOURS[Style(style)]}>{escape(styled)}</tspan>" if style else escape(plain)
