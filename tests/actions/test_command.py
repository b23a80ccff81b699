"""A foreign command: destructive, not undone, and its secrets are not told."""

from datetime import UTC, datetime

import pytest

from daytwo.actions import command
from daytwo.model.call import Call
from daytwo.model.change import Execute
from daytwo.model.errors import UsageError
from daytwo.model.outcome import Outcome, Seen, Status
from daytwo.model.plan import Plan
from daytwo.model.tier import Class, Tier
from tests.actions.specimens import facts

AT = datetime(2026, 11, 21, tzinfo=UTC)


def plan(*argv: str) -> Plan:
    return command.plan(Call("command", params={"argv": list(argv)}), facts())


def test_it_is_destructive_and_has_no_undo() -> None:
    """Nobody can tell what it does."""
    found = plan("helm", "rollback", "web", "3")
    (step,) = found.steps
    assert (found.class_, step.class_, found.tier) == (Class.DESTRUCTIVE, Class.DESTRUCTIVE, Tier.T3)
    assert found.undo == ""
    assert found.no_undo
    assert found.unknowns
    assert step.change == Execute(("helm", "rollback", "web", "3"))
    assert command.undo(step, Outcome(Status.DONE, AT)) is None


def test_its_title_shows_no_secret_and_can_be_pasted() -> None:
    """The argument after a flag that takes one is masked; what has spaces is quoted."""
    title = plan("vault", "login", "--token", "s.hunter2hunter2", "a b").title
    assert "hunter2" not in title
    assert title.endswith("'a b'")


@pytest.mark.parametrize("argv", [(), ("",), ("sh", "a\x00b"), ("login", "‹masked›")])
def test_what_cannot_be_run_is_refused(argv: tuple[str, ...]) -> None:
    """No program, no NUL, and nothing that was copied from a masked text."""
    with pytest.raises(UsageError):
        plan(*argv)


def test_its_exit_code_is_all_the_proof_there_is() -> None:
    """An unknown end stays unknown."""
    (step,) = plan("true").steps
    assert command.verify(step, Outcome(Status.DONE, AT, "exit code 0"), facts()).seen is Seen.DONE
    assert command.verify(step, Outcome(Status.UNKNOWN, AT, "killed"), facts()).seen is Seen.UNKNOWN
