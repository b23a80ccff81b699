"""Two scales of an act: its class decides who must approve, its tier decides which gate it passes."""

from enum import StrEnum


class Class(StrEnum):
    """What a command does to the world."""

    READ = "read"
    MUTATING = "mutating"
    DESTRUCTIVE = "destructive"

    @property
    def rank(self) -> int:
        return _RANK[self]


_RANK = {each: rank for rank, each in enumerate(Class)}


class Tier(StrEnum):
    """T1: undo known and one workload; T2: several workloads, or no undo; T3: destructive."""

    T1 = "T1"
    T2 = "T2"
    T3 = "T3"
