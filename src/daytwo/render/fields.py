"""Fields old → new as a person reads them: one leaf a row, paths as in kubectl explain, values told apart from their likes."""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import msgspec

from daytwo.model.json import Json, parts_of
from daytwo.model.plan import FieldDiff
from daytwo.render.page import Line, Span, Style, columns, line, padded

MOST_FIELDS: Final = 40
_SHORT: Final = 24
_LONGEST_VALUE: Final = 200
# What YAML or a person would take for something else than a text.
_AMBIGUOUS: Final = re.compile(r"\s*|absent|null|true|false|[-+.\d][-+.\deE_]*|.*[\s\"'].*", re.DOTALL)


def rows(fields: Iterable[FieldDiff], indent: int, width: int | None) -> list[Line]:
    """A row a leaf, arrows aligned. Where they do not fit in the width, each value stands in a row of its own, one below the other."""
    leaves = [leaf for field in fields for leaf in _leaves(field.path, field.old, field.new)]
    shown = [_Row(path_of(leaf.path), value(leaf.old), value(leaf.new), leaf.old is None) for leaf in leaves[:MOST_FIELDS]]
    short = [row for row in shown if row.is_short or width is None]
    paths = max((columns(row.path) for row in short), default=0)
    olds = max((columns(row.old) for row in short if row.is_short), default=0)
    news = max((columns(row.new) for row in short), default=0)
    is_wide = width is None or indent + paths + 2 + olds + 3 + news <= width
    lines: list[Line] = []
    for row in shown:
        lines += row.in_one(indent, paths, olds) if is_wide and row in short else row.in_several(indent, width)
    if len(shown) < len(leaves):
        lines.append(line(" " * indent, Span(f"and {len(leaves) - len(shown):,} more fields: -o json", Style.FAINT)))
    return lines


class _Row(NamedTuple):
    path: str
    old: str
    new: str
    is_added: bool

    @property
    def is_short(self) -> bool:
        return columns(self.old) <= _SHORT and columns(self.new) <= _SHORT

    def in_one(self, indent: int, path_width: int, old_width: int) -> list[Line]:
        path = f"{' ' * indent}{padded(self.path, path_width)}  "
        return [line(path, self._old(old_width), Span(" → ", Style.FAINT), Span(self.new, Style.STRONG), hang=indent + 4)]

    def in_several(self, indent: int, width: int | None) -> list[Line]:
        inner = " " * (indent + 2)
        path = line(" " * indent, self.path, hang=indent + 4)
        if width is not None and indent + 2 + columns(self.old) + 3 + columns(self.new) <= width:
            return [path, line(inner, self._old(0), Span(" → ", Style.FAINT), Span(self.new, Style.STRONG), hang=indent + 4)]
        old = line(inner, "  ", self._old(0), hang=indent + 6)
        return [path, old, line(inner, Span("→ ", Style.FAINT), Span(self.new, Style.STRONG), hang=indent + 6)]

    def _old(self, width: int) -> Span:
        return Span(padded(self.old, width), Style.FAINT if self.is_added else Style.PLAIN)


def path_of(pointer: str) -> str:
    """`spec.template.spec.containers[app].image`; a key with dots or slashes is quoted: `metadata.labels["example.com/a"]`."""
    told = ""
    for part in parts_of(pointer):
        if part.isdecimal() and told:
            told += f"[{part}]"
        elif part.startswith("[") and part.endswith("]"):
            # An element named by its keys (domains/changes/place.py).
            told += part
        elif re.fullmatch(r"[\w-]+", part):
            told += f".{part}" if told else part
        else:
            told += f"[{msgspec.json.encode(part).decode()}]"
    return told or "the whole object"


def value(found: Json) -> str:
    """`5`, `web:2`, `"5"` for the text, `absent`; what is long is cut."""
    if found is None:
        return "absent"
    if isinstance(found, str) and not _AMBIGUOUS.fullmatch(found):
        text = found
    else:
        text = msgspec.json.encode(found).decode("utf-8", "backslashreplace")
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}… ({len(text):,} characters)"


def _leaves(path: str, old: Json, new: Json) -> Iterator[FieldDiff]:
    """What differs below a path; equal parts are left out, and what is added or removed whole is told leaf by leaf."""
    if _encoded(old) == _encoded(new):
        return
    branches = [one for one in (old, new) if one is not None]
    if any(branches) and all(isinstance(one, dict) for one in branches):
        before, after = (one if isinstance(one, dict) else {} for one in (old, new))
        keys = dict.fromkeys((*before, *after))
        found = [leaf for key in keys for leaf in _leaves(f"{path}/{_escaped(key)}", before.get(key), after.get(key))]
        yield from found or [FieldDiff(path, old, new)]
    elif len(branches) == 1 and isinstance(branches[0], list) and any(isinstance(one, dict) for one in branches[0]):
        for index, one in enumerate(branches[0]):
            yield from _leaves(f"{path}/{index}", one if new is None else None, None if new is None else one)
    else:
        yield FieldDiff(path, old, new)


def _encoded(found: Json) -> bytes:
    """Told apart by it, where Python takes `true` for 1."""
    return msgspec.json.encode(found, order="deterministic")


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
