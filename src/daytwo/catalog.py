"""Every named thing, named by its path: `domains/network/checks/service_with_one.py` is `network/service-with-one`."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast

from daytwo.model.finding import Hit
from daytwo.model.gap import Want
from daytwo.model.metadata import Resource
from daytwo.model.severity import Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot

CheckFunction = Callable[[Any, Snapshot], Iterator[Hit]]
F = TypeVar("F", bound=CheckFunction)


class Wants(Protocol):
    """What a check needs beyond the resources, told from the resources alone."""

    def __call__(self, snapshot: Snapshot) -> Iterable[Want]: ...


@dataclass(frozen=True, slots=True)
class Page:
    """A check's docstring, taken apart: the first paragraph, then Why, Fix, Source and whatever else it tells."""

    summary: str
    why: str
    fix: str
    source: str
    text: str


@dataclass(frozen=True, slots=True)
class Check:
    """One check: a function from a subject and its snapshot to hits, and what it declares about itself.

    `harm` is what a hit says about users unless the hit says otherwise; `severity` likewise.
    """

    name: str
    kinds: tuple[type[Resource], ...]
    heading: Heading
    severity: Severity
    harm: Harm
    function: CheckFunction
    applies: Callable[[Any], bool] | None
    wants: Wants | None

    @property
    def page(self) -> Page:
        return _page(inspect.getdoc(self.function) or "")


def check(
    *kinds: type[Resource],
    heading: Heading,
    severity: Severity,
    harm: Harm = Harm.NONE,
    applies: Callable[[Any], bool] | None = None,
    wants: Wants | None = None,
) -> Callable[[F], F]:
    """Declares a function to be the check that its file is named after.

    The function takes a subject of one of `kinds` and the snapshot, and yields a `Hit` for each thing wrong; yielding nothing
    passes. `applies` says for which subjects it is meant at all. Its docstring is its page: a sentence, then Why, Fix, Source.
    """

    def register(function: F) -> F:
        name = _name(function.__module__)
        module = inspect.getmodule(function)
        declared = Check(name, kinds, heading, severity, harm, function, applies, wants)
        if module is not None:
            module.CHECK = declared  # type: ignore[attr-defined]
        return function

    return register


@cache
def checks() -> tuple[Check, ...]:
    """Every check, built-in and from entry points in the group `daytwo.checks`, in order of name."""
    found = [load(module) for module in _modules().values()]
    return tuple(sorted(found, key=lambda check: check.name))


def find_check(name: str) -> Check:
    """The check of this name, importing its module alone. LookupError suggests near names."""
    modules = _modules()
    wanted = name.replace("_", "-")
    if wanted not in modules:
        bare = [known for known in modules if known.partition("/")[2] == wanted]
        if len(bare) != 1:
            near = get_close_matches(wanted, [*modules, *(known.partition("/")[2] for known in modules)], n=3, cutoff=0.5)
            hint = f"; did you mean {' or '.join(near)}?" if near else ""
            raise LookupError(f"there is no check {name!r}{hint} (`daytwo checks` lists them)")
        wanted = bare[0]
    return load(modules[wanted])


def names() -> tuple[str, ...]:
    """The names of all checks, without importing any."""
    return tuple(sorted(_modules()))


def load(module: str) -> Check:
    """The check that a module declares; ImportError when it declares none."""
    declared = getattr(importlib.import_module(module), "CHECK", None)
    if declared is None:
        raise ImportError(f"{module} declares no @check")
    return cast(Check, declared)


@cache
def _modules() -> dict[str, str]:
    found: dict[str, str] = {}
    domains = find_spec("daytwo.domains")
    for location in domains.submodule_search_locations or () if domains else ():
        for folder in sorted(Path(location).glob("*/checks")):
            for info in pkgutil.iter_modules([str(folder)]):
                module = f"daytwo.domains.{folder.parent.name}.checks.{info.name}"
                found[_name(module)] = module
    for entry in entry_points(group="daytwo.checks"):
        found[entry.name] = entry.value.partition(":")[0]
    return found


def _name(module: str) -> str:
    parts = module.split(".")
    if parts[-2:-1] == ["checks"]:
        return f"{parts[-3]}/{parts[-1]}".replace("_", "-")
    return "/".join(parts[-2:]).replace("_", "-")


def _page(text: str) -> Page:
    parts: dict[str, list[str]] = {"summary": []}
    current = "summary"
    for line in text.splitlines():
        label, colon, rest = line.partition(": ")
        if colon and label in ("Why", "Fix", "Source", "Not"):
            current = label.lower()
            parts.setdefault(current, []).append(rest)
        else:
            parts[current].append(line.strip())

    def joined(key: str) -> str:
        return " ".join(line for line in parts.get(key, []) if line).strip()

    return Page(joined("summary"), joined("why"), joined("fix"), joined("source"), text.strip())
