"""The page of settings, written from their types."""

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

import msgspec

from daytwo.model.moment import spelled
from daytwo.settings import Settings
from daytwo.sources.settings import variables


class Setting(NamedTuple):
    path: tuple[str, ...]
    type: str
    default: str
    text: str


class Section(NamedTuple):
    path: tuple[str, ...]
    text: str
    settings: tuple[Setting, ...]


def sections(type: msgspec.inspect.StructType | None = None, path: tuple[str, ...] = ()) -> Iterator[Section]:
    """Each mapping of the file with what stands right in it."""
    if type is None:
        found = msgspec.inspect.type_info(Settings)
        assert isinstance(found, msgspec.inspect.StructType)
        type = found
    here: list[Setting] = []
    below: list[Section] = []
    for field in type.fields:
        plain, text = _plain(field.type)
        if isinstance(plain, msgspec.inspect.StructType):
            below += sections(plain, (*path, field.encode_name))
        else:
            here.append(Setting((*path, field.encode_name), _word(plain), _told(getattr(type.cls(), field.name)), text))
    yield Section(path, " ".join((type.cls.__doc__ or "").split()), tuple(here))
    yield from below


def _plain(type: msgspec.inspect.Type) -> tuple[msgspec.inspect.Type, str]:
    """The type without its wrapping, and the description that stands outermost."""
    text = ""
    while True:
        if isinstance(type, msgspec.inspect.Metadata):
            text = text or str((type.extra_json_schema or {}).get("description", ""))
            type = type.type
        elif isinstance(type, msgspec.inspect.UnionType):
            type = next(one for one in type.types if not isinstance(one, msgspec.inspect.NoneType))
        else:
            return type, text


def _word(type: msgspec.inspect.Type) -> str:
    inspect = msgspec.inspect
    if isinstance(type, inspect.DictType):
        return "names and values"
    if isinstance(type, inspect.VarTupleType):
        return "list"
    words = {
        inspect.BoolType: "true or false",
        inspect.IntType: "number",
        inspect.FloatType: "share, 0 to 1",
        inspect.StrType: "text",
        inspect.TimeDeltaType: "duration",
    }
    return words[type.__class__]


def _told(default: object) -> str:
    if default in (None, "", {}, (), timedelta()):
        return "–"
    if isinstance(default, timedelta):
        return f"`{spelled(default)}`"
    return f"`{str(default).lower()}`" if isinstance(default, bool) else f"`{default}`"


def page(source: str) -> str:
    by_path = {path: variable for variable, path in variables().items()}
    parts = [
        f"# Settings\n\n{source}",
        "One file of YAML: the one that `--settings` names, else `DAYTWO_SETTINGS`, else `./daytwo.yaml`, else `daytwo/daytwo.yaml` in\n",
        "`$XDG_CONFIG_HOME` (`~/.config`). What is misspelt is refused with its line. A variable of the environment outranks the file,\n",
        "a flag outranks both. Durations are written `90s`, `30m`, `1h30m` or `7d`.\n\n",
        "```yaml\n",
        "ledger: postgresql://daytwo@db.example.com/daytwo\n",
        "act:\n",
        "  people: {destructive: 2}\n",
        "  as: {drain: 'system:serviceaccount:ops:drainer'}\n",
        "  brakes: {cooldown: 5m, most_nodes: 1, most_share: 0.5}\n",
        "```\n",
    ]
    for section in sections():
        if not section.settings:
            continue
        parts.append(f"\n## {'.'.join(section.path) or 'top level'}\n\n{section.text}\n\n")
        parts.append("| setting | value | default | meaning | variable |\n|---|---|---|---|---|\n")
        for one in section.settings:
            variable = f"`{by_path[one.path]}`" if one.path in by_path else "–"
            parts.append(f"| `{one.path[-1]}` | {one.type} | {one.default} | {one.text} | {variable} |\n")
    return "".join(parts)
