"""Where the ledger of a command is: `--ledger`, else DAYTWO_LEDGER, else settings, else the user's file."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from daytwo.cli.world import World

if TYPE_CHECKING:
    from daytwo.ledger.place import Place
    from daytwo.settings import Settings

PATIENCE: Final = timedelta(seconds=30)
"""How long a command that changes something waits for other processes."""


def settings_of(world: World, given: str | None) -> "Settings":
    """What `--settings` names, or what is found without it."""
    return world.settings(Path(given) if given else None)


def place_of(world: World, ledger: str | None, settings: str | None) -> "Place":
    """Settings are only read where no ledger is named: the brakes must not depend on a file that is well formed."""
    from daytwo.ledger.place import ledger_place

    return ledger_place(ledger or settings_of(world, settings).ledger)
