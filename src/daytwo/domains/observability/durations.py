"""Durations as Prometheus writes them: `1h30m`, `15s`, `500ms`.

Source: https://prometheus.io/docs/prometheus/latest/configuration/configuration/ (<duration>)
"""

import re
from datetime import timedelta
from typing import Final

_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 7 * 86400.0, "y": 365 * 86400.0}
_FORM: Final = re.compile(r"(?:[0-9]{1,9}(?:ms|[ywdhms]))+")
_PART: Final = re.compile(r"([0-9]{1,9})(ms|[ywdhms])")


def scrape_duration(text: str) -> timedelta | None:
    """None for what is none, the empty one included."""
    if not _FORM.fullmatch(text):
        return None
    seconds = sum(int(number) * _UNITS[unit] for number, unit in _PART.findall(text))
    return timedelta(seconds=min(seconds, 1e9))
