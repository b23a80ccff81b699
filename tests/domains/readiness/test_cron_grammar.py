"""What is taken for a schedule is what the parser of the API server takes: measured with robfig/cron v3.0.1."""

import pytest

from daytwo.domains.readiness.cron_grammar import fault_of, is_never_due

DUE = (
    "* * * * *",
    "*/15 2-4,22 1 JAN-mar mon",
    "? ? ? ? ?",
    "0 0 29 2 *",
    "5/10 * * * *",
    # A star keeps what stands behind its hyphen from being read.
    "*-5 * * * *",
    "1,,2 * * * *",
    "+3 007 * * *",
    # A stepped star is no star: a day may then match by either field.
    "0 0 30 2 */2",
    "0 0 30 2 1",
    "@daily",
    "@every 1h30m",
    "@every .5s",
    "@every -5m",
)
REFUSED = (
    "",
    "* * * *",
    "* * * * * *",
    "60 * * * *",
    "0 24 * * *",
    "0 0 0 * *",
    "0 0 * 13 *",
    # Sunday is 0 alone.
    "0 0 * * 7",
    "0 0 * * sunday",
    "5-1 * * * *",
    "1-2-3 * * * *",
    "*/0 * * * *",
    "*/2/3 * * * *",
    "*/x * * * *",
    "1.5 * * * *",
    "* * L * *",
    "*/99999999999999999999 * * * *",
    "@Daily",
    "@reboot",
    "@hourly ",
    "@every 5",
    "@every  5m",
    "CRON_TZ=Asia/Tokyo 0 3 * * *",
)
NEVER = ("0 0 30 2 *", "0 0 31 4,6,9,11 *", "0 0 30 feb */1", ", * * * *", "0 0 30 2 ,")


@pytest.mark.parametrize("schedule", DUE)
def test_a_schedule_that_is_due_some_day_has_no_fault(schedule: str) -> None:
    assert fault_of(schedule) == ""
    assert not is_never_due(schedule)


@pytest.mark.parametrize("schedule", REFUSED)
def test_what_the_api_server_refuses_has_a_fault(schedule: str) -> None:
    assert fault_of(schedule)


@pytest.mark.parametrize("schedule", NEVER)
def test_a_day_that_no_month_has_is_never_due(schedule: str) -> None:
    assert fault_of(schedule) == ""
    assert is_never_due(schedule)
