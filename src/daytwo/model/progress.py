"""How far a reading is, for whoever waits."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the reading is."""

    kinds_read: int
    kinds: int
    objects: int
    gaps: int


OnProgress = Callable[[Progress], None]
