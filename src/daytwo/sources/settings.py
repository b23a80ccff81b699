"""Settings from a file and from the environment. What is misspelt is refused with its place: a brake that is not read does not brake."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import msgspec

from daytwo.catalog import action_names
from daytwo.model.errors import UsageError, did_you_mean
from daytwo.settings import ACTION_NAMES, ACTIONS_OR_OTHERS, OTHERS, Settings
from daytwo.sources.definitions import Definition, Vocabulary, listed, named_file, read_definition, scalar

FILE: Final = "daytwo.yaml"
VARIABLE: Final = "DAYTWO_SETTINGS"
_PREFIX: Final = "DAYTWO_"


def find_file(given: Path | None, environment: Mapping[str, str], here: Path) -> Path | None:
    """The file that `--settings` names, else DAYTWO_SETTINGS, else ./daytwo.yaml, else daytwo/daytwo.yaml in the XDG config folder.

    UsageError where a named one is not there.
    """
    named = given or (Path(environment[VARIABLE]) if environment.get(VARIABLE) else None)
    if named is not None:
        return named_file("--settings" if given else VARIABLE, named)
    base = environment.get("XDG_CONFIG_HOME", "")
    config = Path(base) if Path(base).is_absolute() else Path(environment.get("HOME", "/")) / ".config"
    return next((path for path in (here / FILE, config / "daytwo" / FILE) if path.is_file()), None)


def read_settings(path: Path | None, environment: Mapping[str, str]) -> Settings:
    """The settings of a file, those of the environment above them, and defaults. UsageError says file:line:column and what to write."""
    settings = Settings() if path is None else read_definition(path, Settings, _DEFINITION)
    if not any(name.startswith(_PREFIX) for name in environment):
        return settings
    return _with_environment(settings, environment)


def variables() -> dict[str, tuple[str, ...]]:
    """Each variable of the environment that stands for one setting, and the setting's path: `DAYTWO_ACT_ALLOW_YES` is act.allow_yes."""
    return {_PREFIX + "_".join(path).upper(): path for path in _simple_paths(msgspec.inspect.type_info(Settings), ())}


# -- the file -------------------------------------------------------------------------------------------------------


def _actions_or_others() -> tuple[str, ...]:
    return (*action_names(), OTHERS)


_DEFINITION: Final = Definition(
    "setting",
    "settings",
    {
        ACTION_NAMES["names"]: Vocabulary("action", action_names, "daytwo act"),
        ACTIONS_OR_OTHERS["names"]: Vocabulary("action", _actions_or_others, "daytwo act"),
    },
)


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
