"""From flags to memory: where the ledger is, and which earlier look `--since` names."""

from collections.abc import Callable
from datetime import datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, Final

from daytwo.cli.place import settings_of
from daytwo.cli.world import World
from daytwo.model.errors import UsageError

if TYPE_CHECKING:
    from daytwo.engine.remember import Memory
    from daytwo.ledger.database import Ledger
    from daytwo.model.memory import Past

PATIENCE: Final = timedelta(seconds=2)
"""How long a look's one transaction waits for other processes."""

YESTERDAY: Final = "yesterday"


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
    from daytwo.cli.looking import note
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


def parse_past(text: str, zone: tzinfo) -> "Callable[[datetime], Past] | None":
    """What `--since` names when it is a time: for the time of a look, the earlier one to compare with. None for what is no time.

    - `24h`, `7d`: the last look at or before so long ago; a time in RFC 3339: at or before then.
    - `yesterday`: the look of yesterday's date in `zone` that is nearest to this time of day, else the last one before that day.

    UsageError for a time without a zone, and for one that has not come yet.
    """
    from daytwo.model.memory import Past
    from daytwo.model.moment import parse_duration

    if text == YESTERDAY:
        return lambda now: _yesterday(now, zone)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        try:
            span = parse_duration(text)
        except ValueError:
            return None
        return lambda now: Past(now - span)
    if moment.tzinfo is None:
        raise UsageError(f'--since: "{text}" is a time without a zone; write one such as 2026-11-20T08:00:00Z')

    def at(now: datetime) -> Past:
        if moment > now:
            raise UsageError(f"{text} has not come yet: this look was at {now:%Y-%m-%dT%H:%M:%SZ}")
        return Past(moment)

    return at


def _yesterday(now: datetime, zone: tzinfo) -> "Past":
    from daytwo.model.memory import Past

    local = now.astimezone(zone)
    yesterday = local.date() - timedelta(days=1)
    midnight, next_midnight = (datetime.combine(day, time(), zone) for day in (yesterday, local.date()))
    return Past(datetime.combine(yesterday, local.time(), zone), (midnight, next_midnight))
