"""The table of docs/horizons.md is the table in the code."""

from datetime import timedelta
from pathlib import Path

import pytest

from daytwo.domains.review.exposure import Exposure, Standing
from daytwo.domains.review.harm import Left, left, weigh_fault, weigh_machinery, weigh_risk
from daytwo.model.ref import Ref
from daytwo.model.severity import Horizon, Severity
from tests.domains.review.finding import deployment_ref

ROWS = (Path(__file__).parents[3] / "docs" / "horizons.md").read_text(encoding="utf-8")
EXAMPLES = {Left.NOTHING: (0, 4), Left.LITTLE: (1, 4), Left.ENOUGH: (3, 4), Left.ALL: (4, 4)}


def documented() -> list[tuple[Left, Exposure, str]]:
    lines = [line for line in ROWS.splitlines() if line.startswith("|")][2:6]
    found: list[tuple[Left, Exposure, str]] = []
    for what, line in zip(Left, lines, strict=True):
        cells = [cell.strip() for cell in line.strip("|").split("|")][1:]
        found.extend((what, exposure, cell) for exposure, cell in zip(Exposure, cells, strict=True))
    return found


@pytest.mark.parametrize(("what", "exposure", "words"), documented(), ids=str)
def test_documented_weight_is_the_weight(what: Left, exposure: Exposure, words: str) -> None:
    """Severity and horizon of each cell of the documented table."""
    ready, wanted = EXAMPLES[what]
    weight = weigh_fault(Standing(deployment_ref("web"), exposure, wanted, ready), timedelta(hours=2))
    severity, horizon = words.split(", ")[:2]
    assert weight.severity == Severity(severity)
    assert weight.horizon == Horizon(horizon.partition(" once ")[0])


@pytest.mark.parametrize(
    ("ready", "wanted", "what"),
    [
        (0, 1, Left.NOTHING),
        (1, 2, Left.LITTLE),
        (1, 3, Left.LITTLE),
        (2, 3, Left.ENOUGH),
        (2, 5, Left.LITTLE),
        (3, 3, Left.ALL),
        (0, 0, Left.ALL),
    ],
)
def test_what_is_left(ready: int, wanted: int, what: Left) -> None:
    """The last one of several is little, however few were wanted."""
    assert left(Standing(deployment_ref("web"), Exposure.SERVED, wanted, ready)) is what


def test_batch_that_is_down_for_minutes_can_wait() -> None:
    """Work without a Service is missed only after an hour."""
    standing = Standing(deployment_ref("worker"), Exposure.BATCH, 2, 0)
    assert weigh_fault(standing, timedelta(minutes=59)).horizon is Horizon.WEEK
    assert weigh_fault(standing, timedelta(minutes=61)).horizon is Horizon.TODAY
    assert weigh_fault(standing, None).horizon is Horizon.TODAY, "an unknown start never lowers"


def test_failed_job_is_this_week() -> None:
    standing = Standing(Ref("CronJob", "shop", "nightly"), Exposure.BATCH, 1, 0)
    assert weigh_fault(standing, timedelta(hours=8)).horizon is Horizon.WEEK


def test_unread_services_take_the_inner_column_and_say_so() -> None:
    weight = weigh_fault(Standing(deployment_ref("web"), Exposure.INNER, 2, 0, is_guess=True), None)
    assert (weight.severity, weight.horizon) == (Severity.HIGH, Horizon.TODAY)
    assert "Services could not be read" in weight.why


def test_risk_of_batch_work_is_hygiene() -> None:
    assert weigh_risk(Exposure.BATCH, Severity.HIGH).horizon is Horizon.HYGIENE
    assert weigh_risk(None, Severity.HIGH).horizon is Horizon.WEEK


def test_machinery_weighs_by_its_check() -> None:
    assert weigh_machinery(Severity.HIGH).horizon is Horizon.TODAY
    assert weigh_machinery(Severity.MEDIUM).horizon is Horizon.WEEK
    assert weigh_machinery(Severity.LOW).horizon is Horizon.HYGIENE
