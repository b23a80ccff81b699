"""What is overdue, as the first line of every command: a timer that nobody works on takes nothing back."""

import sys
from collections.abc import Sequence

from daytwo.cli.world import World
from daytwo.model.errors import UsageError


def tell_overdue(world: World, arguments: Sequence[str], program: str) -> None:
    """On standard error. A ledger that cannot be read says nothing here: the command that needs it does."""
    from daytwo.ledger.glance import glance
    from daytwo.ledger.place import ledger_place
    from daytwo.render.visible import visible

    try:
        place = ledger_place(_named(arguments) or world.settings(None).ledger)
    except UsageError:
        return
    found = glance(place)
    if found is None:
        return
    from daytwo.model.moment import duration

    age = duration(world.now() - found.since)
    what = "should have gone on" if not found.is_timer else "should have been taken back"
    more = f", and {found.count - 1} more: {program} runs work" if found.count > 1 else ""
    text = f"OVERDUE  run {found.run} ({found.title}) {what} {age} ago and nobody works on it: {program} runs work {found.run}{more}"
    print(visible(text), file=sys.stderr)


def _named(arguments: Sequence[str]) -> str:
    """What `--ledger` says, wherever it stands."""
    for index, argument in enumerate(arguments):
        if argument == "--ledger" and index + 1 < len(arguments):
            return arguments[index + 1]
        if argument.startswith("--ledger="):
            return argument.partition("=")[2]
    return ""
