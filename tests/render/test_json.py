"""The JSON documents keep the promise of their schemas."""

import json as stdlib_json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from daytwo.model.finding import Evidence
from daytwo.model.report import Mark
from daytwo.render import document, json
from daytwo.render.view import View
from tests.render.json_schema import complaints
from tests.render.shop import CRASH_LOOP, EXPIRING, NODE_LOST, at, shop, whole_shop

VIEW = View()


def decoded(text: str) -> Any:
    return stdlib_json.loads(text)


def schema(type: Any) -> Any:
    return decoded(json.schema(type))


def test_a_review_fits_its_schema() -> None:
    told = decoded(json.review(whole_shop(), VIEW))
    assert told["schema"] == "daytwo.review/v1"
    assert complaints(told, schema(document.ReviewDocument)) == []


def test_a_compared_review_fits_its_schema() -> None:
    report = replace(
        whole_shop(), marks={CRASH_LOOP.id: Mark.NEW, EXPIRING.id: Mark.STILL}, gone=(NODE_LOST,), compared_with=at("2026-11-19T08:00")
    )
    told = decoded(json.review(report, VIEW))
    assert complaints(told, schema(document.ReviewDocument)) == []
    assert [problem["mark"] for problem in told["problems"][:3]] == ["new", None, "still"]
    assert told["gone"][0]["mark"] == "gone"
    assert told["gone"][0]["number"] is None


def test_a_problem_and_a_check_fit_their_schemas() -> None:
    report = whole_shop()
    assert complaints(decoded(json.problem(report, CRASH_LOOP, VIEW)), schema(document.ProblemDocument)) == []
    assert complaints(decoded(json.check(report, VIEW)), schema(document.CheckDocument)) == []


def test_the_schema_test_itself_finds_what_is_wrong() -> None:
    told = decoded(json.review(whole_shop(), VIEW))
    told["problems"][0]["severity"] = "terrible"
    del told["look"]["uid"]
    told["extra"] = 1
    found = complaints(told, schema(document.ReviewDocument))
    assert [text.partition(":")[0] for text in found] == ["$", "$.look", "$.problems[0].severity"]


def test_a_problem_says_all_that_the_screen_says() -> None:
    problem = decoded(json.review(whole_shop(), VIEW))["problems"][0]
    assert problem["id"] == "3f2a91c07d"
    assert problem["number"] == 1
    assert problem["horizon"] == "today"
    assert problem["title"] == "2 of 3 pods are crash-looping: out of memory (limit 256Mi, 14 restarts)"
    assert problem["since"] == {"at": "2026-11-20T07:12:00Z", "exact": True}
    assert problem["know"] == [{"text": "pod payments-7c9d-x2x: last state OOMKilled", "at": "2026-11-20T07:58:00Z"}]
    assert problem["change"]["text"] == "revision 9 rolled out, revision 8 had been current for 12 days"
    assert problem["next"]["repair"] == ["kubectl", "-n", "shop", "rollout", "undo", "deployment/payments", "--to-revision=8"]
    assert problem["cause"] == {"kind": "Deployment", "namespace": "shop", "name": "payments"}
    assert len(problem["findings"]) == 2


def test_coverage_and_gaps_say_what_was_hidden() -> None:
    told = decoded(json.review(whole_shop(), VIEW))
    assert told["look"]["coverage"] == {"answered": 489, "asked": 504, "ratio": 0.970238}
    assert told["gaps"][0]["kind"] == "Secret"
    assert len(told["gaps"][0]["checks"]) == 4


def test_unknown_findings_come_last_and_say_what_hides_them() -> None:
    findings = decoded(json.check(whole_shop(), VIEW))["findings"]
    assert findings[-1]["verdict"] == "unknown"
    assert findings[-1]["hidden_by"] == "secrets in namespace vault: forbidden for user viewer"
    assert findings[0]["verdict"] == "fail"


def test_counts_are_of_what_is_listed() -> None:
    told = decoded(json.review(whole_shop(), VIEW))
    assert told["counts"] == {"today": 2, "this_week": 2, "hygiene": 8}
    assert len(told["problems"]) == 12


@settings(max_examples=50)
@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_any_text_comes_back_unchanged_and_steers_no_terminal(text: str) -> None:
    evil = replace(CRASH_LOOP, know=(Evidence(text),))
    told = json.problem(shop(evil), evil, VIEW)
    assert decoded(told)["problem"]["know"][0]["text"] == text.partition("{at}")[0] + text.partition("{at}")[2]
    assert "\x1b" not in told
    assert "\x9b" not in told
    assert "\u202e" not in told
