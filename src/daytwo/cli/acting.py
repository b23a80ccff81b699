"""From a call to what is true afterwards: plan, show, ask, carry out, tell."""

from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from daytwo.cli.action_command import FORMATS, Acting
from daytwo.cli.bench import DONE, NOT_DONE, Bench
from daytwo.cli.consent import is_approved
from daytwo.cli.looking import note
from daytwo.cli.output import parse_outputs
from daytwo.cli.place import PATIENCE, settings_of
from daytwo.cli.world import World
from daytwo.model.errors import UsageError

if TYPE_CHECKING:
    from daytwo.catalog import Action
    from daytwo.engine.act import Door
    from daytwo.model.call import Call
    from daytwo.model.proposal import Proposal
    from daytwo.settings import Settings


def act_once(ctx: click.Context, action: "Action", acting: Acting) -> int:
    """One action on what was named."""
    import asyncio

    from daytwo.ledger.place import ledger_place

    world: World = ctx.obj
    outputs = parse_outputs(acting.outputs, FORMATS)
    hold = _hold(acting.hold)
    settings = settings_of(world, acting.settings)
    if not settings.act.is_enabled(action.name):
        note(f"settings do not enable {action.name} (act.enabled)")
        return NOT_DONE
    place = ledger_place(acting.ledger or settings.ledger)

    async def go() -> int:
        async with _door(world, acting, settings, action.name) as door:
            calls = await _calls(door, action, acting)
            with world.open_ledger(place, PATIENCE) as ledger:
                bench = Bench(world, settings, ledger, outputs, ctx.find_root().info_name or "daytwo")
                return await _act(bench, door, calls, acting, hold)

    return asyncio.run(go())


async def _act(bench: Bench, door: "Door", calls: "list[Call]", acting: Acting, hold: timedelta | None) -> int:
    from daytwo.engine.policy import policy_of

    proposal = await door.propose(calls, policy_of(bench.settings.act, bench.ledger, door.cluster.uid))
    return await carry_out(bench, door, proposal, is_dry_run=acting.is_dry_run, is_yes=acting.is_yes, why=acting.why, hold=hold)


async def carry_out(
    bench: Bench,
    door: "Door",
    proposal: "Proposal",
    *,
    is_dry_run: bool,
    is_yes: bool,
    why: str,
    hold: timedelta | None = None,
    title: str = "",
) -> int:
    """Shows the plan, asks, starts the run and works on it until it is over or waits for others."""
    from daytwo.model.ruling import Answer

    is_stopped = proposal.answer is Answer.DENY or proposal.is_blocked
    bench.show_plan(proposal, is_report=is_dry_run or is_stopped or proposal.is_idle)
    if is_stopped:
        return NOT_DONE
    if proposal.is_idle:
        return DONE
    if is_dry_run:
        return NOT_DONE if proposal.answer is Answer.UNKNOWN else DONE
    if hold is not None:
        _refuse_what_cannot_be_taken_back(proposal)
    if not is_approved(proposal, is_yes=is_yes):
        return NOT_DONE
    from daytwo.cli.working import start

    return await start(bench, door, proposal, why=why, hold=hold, title=title)


def _refuse_what_cannot_be_taken_back(proposal: "Proposal") -> None:
    for item in proposal.items:
        if item.plan.steps and not item.plan.undo:
            raise UsageError(f"--for: {item.plan.title} cannot be taken back: {item.plan.no_undo or 'nothing undoes it'}")


def _door(world: World, acting: Acting, settings: "Settings", action: str) -> "AbstractAsyncContextManager[Door]":
    kubeconfig = Path(acting.kubeconfig) if acting.kubeconfig else None
    impersonate = acting.user or settings.act.impersonated(action) or None
    return world.open_door(acting.context, kubeconfig, settings, impersonate)


async def _calls(door: "Door", action: "Action", acting: Acting) -> "list[Call]":
    """One call; of a file, one for each document in it."""
    from daytwo.model.call import Call

    kinds, subresource = action.declaration.kinds, action.declaration.subresource
    target = await door.target(acting.target, acting.namespace, kinds, subresource) if kinds else None
    if not acting.files:
        return [Call(action.name, target, acting.parameters)]
    import sys

    from daytwo.sources.manifests.documents import STDIN, read_manifests

    ((name, path),) = acting.files.items()
    documents = read_manifests(path, sys.stdin.read() if path == STDIN else "")
    targets = await door.targets_of(documents, acting.namespace)
    return [
        Call(action.name, target, {**acting.parameters, name: document.value}) for document, target in zip(documents, targets, strict=True)
    ]


def _hold(text: str | None) -> timedelta | None:
    from daytwo.model.moment import parse_duration

    if text is None:
        return None
    try:
        found = parse_duration(text)
    except ValueError as error:
        raise UsageError(f"--for: {error}") from None
    if not timedelta(seconds=1) <= found <= timedelta(days=30):
        raise UsageError(f'--for: "{text}" is out of reach; write something between 1s and 30d')
    return found
