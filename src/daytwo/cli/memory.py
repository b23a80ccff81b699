"""From flags to the memory of a command that looks: where the ledger is, and whether it is written."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from daytwo.cli.looking import note
from daytwo.cli.place import settings_of
from daytwo.cli.world import World
from daytwo.model.errors import UsageError

if TYPE_CHECKING:
    from daytwo.engine.remember import Memory
    from daytwo.ledger.database import Ledger
    from daytwo.model.memory import Past

PATIENCE: Final = timedelta(seconds=2)
"""How long a look's one transaction waits for other processes."""


def open_memory(
    world: World,
    ledger: str | None,
    settings: str | None,
    past: "Callable[[datetime], Past] | None" = None,
    *,
    is_written: bool,
) -> "Memory | None":
    """The memory of a command that looks at a live cluster. None where the ledger is `none`, or only read and not there yet.

    UsageError for a place that cannot be one, and for a comparison without a ledger.
    """
    from daytwo.cli.person import machine_user
    from daytwo.engine.remember import Memory
    from daytwo.ledger.place import NO_LEDGER, ledger_place

    name = ledger or settings_of(world, settings).ledger
    if name == NO_LEDGER:
        if past is not None:
            raise UsageError("--since: a time is looked up in the ledger, and there is none (--ledger none); name a recording")
        return None
    place = ledger_place(name)
    if not is_written and not place.is_postgresql and not place.path.exists():
        return None

    def opened() -> "Ledger":
        return world.open_ledger(place, PATIENCE, is_made=is_written)

    return Memory(opened, note, machine_user, is_written=is_written, past=past)
