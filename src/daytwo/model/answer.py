"""What came back for what was asked beyond the resources."""

from dataclasses import dataclass

from daytwo.model.gap import Gap, Want
from daytwo.model.occurrence import Occurrence


@dataclass(frozen=True, slots=True)
class Answers:
    """What came back for some wants: answered ones, with what occurred, and a gap for each of the others."""

    answered: frozenset[Want] = frozenset()
    occurrences: tuple[Occurrence, ...] = ()
    gaps: tuple[Gap, ...] = ()
