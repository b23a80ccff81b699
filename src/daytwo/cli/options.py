"""The flags that commands share. One flag means one thing everywhere."""

import functools
from collections.abc import Callable
from typing import Any

import click

# A command's function: click calls it by keyword, and its int is the exit code.
Function = Callable[..., Any]
Decorator = Callable[[Function], Function]

SEVERITIES = ("critical", "high", "medium", "low", "info")


def check_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Completes the names of checks, importing none."""
    from daytwo.catalog import names

    return [name for name in names() if name.startswith(incomplete) or name.partition("/")[2].startswith(incomplete)]


def path_argument(function: Function) -> Function:
    return click.argument("paths", nargs=-1, type=click.Path(), metavar="[PATH]...")(function)


def rendering_options(function: Function) -> Function:
    """How to read files that are templates, and for which version."""
    return _chain(
        click.option("--values", multiple=True, metavar="FILE", help="Of a Helm chart: values, as helm takes them; repeatable."),
        click.option("--set", "sets", multiple=True, metavar="KEY=VALUE", help="Of a Helm chart: one value; repeatable."),
        click.option("--kubernetes", metavar="VERSION", help="The version that files are meant for, such as 1.34; the newest without it."),
    )(function)


def standard_options(function: Function) -> Function:
    """What findings are held to."""
    return _chain(
        click.option("--profile", metavar="NAME|FILE", help="Which checks are asked and how bad each is: default, strict, pss-baseline, …"),
        click.option("--exemptions", metavar="FILE", type=click.Path(), help="What is accepted and until when; else ./exemptions.yaml."),
        click.option("--owners", metavar="FILE", type=click.Path(), help="Which team looks after what; else ./owners.yaml."),
    )(function)


def target_options(function: Function) -> Function:
    """Which cluster."""
    return _chain(
        click.option("--context", metavar="NAME", help="The kubeconfig context to use."),
        click.option("--kubeconfig", metavar="FILE", type=click.Path(), help="The kubeconfig file to use."),
    )(function)


def scope_options(function: Function) -> Function:
    """How much of it to read."""
    return _chain(
        click.option("-n", "--namespace", "namespaces", multiple=True, metavar="NAME", help="Only this namespace; repeatable."),
        click.option("-A", "--all-namespaces", "is_everywhere", is_flag=True, help="The whole cluster, as without -n."),
    )(function)


def filter_options(function: Function) -> Function:
    """What to judge and show."""
    listed = ", ".join(SEVERITIES)
    return _chain(
        click.option("-l", "--selector", metavar="SELECTOR", help="Only workloads with these labels, and what belongs to them."),
        click.option("--only", multiple=True, metavar="CHECK", shell_complete=check_names, help="Only this check or domain; repeatable."),
        click.option("--skip", multiple=True, metavar="CHECK", shell_complete=check_names, help="Not this check or domain; repeatable."),
        click.option(
            "--min-severity", type=click.Choice(SEVERITIES), default="info", metavar="SEVERITY", help=f"This bad or worse: {listed}."
        ),
        click.option("--at", "moment", metavar="TIME", help="Judge a recording or a dump as of this time (RFC 3339)."),
        click.option("--demo", "is_demo", is_flag=True, help="Read the bundled recording of a shop with troubles."),
    )(function)


def ledger_options(function: Function) -> Function:
    """Where daytwo remembers, and what it is set to."""
    return _chain(
        click.option("--ledger", metavar="FILE|URL", help="Where daytwo remembers: a file, postgresql://…, or none for a look."),
        click.option("--settings", metavar="FILE", type=click.Path(), help="The settings file; else ./daytwo.yaml or the user's."),
    )(function)


def acting_options(function: Function) -> Function:
    """What every action can be told."""
    return _chain(
        click.option("-n", "--namespace", metavar="NAME", help="The target's namespace; the context's without it."),
        click.option("--dry-run", "is_dry_run", is_flag=True, help="Show what would change, and stop."),
        click.option("-y", "--yes", "is_yes", is_flag=True, help="Answer the question; not for what is destructive or must be read."),
        click.option("--for", "hold", metavar="DURATION", help="Take it back after this long, such as 30m."),
        click.option("--why", metavar="TEXT", default="", help="Why, for whoever reads the history."),
        click.option("--as", "user", metavar="USER", help="Act as this user (impersonation)."),
        ledger_options,
    )(function)


def timezone_option(function: Function) -> Function:
    return click.option("--timezone", metavar="NAME", help="Zone of the times shown, such as Europe/Berlin.")(function)


def output_option(*formats: str) -> Decorator:
    text = f"{', '.join(formats)}; with =FILE into a file; repeatable."
    return click.option("-o", "--output", "outputs", multiple=True, metavar="FORMAT[=FILE]", help=text)


def comparing_options(metavar: str, help: str) -> Decorator:
    """`--since` takes what `metavar` and `help` say."""
    return _chain(
        click.option("--since", metavar=metavar, help=help),
        click.option("--new-only", is_flag=True, help="Only what is new since then; the rest changes no exit code either."),
    )


def _chain(*decorators: Decorator) -> Decorator:
    return lambda function: functools.reduce(lambda wrapped, decorator: decorator(wrapped), reversed(decorators), function)
