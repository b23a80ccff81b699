"""A person's yes to what was just shown: `y`, or a name typed in full; never taken for granted."""

import signal
import sys
from typing import TYPE_CHECKING, Final

from daytwo.cli.looking import note

if TYPE_CHECKING:
    from daytwo.model.proposal import Proposal

_YES: Final = frozenset({"y", "yes"})


def is_approved(proposal: "Proposal", *, is_yes: bool) -> bool:
    """Whether somebody approves. Without a terminal only --yes can, and only where policy lets it; what to write instead is told."""
    from daytwo.model.ruling import Consent

    consents = {item.ruling.consent for item in proposal.items if item.plan.steps}
    if not consents - {Consent.NONE}:
        return True
    refusals = [item.ruling.no_yes for item in proposal.items if item.plan.steps and item.ruling.no_yes]
    if is_yes and not refusals:
        return True
    if is_yes:
        note(f"--yes does not answer here: {refusals[0]}")
    if not sys.stdin.isatty():
        note(f"not done: {_without_terminal(refusals, is_yes=is_yes)}")
        return False
    if Consent.NAME in consents:
        return is_typed(word_to_type(proposal), "this cannot be taken back" if _has_no_undo(proposal) else "this is destructive")
    return is_confirmed("do it?")


def is_confirmed(question: str) -> bool:
    return _asked(f"{question} [y/N] ").lower() in _YES


def is_typed(word: str, why: str) -> bool:
    """Whether the person typed just this word."""
    typed = _asked(f"{why}; type {word} to do it: ")
    if typed and typed != word:
        note(f'not done: that was "{typed}", not "{word}"')
    return typed == word


def word_to_type(proposal: "Proposal") -> str:
    """The target's name; the cluster's where there are several targets, or none."""
    from daytwo.model.ruling import Consent

    targets = {item.plan.call.target for item in proposal.items if item.plan.steps and item.ruling.consent is Consent.NAME}
    names = {target.name if target is not None else "" for target in targets}
    name = names.pop() if len(names) == 1 else ""
    return name or proposal.cluster.name or proposal.cluster.uid


def _has_no_undo(proposal: "Proposal") -> bool:
    return any(item.plan.steps and not item.plan.undo for item in proposal.items)


def _without_terminal(refusals: list[str], *, is_yes: bool) -> str:
    if refusals:
        return "it takes a person at a terminal" + ("" if is_yes else f": {refusals[0]}")
    return "there is no terminal to ask at; add --yes to approve what --dry-run shows"


def _asked(prompt: str) -> str:
    """The answer, on standard error, so that standard output holds the report alone; the end of input is no."""
    from daytwo.render.visible import visible

    sys.stderr.write(visible(prompt))
    sys.stderr.flush()
    # While asyncio runs, Ctrl-C only asks its task to stop, which waits for this very line.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        line = sys.stdin.readline()
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        raise
    finally:
        signal.signal(signal.SIGINT, before)
    if not line.endswith("\n"):
        sys.stderr.write("\n")
    return line.strip()
