"""`daytwo record`: a cluster in one file."""

import re
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from daytwo.cli.looking import Looking, note
from daytwo.cli.options import path_argument, rendering_options, scope_options, target_options
from daytwo.cli.output import show
from daytwo.cli.progress import ProgressLine
from daytwo.cli.world import World
from daytwo.model.errors import UsageError

if TYPE_CHECKING:
    from daytwo.engine.observe import Source
    from daytwo.model.snapshot import Snapshot


@click.command()
@path_argument
@target_options
@scope_options
@rendering_options
@click.option("--out", metavar="FILE", type=click.Path(), help="Where to write it; CLUSTER-TIME.recording without it.")
@click.pass_context
def record(ctx: click.Context, /, out: str | None, **target: object) -> int:
    """Write a recording: all that daytwo reads of a cluster, or of the manifests at PATH, in one file.

    Values of Secrets and ConfigMaps never enter it; what looks like a credential elsewhere is masked. Every command that
    reads a cluster reads a recording as well: `daytwo review FILE`.

    \b
    Exit codes: 0 written ·
    3 written, but something could not be read (the recording says what)
    """
    import asyncio

    from daytwo.render.words import counted

    world: World = ctx.obj
    looking = Looking(**target)  # type: ignore[arg-type]  # click hands over some of the fields of Looking
    snapshot = asyncio.run(_read(world, looking))
    path = Path(out) if out else Path(_name(snapshot))
    world.write_recording(snapshot, path)
    show(f"{path}\n")
    gaps = len(snapshot.gaps)
    note(f"{counted(snapshot.count, 'object')} of {counted(len(snapshot.namespaces), 'namespace')}, {counted(gaps, 'gap')}")
    return 3 if gaps else 0


async def _read(world: World, looking: Looking) -> "Snapshot":
    from daytwo.engine.observe import observe
    from daytwo.engine.standard import selected_checks
    from daytwo.model.profile import ALL
    from daytwo.model.scope import Scope

    filters = looking.filters()
    given = looking.input(world)
    if isinstance(given, Path):
        raise UsageError(f"{given} is a recording already; name manifests, or nothing for the cluster")
    async with AsyncExitStack() as stack:
        source: Source
        if given is not None:
            source = world.open_files(given)
        else:
            kubeconfig = Path(looking.kubeconfig) if looking.kubeconfig else None
            source = await stack.enter_async_context(world.open_cluster(looking.context, kubeconfig))
        with ProgressLine() as progress:
            return await observe(source, Scope(filters.namespaces), selected_checks(filters, ALL), progress)


def _name(snapshot: "Snapshot") -> str:
    """`shop-prod-20261120T080000Z.recording`; contexts may be named like ARNs."""
    cluster = re.sub(r"[^A-Za-z0-9._-]+", "-", snapshot.cluster.name).strip("-.") or "cluster"
    return f"{cluster}-{snapshot.taken_at:%Y%m%dT%H%M%SZ}.recording"
