"""What policy says of a plan: whether it may be carried out, why, and how much consent that takes."""

from enum import StrEnum

import msgspec

from daytwo.model.tier import Class, Tier


class Answer(StrEnum):
    """From the mildest: `warn` is told and allowed; `unknown` and `deny` stop what nobody insists on or may insist on."""

    ALLOW = "allow"
    WARN = "warn"
    UNKNOWN = "unknown"
    DENY = "deny"

    @property
    def rank(self) -> int:
        return _RANK[self]


_RANK = {each: rank for rank, each in enumerate(Answer)}


class Consent(StrEnum):
    """How a person at a terminal approves: not at all for what only reads, by `y`, or by typing the target's name."""

    NONE = "none"
    YES = "yes"
    NAME = "name"


class Reason(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What one rule says: `text` with what to do about it. `is_asked`: a person must have read it, so `--yes` does not answer."""

    rule: str
    answer: Answer
    text: str
    is_asked: bool = False


class Ruling(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What all rules say together: `answer` is the gravest of the reasons. A rule without an opinion gives none.

    `class_` and `tier` are the plan's, or raised. `people` is how many must approve, the starter included. `yes_will_do` says whether
    `--yes` may stand for the person at the terminal; where it may not, `no_yes` says why.
    """

    answer: Answer = Answer.ALLOW
    reasons: tuple[Reason, ...] = ()
    class_: Class = msgspec.field(default=Class.MUTATING, name="class")
    tier: Tier = Tier.T1
    people: int = 1
    no_yes: str = ""

    @property
    def consent(self) -> Consent:
        return {Class.READ: Consent.NONE, Class.MUTATING: Consent.YES, Class.DESTRUCTIVE: Consent.NAME}[self.class_]

    @property
    def yes_will_do(self) -> bool:
        return not self.no_yes

    @property
    def is_denied(self) -> bool:
        return self.answer is Answer.DENY

    def of(self, answer: Answer) -> tuple[Reason, ...]:
        return tuple(reason for reason in self.reasons if reason.answer is answer)
