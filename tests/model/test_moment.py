"""No time of a cluster is so far off that reckoning with it fails."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from daytwo.model.certificate import Certificate
from daytwo.model.metadata import Condition, Metadata
from daytwo.model.moment import EARLIEST, LATEST, duration, span


def since(time: str) -> datetime | None:
    return msgspec.json.decode(msgspec.json.encode({"lastTransitionTime": time}), type=Condition).last_transition_time


@pytest.mark.parametrize(
    ("time", "found"),
    [
        ("2026-11-20T08:00:00Z", datetime(2026, 11, 20, 8, tzinfo=UTC)),
        ("2026-11-20T10:00:00+02:00", datetime(2026, 11, 20, 8, tzinfo=UTC)),
        ("1970-01-01T00:00:00Z", datetime(1970, 1, 1, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+23:59", None),
        ("9999-12-31T23:59:59Z", LATEST),
        ("9999-12-31T23:59:59-23:59", LATEST),
    ],
)
def test_times(time: str, found: datetime | None) -> None:
    """Go's zero time is an absent one; Gateways really are made with conditions of 1970."""
    assert since(time) == found


def test_time_without_zone_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="timezone"):
        msgspec.json.decode('{"creationTimestamp": "2026-11-20T08:00:00"}', type=Metadata)


def test_certificate_that_never_expires_does_so_far_away() -> None:
    one = Certificate(not_after=datetime(9999, 12, 31, tzinfo=UTC), not_before=datetime(1, 1, 1, tzinfo=UTC))
    assert (one.not_before, one.not_after) == (EARLIEST, LATEST)


@pytest.mark.parametrize("seconds", [2**63 - 1, -(2**63), 1e300, 0, 30])
def test_any_span_can_be_added_to_any_time(seconds: float) -> None:
    """A pod may ask for a grace period of 292 thousand million years."""
    assert EARLIEST - span(abs(seconds)) < LATEST + span(abs(seconds))
    assert span(30) == timedelta(seconds=30)


@pytest.mark.parametrize(
    ("lasting", "told"),
    [
        (timedelta(seconds=0), "0 s"),
        (timedelta(seconds=59), "59 s"),
        (timedelta(seconds=214), "3 min 34 s"),
        (timedelta(minutes=48), "48 min"),
        (timedelta(hours=1, minutes=12), "1 h 12 min"),
        (timedelta(hours=19, minutes=40), "19 h"),
        (timedelta(hours=30), "30 h"),
        (timedelta(days=12, hours=5), "12 days"),
        (timedelta(days=1200), "1,200 days"),
    ],
)
def test_durations_have_two_units_at_most(lasting: timedelta, told: str) -> None:
    assert duration(lasting) == told
