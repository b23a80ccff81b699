"""What the API server takes for a CronJob's schedule, and whether that is ever due.

The parser of the API server and of the controller is ParseStandard of https://github.com/robfig/cron/tree/v3.0.1; this tells what it
tells, in words, and need not reckon times.
"""

import re
from typing import Final, NamedTuple

_DESCRIPTORS: Final = frozenset({"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"})
_NUMBER: Final = re.compile(r"[+-]?[0-9]+\Z")
_DURATION: Final = re.compile(r"[+-]?(?:0|(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)\Z")
_MOST_DIGITS: Final = 18
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
# The 29th of February comes.
_LONGEST: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class _Field(NamedTuple):
    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()


class _Values(NamedTuple):
    """What a field allows, and whether it is a star, which changes how the two fields of days go together."""

    allowed: frozenset[int]
    is_star: bool


_FIELDS: Final = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of the week", 0, 6, _DAYS),
)


class ScheduleError(ValueError):
    """The API server refuses it; the text says why."""


def fault_of(schedule: str) -> str:
    """Why the API server refuses a schedule; empty where it takes it."""
    if "TZ" in schedule:
        return "a time zone belongs into spec.timeZone"
    if schedule.startswith("@"):
        if schedule in _DESCRIPTORS:
            return ""
        if schedule.startswith("@every "):
            return "" if _DURATION.match(schedule.removeprefix("@every ")) else "@every wants a duration such as 90m or 1h30m"
        return f"{schedule} is none of {', '.join(sorted(_DESCRIPTORS))} and @every 90m"
    try:
        _parse(schedule)
    except ScheduleError as error:
        return str(error)
    return ""


def is_never_due(schedule: str) -> bool:
    """Whether no day is ever on it, such as the 30th of February. A schedule that is refused is not asked."""
    if schedule.startswith("@") or fault_of(schedule):
        return False
    minute, hour, day, month, weekday = _parse(schedule)
    if not (minute.allowed and hour.allowed and month.allowed):
        return True
    has_day = any(number <= _LONGEST[which - 1] for which in month.allowed for number in day.allowed)
    if day.is_star or weekday.is_star:
        return not (has_day and weekday.allowed)
    # With neither a star, a day may match by either field.
    return not (has_day or weekday.allowed)


def _parse(schedule: str) -> tuple[_Values, ...]:
    words = schedule.split()
    if len(words) != len(_FIELDS):
        raise ScheduleError(f"it has {len(words)} fields where 5 are expected")
    return tuple(_values(word, field) for word, field in zip(words, _FIELDS, strict=True))


def _values(text: str, field: _Field) -> _Values:
    allowed: set[int] = set()
    is_star = False
    for part in filter(None, text.split(",")):
        values, has_star = _range(part, field)
        allowed |= values
        is_star = is_star or has_star
    return _Values(frozenset(allowed), is_star)


def _range(text: str, field: _Field) -> tuple[set[int], bool]:
    span, *steps = text.split("/")
    ends = span.split("-")
    is_star = ends[0] in ("*", "?")
    if is_star:
        low, high = field.low, field.high
    elif len(ends) <= 2:
        low = _number(ends[0], field)
        high = low if len(ends) == 1 else _number(ends[1], field)
    else:
        raise ScheduleError(f"{text} has too many hyphens")
    if len(steps) > 1:
        raise ScheduleError(f"{text} has too many slashes")
    step = 1
    if steps:
        step = _plain_number(steps[0], text)
        if len(ends) == 1:
            high = field.high
        is_star = is_star and step <= 1
    if low < field.low or high > field.high:
        raise ScheduleError(f"{text} is no {field.name}: those go from {field.low} to {field.high}")
    if low > high:
        raise ScheduleError(f"{text} begins after it ends")
    if step == 0:
        raise ScheduleError(f"the step of {text} is 0")
    return set(range(low, high + 1, step)), is_star


def _number(text: str, field: _Field) -> int:
    if text.lower() in field.names:
        return field.low + field.names.index(text.lower())
    return _plain_number(text, text)


def _plain_number(text: str, whole: str) -> int:
    if not _NUMBER.match(text):
        raise ScheduleError(f"{whole or 'an empty range'} is no number")
    number = int(text[:_MOST_DIGITS])
    if len(text) > _MOST_DIGITS:
        raise ScheduleError(f"{whole} is too large")
    if number < 0:
        raise ScheduleError(f"{whole} is below 0")
    return number
