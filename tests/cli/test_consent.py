"""Who may say yes, and how, without any cluster: standard input is no terminal here."""

import msgspec
import pytest

from daytwo.cli.consent import is_approved, word_to_type
from daytwo.domains.changes.policy import PolicyFacts
from daytwo.model.plan import Diff, Fighter
from daytwo.model.proposal import Proposal
from daytwo.model.tier import Class
from daytwo.settings import Acting
from tests.render.acting import AT, DIFF, DRAIN, DRAIN_DIFFS, FOREIGN, PLAN, proposal

FOUGHT = msgspec.structs.replace(PLAN, fighters=(Fighter("HPA shop/web", "sets the replicas itself", "its scaleTargetRef"),))
READING = msgspec.structs.replace(
    PLAN, class_=Class.READ, steps=tuple(msgspec.structs.replace(step, class_=Class.READ) for step in PLAN.steps), undo="", no_undo=""
)
IDLE = msgspec.structs.replace(PLAN, steps=(), already="it is so")


@pytest.mark.parametrize(
    ("found", "is_yes", "approved"),
    [
        (proposal(PLAN, DIFF), True, True),
        (proposal(PLAN, DIFF), False, False),
        (proposal(DRAIN, *DRAIN_DIFFS), True, False),
        (proposal(FOREIGN, Diff()), True, False),
        (proposal(FOUGHT, DIFF), True, False),
        (proposal(PLAN, Diff(unknown="hidden")), True, False),
        (proposal(PLAN, DIFF, around=PolicyFacts(Acting(allow_yes=False), AT, (DIFF,))), True, False),
        (proposal(READING, Diff()), False, True),
        (proposal(IDLE), False, True),
    ],
)
def test_yes_answers_only_what_policy_lets_it(found: Proposal, is_yes: bool, approved: bool) -> None:
    assert is_approved(found, is_yes=is_yes) is approved


def test_one_call_that_needs_a_person_needs_it_for_all() -> None:
    both = msgspec.structs.replace(proposal(PLAN, DIFF), items=(*proposal(PLAN, DIFF).items, *proposal(DRAIN, *DRAIN_DIFFS).items))
    assert not is_approved(both, is_yes=True)
    assert word_to_type(both) == "node-a"


def test_the_word_is_the_targets_name_or_the_clusters_where_there_is_not_just_one() -> None:
    assert word_to_type(proposal(DRAIN, *DRAIN_DIFFS)) == "node-a"
    assert word_to_type(proposal(FOREIGN, Diff())) == "prod-eu"
    two = msgspec.structs.replace(proposal(), items=(*proposal(DRAIN, *DRAIN_DIFFS).items, *proposal(FOREIGN, Diff()).items))
    assert word_to_type(two) == "prod-eu"
