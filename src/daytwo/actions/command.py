"""Run a foreign command: a program with its arguments, such as helm; no shell, no undo.

Why: what daytwo has no action for is still planned, approved and remembered in one place.
Not: repeated. What it does cannot be known beforehand, nor how far it got when it was interrupted: after a crash a person is asked.
It gets no environment of ours but a kubeconfig with one context, the one that is shown; programs are found in the system's folders.
Undo: none. It is destructive as far as anybody can tell.
"""

from datetime import timedelta

from daytwo.catalog import Declaration
from daytwo.model.call import Call
from daytwo.model.change import Execute
from daytwo.model.command import Command
from daytwo.model.concealment import is_concealed
from daytwo.model.errors import UsageError
from daytwo.model.facts import Facts, Needs
from daytwo.model.masking import mask_arguments
from daytwo.model.outcome import Outcome, Seen, Status, Verification
from daytwo.model.parameter import Parameter, ParameterType
from daytwo.model.plan import BlastRadius, Plan
from daytwo.model.step import Step
from daytwo.model.tier import Class, Tier

ACTION = Declaration(
    parameters=(Parameter("argv", ParameterType.TEXTS, "The program and its arguments, after --.", is_required=True, is_argument=True),),
)

_NO_UNDO = "nobody knows what it does"


def needs(call: Call) -> Needs:
    return Needs()


def plan(call: Call, facts: Facts) -> Plan:
    argv = call.texts("argv")
    if not argv or not argv[0].strip():
        raise UsageError("there is no command; write it after --, such as: -- helm rollback web 3")
    if any("\x00" in one for one in argv):
        raise UsageError("an argument holds a NUL character, which no program can be given")
    if is_concealed(list(argv)):
        raise UsageError("the command holds masked values, as daytwo prints them; put the real ones in")
    title = f"run {Command(mask_arguments(argv))}"
    step = Step(title, call, Execute(argv, call.target), class_=Class.DESTRUCTIVE, deadline=timedelta(hours=1), no_undo=_NO_UNDO)
    return Plan(
        call,
        title,
        (step,),
        class_=Class.DESTRUCTIVE,
        tier=Tier.T3,
        blast=BlastRadius(),
        unknowns=("what this command changes, and how much of it",),
        no_undo=_NO_UNDO,
    )


def watch(step: Step) -> Needs:
    return Needs()


def verify(step: Step, done: Outcome, facts: Facts) -> Verification:
    """Its exit code is all there is."""
    return Verification(Seen.DONE if done.status is Status.DONE else Seen.UNKNOWN, done.detail)


def undo(step: Step, done: Outcome) -> Step | None:
    return None
