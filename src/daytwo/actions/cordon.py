"""Keep new pods away from a node; those on it stay.

Why: a node that misbehaves, or is to be drained or replaced, should not be given more work.
Undo: uncordon, which is never done to a node that was cordoned before.
Source: https://kubernetes.io/docs/concepts/architecture/nodes/#manual-node-administration
"""

from datetime import timedelta
from typing import Final

import msgspec

from daytwo.actions.forms import patch
from daytwo.catalog import Declaration
from daytwo.model.call import Call
from daytwo.model.change import FieldChange, Patch
from daytwo.model.errors import UsageError
from daytwo.model.facts import Facts, Needs
from daytwo.model.fitting import CORDON
from daytwo.model.live import Live
from daytwo.model.moment import duration
from daytwo.model.node import Node
from daytwo.model.outcome import Outcome, Seen, Verification
from daytwo.model.plan import BlastRadius, Plan
from daytwo.model.right import Right
from daytwo.model.step import Step
from daytwo.model.target import Target

ACTION = Declaration(kinds=("Node",), writes=(Right("patch", "", "nodes"),), reads=(Right("get", "", "nodes"),))

_PATH: Final = "/spec/unschedulable"
# The node lifecycle controller writes the taint within half a second.
_DEADLINE: Final = timedelta(minutes=1)


def needs(call: Call) -> Needs:
    return Needs(objects=(target_of(call),))


def plan(call: Call, facts: Facts) -> Plan:
    live = found(call, facts)
    title = f"cordon {target_of(call)}"
    if is_cordoned(live):
        return Plan(call, title, already=f"{target_of(call)} is cordoned already{who_cordoned(live, facts)}")
    made = step(call, live, is_cordoned=True)
    effects = ("no new pods are placed on it; those on it stay, and DaemonSets still place theirs",)
    return Plan(call, title, (made,), blast=BlastRadius(nodes=1), effects=effects, undo=made.undo)


def watch(step: Step) -> Needs:
    assert step.change.target is not None
    return Needs(objects=(step.change.target,))


def verify(step: Step, done: Outcome, facts: Facts) -> Verification:
    assert isinstance(step.change, Patch)
    live = facts.live(step.change.target)
    lost = patch.lost(step.change, live)
    if live is None or lost:
        return Verification(Seen.FAILED, lost)
    is_wanted = step.change.fields[0].new is True
    is_tainted = live.as_(Node).taint(CORDON.key) is not None
    if is_wanted != is_tainted:
        return Verification(Seen.NOT_YET, f"the taint {CORDON.key} is {'not there yet' if is_wanted else 'still there'}")
    return Verification(Seen.DONE, "cordoned" if is_wanted else "new pods may be placed on it")


def undo(step: Step, done: Outcome) -> Step | None:
    assert isinstance(step.change, Patch)
    back = patch.inverse(step.change)
    word = "cordon" if back.fields[0].new is True else "uncordon"
    return msgspec.structs.replace(step, title=f"{word} {step.change.target}", change=back, undo="", on_failure_undo=False)


# -- what uncordon and drain do the same way ------------------------------------------------------------------------


def target_of(call: Call) -> Target:
    assert call.target is not None
    return call.target


def found(call: Call, facts: Facts) -> Live:
    """The node as it stands. Raises UsageError where there is none, and Unseen where it could not be read."""
    live = facts.live(target_of(call))
    if live is None:
        raise UsageError(f"there is no {target_of(call)}; `kubectl get nodes` lists those there are")
    return live


def is_cordoned(live: Live) -> bool:
    return live.at(_PATH) is True


def step(call: Call, live: Live, *, is_cordoned: bool) -> Step:
    """The change of the one field, from what stands there: absent, or what somebody wrote."""
    target = msgspec.structs.replace(target_of(call), uid=live.uid)
    change = Patch(target, (FieldChange(_PATH, old=live.at(_PATH), new=True if is_cordoned else None),))
    title, back = ("cordon", "uncordon") if is_cordoned else ("uncordon", "cordon")
    return Step(f"{title} {target}", call, change, deadline=_DEADLINE, undo=f"{back} it")


def who_cordoned(live: Live, facts: Facts) -> str:
    """` by kubectl, 3 h ago`; nothing where the node does not tell."""
    written = live.as_(Node).last_write("unschedulable")
    if written is None or written.time is None:
        return ""
    return f", by {written.manager} {duration(max(facts.at - written.time, timedelta()))} ago"
