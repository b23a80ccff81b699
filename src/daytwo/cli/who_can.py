"""`daytwo who-can`: who has a right, by which binding and role."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from daytwo.cli.looking import Looking, note, refuse_missing_namespaces
from daytwo.cli.options import output_option, target_options
from daytwo.cli.output import is_coloured, parse_outputs, show, width, write_whole
from daytwo.cli.progress import ProgressLine
from daytwo.cli.world import World
from daytwo.model.errors import UsageError
from daytwo.model.files import Files

if TYPE_CHECKING:
    from daytwo.engine.observe import Source
    from daytwo.model.access import Question, WhoCan
    from daytwo.model.snapshot import Snapshot

FORMATS: Final = ("text", "json")
_KINDS: Final = ("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding")


@click.command("who-can")
@click.argument("verb")
@click.argument("resource", metavar="RESOURCE[.GROUP][/SUBRESOURCE]")
@click.argument("name", required=False, default="")
@target_options
@click.option("-n", "--namespace", metavar="NAME", help="In this namespace.")
@click.option("-A", "--all-namespaces", "is_everywhere", is_flag=True, help="In whichever namespace, as without -n.")
@click.option("--from", "paths", multiple=True, metavar="PATH", help="Read a recording, files or folders instead; repeatable.")
@click.option("--demo", "is_demo", is_flag=True, help="Read the bundled recording of a shop with troubles.")
@output_option(*FORMATS)
@click.pass_context
def who_can(
    ctx: click.Context,
    /,
    verb: str,
    resource: str,
    name: str,
    context: str | None,
    kubeconfig: str | None,
    namespace: str | None,
    is_everywhere: bool,
    paths: tuple[str, ...],
    is_demo: bool,
    outputs: tuple[str, ...],
) -> int:
    """Who can VERB a resource (all of them, or the one called NAME), by which binding and role.

    It reads roles and bindings as the API server's RBAC authorizer does: daytwo who-can delete pods -n shop,
    who-can create deploy/scale, who-can get /metrics.

    \b
    Exit codes: 0 answered · 3 something could not be read, so that somebody may be missing
    """
    if namespace and is_everywhere:
        raise UsageError("-A asks about every namespace and -n about one; give one of them")
    wanted = parse_outputs(outputs, FORMATS)
    namespaces = (namespace,) if namespace else ()
    looking = Looking(paths=paths, is_demo=is_demo, context=context, kubeconfig=kubeconfig, namespaces=namespaces)
    answer = _answer(ctx.obj, looking, verb, resource, name)
    for output in wanted:
        is_shown = output.path is None
        text = _rendered(answer, output.format, is_shown=is_shown)
        if output.path is None:
            show(text)
        else:
            write_whole(output.path, text)
    # What merely is not among files is told, and nobody failed to read it.
    return 3 if any(gap.source != "files" for gap in answer.gaps) else 0


def _answer(world: World, looking: Looking, verb: str, resource: str, name: str) -> "WhoCan":
    import asyncio

    from daytwo.domains.access.resources import resolve
    from daytwo.domains.access.who_can import who_can
    from daytwo.model.control_plane import CustomResourceDefinition, Namespace

    kinds: tuple[str, ...] = _KINDS
    if not resource.startswith("/"):
        try:
            resolve(resource)
        except LookupError:
            # Perhaps a custom kind: only then they are worth reading.
            kinds = (*_KINDS, CustomResourceDefinition.KIND)
    if looking.namespaces and isinstance(looking.input(world), Path):
        # A cluster is asked about rights alone: whoever may read those may not see its namespaces.
        kinds = (*kinds, Namespace.KIND)
    snapshot = asyncio.run(_read(world, looking, kinds))
    namespace = looking.namespaces[0] if looking.namespaces else ""
    question = _question(snapshot, verb, resource, name, namespace)
    _refuse_no_verb(verb, snapshot)
    if Namespace.KIND in kinds:
        refuse_missing_namespaces(snapshot, looking.namespaces)
    return who_can(question, snapshot)


def _refuse_no_verb(verb: str, snapshot: "Snapshot") -> None:
    """Only whoever may do everything could do what is misspelt: that would read as if nobody else could do what was meant."""
    from daytwo.domains.access.verbs import what_was_meant

    hint = what_was_meant(verb, snapshot)
    if hint:
        raise UsageError(f'there is no verb "{verb}"{hint}')
    if hint is not None:
        note(f'no role names the verb "{verb}": only whoever may do everything can')


def _question(snapshot: "Snapshot", verb: str, text: str, name: str, namespace: str) -> "Question":
    from daytwo.domains.access.resources import resolve
    from daytwo.model.access import Question
    from daytwo.model.control_plane import CustomResourceDefinition

    if text.startswith("/"):
        if name or namespace:
            raise UsageError(f"{text} is a URL of the API server: it has neither name nor namespace")
        return Question(verb, url=text)
    try:
        meant = resolve(text, snapshot.seen(CustomResourceDefinition))
    except LookupError as error:
        raise UsageError(str(error.args[0])) from None
    if namespace and not meant.is_namespaced:
        raise UsageError(f"{meant.resource} are in no namespace; leave out -n {namespace}")
    return Question(verb, meant.resource, meant.group, meant.subresource, name, namespace, meant.is_namespaced)


async def _read(world: World, looking: Looking, kinds: tuple[str, ...]) -> "Snapshot":
    from daytwo.engine.observe import observe
    from daytwo.model.scope import Scope

    async def read(source: "Source") -> "Snapshot":
        with ProgressLine() as progress:
            return await observe(source, Scope(looking.namespaces, kinds), (), progress)

    given = looking.input(world)
    if isinstance(given, Files):
        return await read(world.open_files(given))
    if given is not None:
        return await read(world.open_recording(given))
    async with world.open_cluster(looking.context, Path(looking.kubeconfig) if looking.kubeconfig else None) as source:
        return await read(source)


def _rendered(answer: "WhoCan", format: str, *, is_shown: bool) -> str:
    if format == "json":
        from daytwo.render import json_of_access

        return json_of_access.who_can(answer)
    from daytwo.render import text_of_access

    return text_of_access.who_can(answer, width=width() if is_shown else None, is_coloured=is_shown and is_coloured())
