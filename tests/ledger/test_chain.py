"""The laws of the chain, without a database."""

import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from daytwo.ledger.chain import Link, Walk, link_hash
from daytwo.ledger.tables import document, from_microseconds, to_microseconds
from daytwo.model.json import Json
from daytwo.model.remembered import GENESIS, Head, parse_head
from tests.ledger.test_events import JSON

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
LINKS = st.builds(Link, st.just(0), st.integers(0, 2**53), WORDS, WORDS, WORDS, WORDS)


def chained(links: list[Link]) -> list[Link]:
    hash, made = GENESIS, []
    for seq, link in enumerate(links, 1):
        placed = link._replace(seq=seq)
        hash = link_hash(hash, placed)
        made.append(placed._replace(hash=hash))
    return made


CHAINS = st.lists(LINKS, min_size=2, max_size=12).map(chained)


@given(CHAINS, st.integers(0, 12))
def test_chain_that_was_made_holds_in_any_pages(chain: list[Link], cut: int) -> None:
    """Where the pages are cut makes no difference."""
    walk = Walk(Head())
    assert walk.follow(chain[:cut])
    assert walk.follow(chain[cut:])
    assert walk.head == Head(len(chain), chain[-1].hash)
    assert walk.count == len(chain)


@given(CHAINS, st.data())
def test_any_other_content_is_found_where_it_is(chain: list[Link], data: st.DataObject) -> None:
    """Whatever is changed in one event, that event is named."""
    index = data.draw(st.integers(0, len(chain) - 1))
    field = data.draw(st.sampled_from(("at", "actor", "about", "kind", "data")))
    old = getattr(chain[index], field)
    new = old + 1 if isinstance(old, int) else old + data.draw(st.text("x0", min_size=1, max_size=2))
    chain[index] = chain[index]._replace(**{field: new})  # type: ignore[arg-type]  # one of the five
    walk = Walk(Head())
    assert not walk.follow(chain)
    assert walk.fault is not None
    assert walk.fault.seq == index + 1


@given(CHAINS, st.data())
def test_characters_moved_between_fields_are_found(chain: list[Link], data: st.DataObject) -> None:
    """The bytes that are hashed have one reading only: `a`, `bc` is not `ab`, `c`."""
    index = data.draw(st.integers(0, len(chain) - 1))
    link = chain[index]
    if not link.about:
        return
    chain[index] = link._replace(actor=link.actor + link.about[0], about=link.about[1:])
    assert not Walk(Head()).follow(chain)


@given(CHAINS, st.data())
def test_removal_inside_is_found(chain: list[Link], data: st.DataObject) -> None:
    """The first event that is missing is named; only a tail can go unseen."""
    index = data.draw(st.integers(0, len(chain) - 2))
    del chain[index]
    walk = Walk(Head())
    assert not walk.follow(chain)
    assert walk.fault is not None
    assert walk.fault.seq == index + 1


@given(CHAINS)
def test_hash_is_what_the_documentation_says(chain: list[Link]) -> None:
    """Anybody can prove a history with SHA-256 and JSON alone."""
    first, second = chain[:2]
    fields = [second.seq, second.at, second.actor, second.about, second.kind, second.data]
    told = json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode()
    if all(text.isprintable() for text in fields[2:] if isinstance(text, str)):
        assert hashlib.sha256(bytes.fromhex(first.hash) + told).hexdigest() == second.hash


@given(JSON)
def test_document_is_written_the_same_again(value: Json) -> None:
    """What is masked and sorted stays as it is when a backup is put back."""
    written = document(value)
    assert document(msgspec.json.decode(written)) == written


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45)), timezone(timedelta(hours=-9))])))
def test_time_comes_back_to_the_microsecond(moment: datetime) -> None:
    """Whatever its zone, an instant is the same instant."""
    assert from_microseconds(to_microseconds(moment)) == moment


@given(st.integers(0, 10**17), st.binary(min_size=32, max_size=32))
def test_head_is_read_as_it_is_told(seq: int, hash: bytes) -> None:
    """What `verify` prints is what `--head` takes."""
    head = Head(seq, hash.hex())
    assert parse_head(f" {head}\n") == head
