"""One change of a run: what it does in words, how it is verified, how it is undone."""

from datetime import timedelta

import msgspec

from daytwo.model.call import Call
from daytwo.model.change import Change
from daytwo.model.target import Target
from daytwo.model.tier import Class


class Step(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One change of one call.

    - `title`: "scale deployment shop/web from 3 to 5", in the imperative.
    - `deadline`: how long verification may take without progress.
    - `undo`: in words what undoes it; empty when nothing does, and then `no_undo` says why.
    - `on_failure_undo`: when a later step of the same call fails, this one is undone (a drain that is blocked uncordons).
    - `replacer`: the controller that makes another of what this step ends, by uid; whoever verifies asks it how many it wants.
    """

    title: str
    call: Call
    change: Change
    class_: Class = msgspec.field(default=Class.MUTATING, name="class")
    deadline: timedelta = timedelta(minutes=5)
    undo: str = ""
    no_undo: str = ""
    on_failure_undo: bool = False
    replacer: Target | None = None
