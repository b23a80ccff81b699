"""Plans and runs keep the promise of their schemas."""

import json as stdlib_json
from typing import Any

import pytest

from daytwo.model.plan import Diff, FieldDiff, Plan
from daytwo.model.run import Run
from daytwo.render import document_of_acting as document
from daytwo.render import json, json_of_acting
from tests.render.acting import APPLY, APPLY_DIFF, DIFF, DRAIN, DRAIN_DIFFS, FOREIGN, PLAN, RUN, proposal
from tests.render.json_schema import complaints
from tests.render.test_text_of_runs import ASKED, GOING, HELD, LOST


def decoded(text: str) -> Any:
    return stdlib_json.loads(text)


@pytest.mark.parametrize(
    ("plan", "diffs"), [(PLAN, (DIFF,)), (APPLY, (APPLY_DIFF,)), (DRAIN, DRAIN_DIFFS), (FOREIGN, (Diff(unknown="foreign"),))]
)
def test_a_plan_fits_its_schema(plan: Plan, diffs: tuple[Diff, ...]) -> None:
    told = decoded(json_of_acting.plan(proposal(plan, *diffs)))
    assert told["schema"] == "daytwo.plan/v1"
    assert complaints(told, decoded(json.schema(document.PlanDocument))) == []


@pytest.mark.parametrize("run", [RUN, HELD, LOST, ASKED, GOING], ids=lambda run: run.id)
def test_a_run_fits_its_schema(run: Run) -> None:
    told = decoded(json_of_acting.run(run))
    assert told["schema"] == "daytwo.run/v1"
    assert complaints(told, decoded(json.schema(document.RunDocument))) == []


def test_the_list_of_runs_fits_its_schema() -> None:
    told = decoded(json_of_acting.runs([HELD, RUN]))
    assert [one["id"] for one in told["runs"]] == ["m3xa", "r7k2"]
    assert complaints(told, decoded(json.schema(document.RunsDocument))) == []


def test_a_plan_says_who_must_consent_and_why() -> None:
    (call,) = decoded(json_of_acting.plan(proposal(DRAIN, *DRAIN_DIFFS)))["calls"]
    assert (call["class"], call["tier"], call["ruling"]["consent"], call["ruling"]["no_yes"]) == (
        "destructive",
        "T3",
        "name",
        "it is destructive",
    )
    assert [step["form"] for step in call["steps"]] == ["patch", "evict", "evict"]
    assert [step["digest"] for step in call["steps"]] == ["d0", "d1", "d2"]


def test_absent_is_null_and_the_text_is_told_apart() -> None:
    diff = Diff(asked=(FieldDiff("/a", None, "absent"),))
    (call,) = decoded(json_of_acting.plan(proposal(PLAN, diff)))["calls"]
    assert call["steps"][0]["diff"]["asked"] == [{"path": "/a", "old": None, "new": "absent"}]
