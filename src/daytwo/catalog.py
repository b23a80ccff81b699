"""Every named thing, named by its path: `domains/network/checks/service_with_one.py` is `network/service-with-one`."""

import importlib
import sys
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar, cast

from msgspec import Struct

import daytwo
from daytwo.model.call import Call
from daytwo.model.facts import Facts, Needs
from daytwo.model.finding import Hit
from daytwo.model.gap import Want
from daytwo.model.metadata import Resource
from daytwo.model.outcome import Outcome, Verification
from daytwo.model.parameter import Parameter
from daytwo.model.plan import Plan
from daytwo.model.right import Right
from daytwo.model.severity import Basis, Harm, Heading, Severity
from daytwo.model.snapshot import Snapshot
from daytwo.model.step import Step

# (subject, snapshot), and the check's options where it declares some.
CheckFunction = Callable[..., Iterator[Hit]]
F = TypeVar("F", bound=CheckFunction)

_DOMAINS: Final = Path(daytwo.__file__).parent / "domains"
_ACTIONS: Final = Path(daytwo.__file__).parent / "actions"


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

    - `harm` is what a hit says about users unless the hit says otherwise; `severity` likewise.
    - `basis`: a check of the state is not asked of objects that are only declared in a file.
    - `options`: the values that a profile may set, a frozen struct of defaults; None where there are none.
    - `is_severity_set`: a profile says how bad it is, whatever a hit says.
    - `by_hand`: why no repair of the file can be offered, for hits that bring none.
    """

    name: str
    kinds: tuple[type[Resource], ...]
    heading: Heading
    severity: Severity
    harm: Harm
    function: CheckFunction
    applies: Callable[[Any], bool] | None
    wants: Wants | None
    basis: Basis = Basis.SPEC
    options: Struct | None = None
    by_hand: str = ""
    is_severity_set: bool = False

    @property
    def page(self) -> Page:
        from inspect import cleandoc

        return _page(cleandoc(self.function.__doc__ or ""))


def check(
    *kinds: type[Resource],
    heading: Heading,
    severity: Severity,
    harm: Harm = Harm.NONE,
    applies: Callable[[Any], bool] | None = None,
    wants: Wants | None = None,
    basis: Basis = Basis.SPEC,
    options: type[Struct] | None = None,
    by_hand: str = "",
) -> Callable[[F], F]:
    """Declares a function to be the check that its file is named after.

    The function takes a subject of one of `kinds` and the snapshot, and yields a `Hit` for each thing wrong; yielding nothing
    passes. `applies` says for which subjects it is meant at all. Of a check with `options`, a struct of which every field has a
    default, the function takes an instance of it as its third argument. Its docstring is its page: a sentence, then Why, Fix, Source.
    """

    def register(function: F) -> F:
        name = _name(function.__module__)
        chosen = options() if options is not None else None
        declared = Check(name, kinds, heading, severity, harm, function, applies, wants, basis, chosen, by_hand)
        sys.modules[function.__module__].__dict__["CHECK"] = declared
        return function

    return register


def checks(names: Container[str] | None = None) -> tuple[Check, ...]:
    """Every check of these names, or every one, built-in and from entry points in the group `daytwo.checks`, in order of name."""
    return tuple(_loaded(name, module) for name, module in sorted(_modules().items()) if names is None or name in names)


def find_check(name: str) -> Check:
    """The check of this name, importing its module alone; the name without its domain will do. LookupError suggests near names."""
    wanted = name.replace("_", "-")
    modules = _built_in()
    matches = [known for known in modules if wanted in (known, known.partition("/")[2])]
    if not matches:
        modules = _modules()
        matches = [known for known in modules if wanted in (known, known.partition("/")[2])]
    if len(matches) == 1:
        return load(matches[0], modules[matches[0]])
    raise LookupError(f"there is no check {name!r}{_hint(matches or near(wanted))} (`daytwo checks` lists them)")


def near(name: str) -> list[str]:
    """The names of checks that look like this one, with their domains; a name that was given with one or without, each once."""
    from difflib import get_close_matches

    whole = {written: one for one in names() for written in (one, one.partition("/")[2])}
    return list(dict.fromkeys(whole[one] for one in get_close_matches(name, whole, n=6, cutoff=0.5)))[:3]


def _hint(near_names: list[str]) -> str:
    return f"; did you mean {' or '.join(near_names)}?" if near_names else ""


def names() -> tuple[str, ...]:
    """The names of all checks, without importing any."""
    return tuple(sorted(_modules()))


class Outline(Struct, frozen=True):
    """What can be said of a check without importing it. `kinds` are the names of its kinds' classes: `Runnable` stands for several.

    `left_out` says why the default profile does not ask it; empty where it does.
    """

    name: str
    heading: Heading
    severity: Severity
    basis: Basis
    kinds: tuple[str, ...]
    summary: str
    left_out: str = ""


INDEX: Final = Path(daytwo.__file__).parent / "library" / "checks.json"


@cache
def outlines() -> tuple[Outline, ...]:
    """An outline of every check in order of name: importing hundreds of modules takes ten times as long as reading the index of them.

    `make docs` writes the index, a test holds that it has not drifted, and a check that is not in it is imported.
    """
    from msgspec import json

    known = {one.name: one for one in json.decode(INDEX.read_bytes(), type=tuple[Outline, ...])} if INDEX.is_file() else {}
    return tuple(
        known[name] if name in known and module.startswith("daytwo.") else outline(load(name, module))
        for name, module in sorted(_modules().items())
    )


def outline(check: Check) -> Outline:
    kinds = tuple(kind.__name__ for kind in check.kinds)
    return Outline(check.name, check.heading, check.severity, check.basis, kinds, check.page.summary)


@cache
def _loaded(name: str, module: str) -> Check:
    return load(name, module)


def load(name: str, module: str) -> Check:
    """The check that a module declares, under the name it is known by; ImportError when it declares none."""
    declared = getattr(importlib.import_module(module), "CHECK", None)
    if declared is None:
        raise ImportError(f"{module} declares no @check")
    return replace(cast(Check, declared), name=name)


@cache
def _built_in() -> dict[str, str]:
    """Every built-in check's name with its module, told by the files that are there."""
    found: dict[str, str] = {}
    for file in sorted(_DOMAINS.glob("*/checks/[!_]*.py")):
        module = f"daytwo.domains.{file.parent.parent.name}.checks.{file.stem}"
        found[_name(module)] = module
    return found


@cache
def _modules() -> dict[str, str]:
    """The built-in checks and those that other packages add."""
    from importlib.metadata import entry_points

    return _built_in() | {entry.name: entry.value.partition(":")[0] for entry in entry_points(group="daytwo.checks")}


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


# -- actions ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Declaration:
    """What an action says of itself: which kinds it is for (none: it has no target), its parameters, and the rights it takes.

    `writes` is what sending takes, `reads` what planning and verifying take; both stand in the generated ClusterRole. Kinds are
    names as in `Ref`; `*` stands for every kind that discovery knows.
    """

    kinds: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    writes: tuple[Right, ...] = ()
    reads: tuple[Right, ...] = ()
    subresource: str = ""


class ActionModule(Protocol):
    """What a file in `actions/` holds: pure functions, beside its declaration `ACTION`.

    - `needs(call)`: what planning reads.
    - `plan(call, facts)`: what the call would do; raises UsageError for parameters that make no sense.
    - `watch(step)`: what verifying reads, as little as will do: it is read again and again.
    - `verify(step, done, facts)`: whether the step has come about, after an attempt that ended with `done`.
    - `undo(step, done)`: the step that takes this one back; None when nothing does.
    """

    ACTION: Declaration

    def needs(self, call: Call) -> Needs: ...

    def plan(self, call: Call, facts: Facts) -> Plan: ...

    def watch(self, step: Step) -> Needs: ...

    def verify(self, step: Step, done: Outcome, facts: Facts) -> Verification: ...

    def undo(self, step: Step, done: Outcome) -> Step | None: ...


@dataclass(frozen=True, slots=True)
class Action:
    """One action by name."""

    name: str
    module: ActionModule
    text: str

    @property
    def declaration(self) -> Declaration:
        return self.module.ACTION

    @property
    def summary(self) -> str:
        """The first sentence of its page."""
        return self.text.partition("\n")[0].strip()


def action_names() -> tuple[str, ...]:
    """The names of all actions, without importing any."""
    return tuple(sorted(_action_modules()))


def action_summaries() -> tuple[tuple[str, str], ...]:
    """Name and first line of each action's page, read from its source where there is one."""
    return tuple((name, _first_line(name, module)) for name, module in sorted(_action_modules().items()))


def actions() -> tuple[Action, ...]:
    """Every action, built-in and from entry points in the group `daytwo.actions`, in order of name."""
    return tuple(find_action(name) for name in action_names())


@cache
def find_action(name: str) -> Action:
    """The action of this name, importing its module alone. LookupError suggests near names."""
    module = _action_modules().get(name.replace("_", "-"))
    if module is None:
        from difflib import get_close_matches

        hint = _hint(get_close_matches(name, action_names(), n=3, cutoff=0.5))
        raise LookupError(f"there is no action {name!r}{hint} (`daytwo act` lists them)")
    found = importlib.import_module(module)
    missing = [part for part in ("ACTION", "needs", "plan", "watch", "verify", "undo") if not hasattr(found, part)]
    if missing:
        raise ImportError(f"{module} is no action: it lacks {', '.join(missing)}")
    from inspect import cleandoc

    return Action(name.replace("_", "-"), cast(ActionModule, found), cleandoc(found.__doc__ or ""))


def _first_line(name: str, module: str) -> str:
    source = Path(__file__).parent.joinpath(*module.split(".")[1:]).with_suffix(".py")
    if module.startswith("daytwo.") and source.is_file():
        line = source.read_text(encoding="utf-8").partition("\n")[0]
        return line.removeprefix('"""').removesuffix('"""').strip()
    return find_action(name).summary


@cache
def _action_modules() -> dict[str, str]:
    from importlib.metadata import entry_points

    built_in = {file.stem.replace("_", "-"): f"daytwo.actions.{file.stem}" for file in sorted(_ACTIONS.glob("[!_]*.py"))}
    return built_in | {entry.name: entry.value.partition(":")[0] for entry in entry_points(group="daytwo.actions")}
