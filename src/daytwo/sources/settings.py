"""Settings from a file and from the environment. What is misspelt is refused with its place: a brake that is not read does not brake."""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from daytwo.catalog import action_names
from daytwo.model.errors import UsageError, did_you_mean
from daytwo.model.moment import parse_duration
from daytwo.settings import ACTION_NAMES, OTHERS, Settings

if TYPE_CHECKING:
    from yaml import Node

FILE: Final = "daytwo.yaml"
VARIABLE: Final = "DAYTWO_SETTINGS"
_PREFIX: Final = "DAYTWO_"


def find_file(given: Path | None, environment: Mapping[str, str], here: Path) -> Path | None:
    """The file that `--settings` names, else DAYTWO_SETTINGS, else ./daytwo.yaml, else daytwo/daytwo.yaml in the XDG config folder.

    UsageError where a named one is not there.
    """
    named = given or (Path(environment[VARIABLE]) if environment.get(VARIABLE) else None)
    if named is not None:
        if not named.is_file():
            how = "--settings" if given else VARIABLE
            raise UsageError(f"{how}: there is no file {named}")
        return named
    base = environment.get("XDG_CONFIG_HOME", "")
    config = Path(base) if Path(base).is_absolute() else Path(environment.get("HOME", "/")) / ".config"
    return next((path for path in (here / FILE, config / "daytwo" / FILE) if path.is_file()), None)


def read_settings(path: Path | None, environment: Mapping[str, str]) -> Settings:
    """The settings of a file, those of the environment above them, and defaults. UsageError says file:line:column and what to write."""
    settings = Settings() if path is None else _of_file(path)
    if not any(name.startswith(_PREFIX) for name in environment):
        return settings
    return _with_environment(settings, environment)


def variables() -> dict[str, tuple[str, ...]]:
    """Each variable of the environment that stands for one setting, and the setting's path: `DAYTWO_ACT_ALLOW_YES` is act.allow_yes."""
    return {_PREFIX + "_".join(path).upper(): path for path in _simple_paths(msgspec.inspect.type_info(Settings), ())}


# -- the file -------------------------------------------------------------------------------------------------------


def _of_file(path: Path) -> Settings:
    import yaml

    try:
        text = path.read_text(encoding="utf-8")
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: is no text in UTF-8") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
        raise UsageError(f"{place}: is no YAML: {error.problem}") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise UsageError(f"{path}: is no YAML: {error}") from None
    if root is None:
        return Settings()
    values = _Reader(path).read(root, msgspec.inspect.type_info(Settings), "")
    return msgspec.convert(values, Settings)


class _Reader:
    """Follows a document and the types of the tree together."""

    def __init__(self, path: Path) -> None:
        self._path = path

    # What comes out has been checked against its type here, and is once more by msgspec.
    def read(self, node: "Node", type: msgspec.inspect.Type, key: str, extra: Mapping[str, object] | None = None) -> Any:
        from yaml import MappingNode, ScalarNode, SequenceNode

        if isinstance(type, msgspec.inspect.Metadata):
            return self.read(node, type.type, key, {**(extra or {}), **(type.extra or {})})
        if isinstance(type, msgspec.inspect.UnionType):
            if isinstance(node, ScalarNode) and node.tag.endswith(":null"):
                return None
            (inner,) = (one for one in type.types if not isinstance(one, msgspec.inspect.NoneType))
            return self.read(node, inner, key, extra)
        if isinstance(type, msgspec.inspect.StructType):
            fields = {field.encode_name: field for field in type.fields}
            found = self._mapping(node, key, fields)
            return {name: self.read(value, fields[name].type, f"{key}.{name}".lstrip(".")) for name, (_, value) in found.items()}
        if isinstance(type, msgspec.inspect.DictType):
            if not isinstance(node, MappingNode):
                raise self._wrong(node, f"{key} holds names and their values; write {key}: {{NAME: VALUE}}")
            found = self._mapping(node, key, None)
            for name, (name_node, _) in found.items():
                self._check_name(name_node, name, extra, also=(OTHERS,))
            return {name: self.read(value, type.value_type, f"{key}.{name}") for name, (_, value) in found.items()}
        if isinstance(type, msgspec.inspect.VarTupleType):
            if not isinstance(node, SequenceNode):
                raise self._wrong(node, f"{key} is a list; write {key}: [{getattr(node, 'value', 'NAME') or 'NAME'}]")
            values = [self.read(one, type.item_type, key) for one in node.value]
            for one, value in zip(node.value, values, strict=True):
                self._check_name(one, str(value), extra)
            return values
        if not isinstance(node, ScalarNode):
            raise self._wrong(node, f"{key} is one value, not {'a list' if isinstance(node, SequenceNode) else 'a mapping'}")
        try:
            return scalar(node.value, type, extra)
        except ValueError as error:
            raise self._wrong(node, f"{key}: {error}") from None

    def _mapping(self, node: "Node", key: str, known: Mapping[str, object] | None) -> "dict[str, tuple[Node, Node]]":
        from yaml import MappingNode, ScalarNode

        if isinstance(node, ScalarNode) and node.tag.endswith(":null"):
            return {}
        if not isinstance(node, MappingNode):
            names = listed(known or ())
            raise self._wrong(node, f"{key} holds {names}" if key else f"settings begin with one of {names}")
        found: dict[str, tuple[Node, Node]] = {}
        pairs: list[tuple[Node, Node]] = node.value
        for name_node, value in pairs:
            name = name_node.value if isinstance(name_node, ScalarNode) else ""
            path = f"{key}.{name}".lstrip(".")
            if known is not None and name not in known:
                hint = did_you_mean(name, known) or f"; {key or 'the settings'} holds {listed(known)}"
                raise self._wrong(name_node, f'there is no setting "{path}"{hint}')
            if name in found:
                first = found[name][0].start_mark.line + 1
                raise self._wrong(name_node, f'"{path}" stands here a second time, the first is in line {first}; keep one')
            found[name] = (name_node, value)
        return found

    def _check_name(self, node: "Node", name: str, extra: Mapping[str, object] | None, also: tuple[str, ...] = ()) -> None:
        if extra is None or extra.get("names") != ACTION_NAMES["names"]:
            return
        known = (*action_names(), *also)
        if name not in known:
            raise self._wrong(node, f'there is no action "{name}"{did_you_mean(name, known)} (`daytwo act` lists them)')

    def _wrong(self, node: "Node", text: str) -> UsageError:
        return UsageError(f"{self._path}:{node.start_mark.line + 1}:{node.start_mark.column + 1}: {text}")


def listed(names: Iterable[str]) -> str:
    return ", ".join(names)


# -- single values, as text -------------------------------------------------------------------------------------------

_TRUE: Final = frozenset({"true", "yes", "on", "1"})
_FALSE: Final = frozenset({"false", "no", "off", "0"})


def scalar(text: str, type: msgspec.inspect.Type, extra: Mapping[str, object] | None = None) -> object:
    """A value of a simple type from its text. ValueError says what is wrong and what to write."""
    inspect = msgspec.inspect
    if isinstance(type, inspect.Metadata):
        return scalar(text, type.type, type.extra)
    if isinstance(type, inspect.UnionType):
        (inner,) = (one for one in type.types if not isinstance(one, inspect.NoneType))
        return scalar(text, inner)
    if isinstance(type, inspect.EnumType):
        known = [str(one.value) for one in type.cls]
        if text not in known:
            raise ValueError(f'"{text}" is none of {listed(known)}')
        return text
    if isinstance(type, inspect.BoolType):
        if text.lower() not in _TRUE | _FALSE:
            raise ValueError(f'"{text}" is neither true nor false')
        return text.lower() in _TRUE
    if isinstance(type, inspect.IntType):
        return _bounded(_number(text, int, "whole number"), type)
    if isinstance(type, inspect.FloatType):
        return _bounded(_number(text, float, "number"), type)
    if isinstance(type, inspect.TimeDeltaType):
        found = parse_duration(text)
        least = (extra or {}).get("least_seconds", 0)
        if isinstance(least, int) and found.total_seconds() < least:
            raise ValueError(f"{text} is too short; write {least}s or more")
        return found
    assert isinstance(type, inspect.StrType), type
    return text


def _number(text: str, to: Callable[[str], float], word: str) -> float:
    try:
        return to(text)
    except ValueError:
        hint = f"; write {float(text[:-1]) / 100:g}" if text.endswith("%") and text[:-1].replace(".", "", 1).isdigit() else ""
        raise ValueError(f'"{text}" is no {word}{hint}') from None


def _bounded(number: float, type: msgspec.inspect.IntType | msgspec.inspect.FloatType) -> float:
    if type.ge is not None and not number >= type.ge:
        raise ValueError(f"{number:g} is too small; write {type.ge:g} or more")
    if type.gt is not None and not number > type.gt:
        raise ValueError(f"{number:g} is too small; write more than {type.gt:g}")
    if type.le is not None and not number <= type.le:
        raise ValueError(f"{number:g} is too large; write {type.le:g} or less")
    return number


# -- the environment --------------------------------------------------------------------------------------------------


def _with_environment(settings: Settings, environment: Mapping[str, str]) -> Settings:
    known = variables()
    sections = tuple(f"{_PREFIX}{path[0].upper()}_" for path in known.values() if len(path) > 1)
    for variable in sorted(environment):
        if variable.startswith(sections) and variable not in known:
            hint = did_you_mean(variable, known) or f"; there are {listed(known)}"
            raise UsageError(f"there is no setting {variable}{hint}")
    for variable, path in known.items():
        if environment.get(variable):
            settings = _changed(settings, path, environment[variable], variable)
    return settings


def _changed(settings: Settings, path: tuple[str, ...], text: str, variable: str) -> Settings:
    tree: dict[str, Any] = msgspec.to_builtins(settings, builtin_types=(timedelta,))
    branch = tree
    type: msgspec.inspect.Type = msgspec.inspect.type_info(Settings)
    for part in path:
        assert isinstance(type, msgspec.inspect.StructType)
        type = next(field.type for field in type.fields if field.encode_name == part)
        if part != path[-1]:
            branch = branch[part]
    try:
        branch[path[-1]] = scalar(text, type)
    except ValueError as error:
        raise UsageError(f"{variable}: {error}") from None
    return msgspec.convert(tree, Settings)


def _simple_paths(type: msgspec.inspect.Type, prefix: tuple[str, ...]) -> Iterable[tuple[str, ...]]:
    """Settings that are one value; lists and mappings have no variable."""
    inspect = msgspec.inspect
    if isinstance(type, inspect.Metadata):
        yield from _simple_paths(type.type, prefix)
    elif isinstance(type, inspect.StructType):
        for field in type.fields:
            yield from _simple_paths(field.type, (*prefix, field.encode_name))
    elif isinstance(type, inspect.UnionType):
        yield from _simple_paths(next(one for one in type.types if not isinstance(one, inspect.NoneType)), prefix)
    elif not isinstance(type, inspect.DictType | inspect.VarTupleType):
        yield prefix
