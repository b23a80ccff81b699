"""From an action's declaration to a command: its target, its parameters, and the flags that every action has."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import click

from daytwo.cli.options import acting_options, output_option, target_options
from daytwo.model.errors import UsageError

if TYPE_CHECKING:
    from daytwo.catalog import Action
    from daytwo.model.json import Json
    from daytwo.model.parameter import Parameter

FORMATS: Final = ("text", "json")
# Before the names of an action's own parameters, so that they cannot be taken for a flag of ours.
_OWN: Final = "parameter_"


@dataclass(frozen=True, kw_only=True, slots=True)
class Acting:
    """The flags of acting, as they were given."""

    target: str = ""
    namespace: str | None = None
    context: str | None = None
    kubeconfig: str | None = None
    ledger: str | None = None
    settings: str | None = None
    is_dry_run: bool = False
    is_yes: bool = False
    hold: str | None = None
    why: str = ""
    user: str | None = None
    outputs: tuple[str, ...] = ()
    parameters: "dict[str, Json]" = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)


Do = Callable[[click.Context, "Action", Acting], int]


def command_of(action: "Action", do: Do) -> click.Command:
    """The command `daytwo act NAME`; `do` is called with the action and the flags."""
    from daytwo.render.text_of_actions import paragraphs

    declaration = action.declaration

    def call(ctx: click.Context, /, **given: Any) -> int:
        own = {name.removeprefix(_OWN): given.pop(name) for name in list(given) if name.startswith(_OWN)}
        parameters, files = _values(declaration.parameters, own)
        return do(ctx, action, Acting(parameters=parameters, files=files, **given))

    function = target_options(acting_options(output_option(*FORMATS)(click.pass_context(call))))
    for parameter in reversed(declaration.parameters):
        if not parameter.is_argument:
            function = _option(parameter)(function)
    for parameter in reversed(declaration.parameters):
        if parameter.is_argument:
            function = _argument(parameter)(function)
    if declaration.kinds:
        function = click.argument("target", metavar=target_word(declaration.kinds))(function)
    page = f"{paragraphs(action.text)}\n\n{_for_what(declaration.kinds)}"
    # A foreign command's own flags are its own.
    takes_all = any(parameter.is_argument and parameter.type == "texts" for parameter in declaration.parameters) and not declaration.kinds
    settings = {"allow_interspersed_args": not takes_all}
    return click.command(action.name, help=page.strip(), short_help=action.summary, context_settings=settings)(function)


def target_word(kinds: tuple[str, ...]) -> str:
    """`KIND/NAME`, or `[node/]NAME` where there is only one kind."""
    return f"[{kinds[0].lower()}/]NAME" if len(kinds) == 1 and kinds != ("*",) else "KIND/NAME"


def _for_what(kinds: tuple[str, ...]) -> str:
    from daytwo.render.words import listed

    if not kinds or kinds == ("*",):
        return ""
    return f"For: {listed(kinds)}."


def _option(parameter: "Parameter") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    name, dest = f"--{parameter.name}", f"{_OWN}{parameter.name.replace('-', '_')}"
    if parameter.type == "flag":
        return click.option(name, dest, is_flag=True, help=parameter.help)
    kind: type[int] | type[str] = int if parameter.type == "number" else str
    help = f"{parameter.help} Repeatable." if parameter.type == "texts" else parameter.help
    return click.option(
        name,
        dest,
        type=kind,
        multiple=parameter.type == "texts",
        required=parameter.is_required,
        metavar=parameter.metavar or _METAVAR[parameter.type],
        help=help,
    )


_METAVAR: Final = {"text": "TEXT", "texts": "TEXT", "number": "N", "duration": "30s|5m", "path": "FILE"}


def _argument(parameter: "Parameter") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    many = parameter.type == "texts"
    word = parameter.metavar or ("FILE" if parameter.type == "path" else parameter.name.upper())
    return click.argument(
        f"{_OWN}{parameter.name.replace('-', '_')}",
        nargs=-1 if many else 1,
        required=parameter.is_required,
        metavar=f"{word}..." if many else word,
    )


def _values(parameters: "tuple[Parameter, ...]", given: dict[str, Any]) -> "tuple[dict[str, Json], dict[str, str]]":
    """JSON values of what was given, and the paths of files to read. What was not given is absent."""
    from daytwo.model.moment import parse_duration

    found: dict[str, Json] = {}
    files: dict[str, str] = {}
    for parameter in parameters:
        value = given[parameter.name.replace("-", "_")]
        if value is None or value is False or value == ():
            continue
        if parameter.type == "duration":
            try:
                parse_duration(value)
            except ValueError as error:
                raise UsageError(f"--{parameter.name}: {error}") from None
        if parameter.type == "path":
            files[parameter.name] = value
        else:
            found[parameter.name] = list(value) if isinstance(value, tuple) else value
    return found, files
