"""Styled lines, and how they are laid out: wrapped with a hanging indent, coloured by meaning, commands never broken."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Final
from unicodedata import combining, east_asian_width

from daytwo.model.severity import Severity
from daytwo.render.visible import visible


class Style(StrEnum):
    """What a span means; the colours follow."""

    PLAIN = ""
    STRONG = "1"
    FAINT = "2"
    CRITICAL = "1;31"
    HIGH = "31"
    MEDIUM = "33"
    LOW = "36"
    INFO = "2;36"
    UNKNOWN = "35"


SEVERITY_STYLE: Final = {
    Severity.CRITICAL: Style.CRITICAL,
    Severity.HIGH: Style.HIGH,
    Severity.MEDIUM: Style.MEDIUM,
    Severity.LOW: Style.LOW,
    Severity.INFO: Style.INFO,
}


@dataclass(frozen=True, slots=True)
class Span:
    text: str
    style: Style = Style.PLAIN


@dataclass(frozen=True, slots=True)
class Line:
    """One logical line. `hang` is where its continuation starts; `is_whole` lines are for pasting and never broken."""

    spans: tuple[Span, ...] = ()
    hang: int = 0
    is_whole: bool = False


def line(*parts: Span | str, hang: int = 0, is_whole: bool = False) -> Line:
    """The one way to make a line with text: whatever comes from a cluster is made visible here."""
    spans = (part if isinstance(part, Span) else Span(part) for part in parts)
    return Line(tuple(Span(visible(span.text), span.style) for span in spans if span.text), hang, is_whole)


def columns(text: str) -> int:
    """How many cells of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def padded(text: str, width: int) -> str:
    return text + " " * max(0, width - columns(text))


def lay_out(lines: list[Line], *, width: int | None, is_coloured: bool) -> str:
    """The text of a page, each line ended. Without a width nothing is wrapped."""
    rows = (row for each in lines for row in _wrapped(each, width))
    return "".join(f"{_painted(row) if is_coloured else _plain(row)}\n" for row in rows)


_WORD: Final = re.compile(r" *[^ ]+| +")


def _wrapped(line: Line, width: int | None) -> Iterator[list[Span]]:
    """Breaks at spaces only: a name or a command's word stays whole, even where it is longer than the row."""
    if width is None or line.is_whole or columns("".join(span.text for span in line.spans)) <= width:
        yield list(line.spans)
        return
    hang = line.hang if line.hang <= width // 2 else 4
    row: list[Span] = []
    used = 0
    for word in _words(line):
        size = sum(columns(span.text) for span in word)
        if used > hang and used + size > width:
            yield row
            row, used = [Span(" " * hang)], hang
            word = [Span(word[0].text.lstrip(" "), word[0].style), *word[1:]]
            size = sum(columns(span.text) for span in word)
        row.extend(word)
        used += size
    yield row


def _words(line: Line) -> Iterator[list[Span]]:
    """Runs without a space inside, each with the spaces before it; a word may change its style on the way."""
    pieces = [Span(piece, span.style) for span in line.spans for piece in _WORD.findall(span.text)]
    word: list[Span] = []
    for piece in pieces:
        if word and piece.text.startswith(" ") and word[-1].text.strip():
            yield word
            word = []
        word.append(piece)
    if word:
        yield word


def _painted(row: list[Span]) -> str:
    parts = []
    for style, spans in groupby(row, key=lambda span: span.style):
        text = "".join(span.text for span in spans)
        parts.append(f"\x1b[{style}m{text}\x1b[0m" if style and text.strip() else text)
    return "".join(parts).rstrip()


def _plain(row: list[Span]) -> str:
    return "".join(span.text for span in row).rstrip()
