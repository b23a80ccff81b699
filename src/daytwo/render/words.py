"""Counts, lists and shares as a person reads them."""

from collections.abc import Sequence


def counted(number: int, singular: str, plural: str = "") -> str:
    """`1 pod`, `1,204 objects`."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def ordinal(number: int) -> str:
    """`1st`, `2nd`, `3rd`, `11th`, `22nd`."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{ending}"


def listed(names: Sequence[str], most: int = 0) -> str:
    """`a, b and c`; with `most`, the first few and how many more."""
    if most and len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most:,} more"
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def percent(ratio: float) -> str:
    """`97 %`. Only what is whole is 100 %, and only what is nothing is 0 %: `99.98 %`, `0.1 %`."""
    for decimals in (0, 1, 2, 3):
        text = f"{ratio:.{decimals}%}".removesuffix("%")
        if (float(text) < 100 or ratio >= 1) and (float(text) > 0 or ratio <= 0):
            return f"{text} %"
    return "< 100 %" if ratio > 0.5 else "> 0 %"
