"""SARIF that the standard's own schema accepts, and GitHub's limits."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from msgspec.structs import replace

from daytwo.model.report import Report
from daytwo.render import sarif
from tests.render.files import EMPTY, EXACT, FILES

SCHEMA = json.loads((Path(__file__).parents[1] / "schemas" / "sarif-2.1.0.json").read_text(encoding="utf-8"))


def run(report: Report) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(sarif.check(report))["runs"][0]
    return found


@pytest.mark.parametrize("report", [FILES, EMPTY])
def test_the_schema_of_the_standard_accepts_it(report: Report) -> None:
    jsonschema.Draft4Validator(SCHEMA).validate(json.loads(sarif.check(report)))


def test_the_schema_refuses_what_is_wrong() -> None:
    """A test must be able to fail."""
    document = json.loads(sarif.check(FILES))
    document["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
    assert list(jsonschema.Draft4Validator(SCHEMA).iter_errors(document))


def test_a_result_names_its_rule_file_line_and_column() -> None:
    told = run(FILES)
    first = told["results"][0]
    assert told["tool"]["driver"]["rules"][first["ruleIndex"]]["id"] == first["ruleId"] == "workloads/crash-looping"
    place = first["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "deploy/my%20web.yaml"}, "region": {"startLine": 12, "startColumn": 5}}
    assert first["level"] == "error"
    assert first["message"]["text"] == "Deployment shop/web: is not as it should be. Fix: write 2."


def test_paths_are_uris_and_a_rendered_finding_names_its_template_without_a_line() -> None:
    places = [result["locations"][0]["physicalLocation"] for result in run(FILES)["results"]]
    assert {"artifactLocation": {"uri": "charts/web/templates/deployment.yaml"}} in places
    assert any(place["artifactLocation"]["uri"] == "deploy/%C3%A4,b%3Ac.yaml" for place in places)


def test_what_stands_in_no_file_is_counted_and_not_told() -> None:
    assert sarif.left_out(FILES) == 1
    assert all(result["ruleId"] != "workloads/failed-job" for result in run(FILES)["results"])


def test_an_exempt_finding_is_suppressed_with_its_reason() -> None:
    (exempt,) = [result for result in run(FILES)["results"] if result["ruleId"] == "workloads/oom-killed"]
    assert exempt["suppressions"] == [{"kind": "external", "status": "accepted", "justification": "the vendor's chart (team-shop)"}]


def test_fingerprints_tell_the_same_document_in_two_files_apart() -> None:
    assert EXACT.origin is not None
    other = replace(EXACT, origin=replace(EXACT.origin, file="prod/web.yaml"))
    prints = [result["partialFingerprints"]["daytwo/v1"] for result in run(replace(FILES, findings=(EXACT, other)))["results"]]
    assert len(set(prints)) == len(prints) == 3


def test_no_more_results_than_an_upload_may_hold_and_the_worst_are_kept() -> None:
    many = replace(FILES, findings=(*(FILES.findings[1] for _ in range(sarif.MOST_RESULTS)), EXACT), exempt=())
    results = run(many)["results"]
    assert len(results) == sarif.MOST_RESULTS
    assert results[0]["ruleId"] == EXACT.check
    assert sarif.left_out(many) == 1
