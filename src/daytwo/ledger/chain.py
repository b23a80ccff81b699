"""How events hang on each other: each bears the hash of its own content and of the one before. Pure.

hash(n) = SHA-256(hash(n-1) as 32 bytes, then the JSON array [seq, at, actor, about, kind, data] without white space, in UTF-8),
where `at` is in microseconds since 1970 and `data` is a string: the stored text, JSON with its keys sorted.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from daytwo.model.remembered import Head

_encoder = msgspec.json.Encoder()


class Link(NamedTuple):
    """One event as it is stored: `at` in microseconds since 1970, `data` the JSON text."""

    seq: int
    at: int
    actor: str
    about: str
    kind: str
    data: str
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """The first place where the chain does not hold. `seq` is the event that is wrong or the first one missing."""

    seq: int
    text: str


def link_hash(previous: str, link: Link) -> str:
    """The hash of an event that follows the one with the hash `previous`."""
    return hashlib.sha256(bytes.fromhex(previous) + _encoder.encode(link[:6])).hexdigest()


class Walk:
    """Follows the chain from its start, event by event, until the first fault."""

    def __init__(self, start: Head) -> None:
        self.head = start
        self.count = 0
        self.fault: Fault | None = None

    def follow(self, links: Iterable[Link]) -> bool:
        """Goes on through events in the order of their seq. False after the first that does not fit."""
        seq, last = self.head.seq, self.head.hash
        for link in links:
            if link.seq != seq + 1:
                self.fault = Fault(seq + 1, _missing(seq + 1, link.seq - 1))
                break
            if link_hash(last, link) != link.hash:
                self.fault = Fault(link.seq, f"event {link.seq} was changed, or stands in another's place")
                break
            seq, last = link.seq, link.hash
            self.count += 1
        self.head = Head(seq, last)
        return self.fault is None


def _missing(first: int, last: int) -> str:
    return f"event {first} is missing" if first == last else f"events {first} to {last} are missing"


def missing(first: int, last: int) -> Fault:
    return Fault(first, _missing(first, last))
