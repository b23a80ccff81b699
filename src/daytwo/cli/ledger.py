"""`daytwo ledger`: what daytwo remembers, and whether that is what was written."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from daytwo.cli.looking import note, zone
from daytwo.cli.options import ledger_options, output_option, timezone_option
from daytwo.cli.output import is_coloured, parse_outputs, show, width, write_whole, written_whole
from daytwo.cli.person import machine_user
from daytwo.cli.place import place_of
from daytwo.cli.when import moment
from daytwo.cli.world import World
from daytwo.model.errors import UsageError

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from daytwo.ledger.database import Ledger
    from daytwo.ledger.events import Wanted
    from daytwo.model.remembered import Event, Head

FORMATS: Final = ("text", "json")
_NEWEST: Final = 50
_LINES: Final = 1_000
_POLL_SECONDS: Final = 0.5


@click.group()
def ledger() -> None:
    """What daytwo remembers: each conclusion, approval and change is an event, and each event bears the hash of the one before.

    Without --ledger, DAYTWO_LEDGER and settings it is a file of yours in XDG_STATE_HOME/daytwo.
    """


def _filters(function: click.decorators.FC) -> click.decorators.FC:
    for option in (
        click.option("--since", metavar="TIME", help="Only events since this time: RFC 3339, 24h, 7d or yesterday."),
        click.option("--kind", metavar="KIND", default="", help="Only events of this kind, such as step_finished."),
        click.option("--about", metavar="ID", default="", help="Only events about this case, such as a run."),
    ):
        function = option(function)
    return function


@ledger.command("show")
@_filters
@click.option("--last", type=click.IntRange(1), metavar="NUMBER", help=f"The newest so many; {_NEWEST} without any other choice.")
@output_option(*FORMATS)
@timezone_option
@ledger_options
@click.pass_obj
def show_events(
    world: World,
    /,
    about: str,
    kind: str,
    since: str | None,
    last: int | None,
    outputs: tuple[str, ...],
    timezone: str | None,
    **place: str | None,
) -> None:
    """Events, the oldest first."""
    from daytwo.ledger.events import newest_events, read_all

    wanted_outputs = parse_outputs(outputs, FORMATS)
    shown_zone = zone(timezone)
    wanted = _wanted(about, kind, since, world.now(), shown_zone)
    is_narrowed = bool(about or kind or since)
    with _opened(world, place) as opened:
        limit = last if last is not None else None if is_narrowed else _NEWEST
        if limit is None:
            events = list(read_all(opened, wanted))
        else:
            with opened.read() as connection:
                events = newest_events(connection, wanted, limit)
        head = opened.head()
    for output in wanted_outputs:
        if output.format == "json":
            text = _json(events, head)
        else:
            is_page = output.path is None
            text = _text(events, shown_zone, width() if is_page else None, is_coloured=is_page and is_coloured())
        if output.path is None:
            show(text)
        else:
            write_whole(output.path, text)
    if not events:
        note("no event is like that" if is_narrowed else "the ledger holds no event yet")
    elif len(events) == limit and last is None and events[0].seq > 1:
        note(f"the newest {limit} events; --last or --since shows more")


@ledger.command()
@_filters
@click.option("-f", "--follow", "is_followed", is_flag=True, help="Go on with each new event, until Ctrl-C.")
@timezone_option
@ledger_options
@click.pass_obj
def tail(world: World, /, about: str, kind: str, since: str | None, is_followed: bool, timezone: str | None, **place: str | None) -> None:
    """The newest events, and with -f each new one as it is appended."""
    import time
    from dataclasses import replace

    from daytwo.ledger.events import newest_events, read_events

    shown_zone = zone(timezone)
    wanted = _wanted(about, kind, since, world.now(), shown_zone)
    with _opened(world, place) as opened:
        with opened.read() as connection:
            events = newest_events(connection, wanted, 10)
        wanted = replace(wanted, after=opened.head().seq if not events else events[-1].seq)
        while True:
            show(_text(events, shown_zone, width(), is_coloured=is_coloured()))
            if not is_followed:
                return
            if not events:
                time.sleep(_POLL_SECONDS)
            with opened.read() as connection:
                events = read_events(connection, wanted)
            if events:
                wanted = replace(wanted, after=events[-1].seq)


@ledger.command()
@click.option("--head", "heads", multiple=True, metavar="SEQ:HASH|FILE", help="A head kept elsewhere, or an export; repeatable.")
@ledger_options
@click.pass_obj
def verify(world: World, /, heads: tuple[str, ...], **place: str | None) -> int:
    """Whether the history is what was written: finds what was changed, removed or put in another order.

    A tail that was cut off is found by a head that was kept elsewhere: the one beside an SQLite ledger, and those that --head names.

    \b
    Exit codes: 0 the history is whole · 1 it is not
    """
    from daytwo.ledger.proof import prove

    known = [_head(text) for text in heads]
    with _opened(world, place) as opened:
        kept = _kept_head(opened.place.head_file)
        proof = prove(opened, known if kept is None else [*known, kept])
        where = opened.place
    if proof.fault is not None:
        show(f"{where}: {proof.fault.text}\n")
        if proof.fault.seq > 1:
            show(f"what is before event {proof.fault.seq} is as it was written\n")
        return 1
    pruned = f", after {proof.start.seq:,} that were pruned" if proof.start.seq else ""
    events = "1 event" if proof.count == 1 else f"{proof.count:,} events"
    show(f"{where}: {events}{pruned}, each as it was written\nhead {proof.head}\n")
    for one in proof.too_old:
        note(f"the head {one.seq} is from before the events that were pruned, so it cannot be compared")
    return 0


@ledger.command()
@click.option("--out", metavar="FILE", type=click.Path(path_type=Path), help="Into this file instead of standard output.")
@ledger_options
@click.pass_obj
def export(world: World, /, out: Path | None, **place: str | None) -> None:
    """The whole history as JSON Lines, and its head as the last line. Keep that elsewhere: `daytwo ledger verify --head` takes it."""
    from daytwo.ledger.keeping import export as lines_of

    with _opened(world, place) as opened:
        if out is None:
            lines = lines_of(opened)
            while page := "".join(islice(lines, _LINES)):
                show(page)
            return
        with written_whole(out) as file:
            for line in lines_of(opened):
                file.write(line)
    note(f"{out}: whole; its last line is the head, which `daytwo ledger verify --head {out}` compares with")


@ledger.command()
@click.argument("file", type=click.Path(path_type=Path))
@ledger_options
@click.pass_obj
def backup(world: World, /, file: Path, **place: str | None) -> None:
    """All of the ledger, as it is at this moment, into one new file, whichever database it is in."""
    from daytwo.ledger.keeping import back_up

    with _opened(world, place) as opened:
        head = back_up(opened, file)
    show(f"{file}\nhead {head}\n")


@ledger.command()
@click.argument("file", type=click.Path(path_type=Path))
@ledger_options
@click.pass_context
def restore(ctx: click.Context, /, file: Path, **place: str | None) -> None:
    """Put a backup into an empty ledger, of either kind, and the brakes on: its runs may have gone on since."""
    from daytwo.ledger.keeping import restore as put_back

    with _opened(ctx.obj, place, is_made=True) as opened:
        head = put_back(opened, file, machine_user())
        show(f"{opened.place}\nhead {head}\n")
    program = ctx.find_root().info_name or "daytwo"
    note(f"the brakes are on: look at `{program} runs list`, then go on with `{program} brakes off`")


@ledger.command()
@click.option("--before", metavar="TIME", required=True, help="Remove events from before this time: RFC 3339, or a span such as 90d.")
@ledger_options
@click.pass_obj
def prune(world: World, /, before: str, **place: str | None) -> None:
    """Remove old events. What stays is still proven, and that something was removed is an event of its own."""
    from daytwo.ledger.keeping import prune as remove

    until = moment(before, world.now(), UTC, "--before")
    if until > world.now():
        raise UsageError(f"--before {before} is in the future; name a time that has passed, such as 90d")
    with _opened(world, place) as opened:
        pruned = remove(opened, until, machine_user())
        head = opened.head()
    if not pruned.count:
        show("nothing is that old\n")
        return
    events = "1 event" if pruned.count == 1 else f"{pruned.count:,} events"
    show(f"{events} removed, up to head {pruned.through}\nhead {head}\n")


@contextmanager
def _opened(world: World, place: Mapping[str, str | None], *, is_made: bool = False) -> Iterator["Ledger"]:
    """The ledger that --ledger names, else the settings; one that is not there is not made by looking at it."""
    from daytwo.ledger.database import open_ledger

    with open_ledger(place_of(world, place["ledger"], place["settings"]), is_made=is_made) as opened:
        yield opened


def _kept_head(path: Path) -> "Head | None":
    """The head beside the ledger. One that is there and cannot be read proves nothing, which must not look like a proof."""
    from daytwo.ledger.head_file import read_head_file

    try:
        kept = read_head_file(path)
    except OSError as error:
        raise UsageError(
            f"{path}: {error.strerror}; without the head beside the ledger nobody can tell whether its tail is whole"
        ) from None
    if kept is None and path.exists():
        note(f"{path}: is not what daytwo writes, so that it proves nothing about the tail of the history")
    return kept


def _wanted(about: str, kind: str, since: str | None, now: "datetime", zone: "tzinfo") -> "Wanted":
    from daytwo.ledger.events import Wanted

    return Wanted(about=about, kind=kind, since=moment(since, now, zone, "--since") if since else None)


def _head(text: str) -> "Head":
    from daytwo.ledger.keeping import exported_head
    from daytwo.model.remembered import parse_head

    try:
        return parse_head(exported_head(Path(text)) if Path(text).is_file() else text)
    except ValueError as error:
        raise UsageError(f"--head: {error}") from None
    except OSError as error:
        raise UsageError(f"--head: {text}: {error.strerror}") from None


def _text(events: "list[Event]", zone: "tzinfo", columns: int | None, *, is_coloured: bool) -> str:
    from daytwo.render.text_of_history import history

    return history(events, zone, width=columns, is_coloured=is_coloured)


def _json(events: "list[Event]", head: "Head") -> str:
    from daytwo.render.json_of_history import history

    return history(events, head)
