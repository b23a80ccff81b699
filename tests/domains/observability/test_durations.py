"""Durations are read as Prometheus reads them."""

from datetime import timedelta

import pytest

from daytwo.domains.observability.durations import scrape_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("15s", 15), ("1m30s", 90), ("500ms", 0.5), ("1h", 3600), ("1d", 86400), ("2w", 14 * 86400), ("1y", 365 * 86400)],
)
def test_duration(text: str, seconds: float) -> None:
    assert scrape_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "15", "s", "1.5m", "1m 30s", "-1m", "1M", "١s"])
def test_what_is_no_duration(text: str) -> None:
    assert scrape_duration(text) is None
