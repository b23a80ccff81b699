"""What somebody is asked to approve."""

import msgspec

from daytwo.model.cluster import Cluster
from daytwo.model.person import Person
from daytwo.model.plan import Diff, Plan
from daytwo.model.ruling import Answer, Ruling
from daytwo.model.tier import Class


class Proposed(msgspec.Struct, frozen=True, gc=False):
    """One call as it would be carried out. `diffs` and `digests` are those of its steps, in order."""

    plan: Plan
    diffs: tuple[Diff, ...]
    digests: tuple[str, ...]
    ruling: Ruling


class Proposal(msgspec.Struct, frozen=True, gc=False):
    """Calls in order, on this cluster, as this person. `undoes` is the run that they take back."""

    cluster: Cluster
    person: Person
    items: tuple[Proposed, ...]
    undoes: str = ""

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to do."""
        return not any(item.plan.steps for item in self.items)

    @property
    def is_blocked(self) -> bool:
        """Whether it cannot work, whoever allows it."""
        return any(item.plan.blocked for item in self.items)

    @property
    def answer(self) -> Answer:
        return max((item.ruling.answer for item in self.items), key=lambda one: one.rank, default=Answer.ALLOW)

    @property
    def class_(self) -> Class:
        return max((item.ruling.class_ for item in self.items if item.plan.steps), key=lambda one: one.rank, default=Class.READ)

    @property
    def people(self) -> int:
        return max((item.ruling.people for item in self.items if item.plan.steps), default=0)
