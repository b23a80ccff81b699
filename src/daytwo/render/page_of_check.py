"""A check's page and the list of checks, as text."""

import re
from collections.abc import Iterable
from datetime import timedelta

import msgspec

from daytwo.catalog import Check, Outline
from daytwo.model.severity import Basis, Harm, Heading
from daytwo.render.page import SEVERITY_STYLE, Line, Span, Style, lay_out, line, padded
from daytwo.render.words import listed

_LABEL = 10
_BASIS = {
    Basis.SPEC: "what is declared: the same in a file and in a cluster",
    Basis.STATE: "what a cluster shows: not asked of files",
    Basis.BOTH: "what is declared, and in a cluster what comes of it",
}
_HARM = {
    Harm.ACTIVE: "a fault now; today or this week, by what it leaves of the workload",
    Harm.ONE_EVENT_AWAY: "one ordinary event from hurt; this week",
    Harm.NONE: "nobody is hurt by it; hygiene",
}


def page(check: Check, left_out: str = "", *, width: int | None, is_coloured: bool) -> str:
    """Summary, Why, Fix, whatever else its docstring tells, and what it declares about itself; why the default profile leaves it out."""
    lines = [
        line(Span(check.name, Style.STRONG), "  ", Span(check.severity.upper(), SEVERITY_STYLE[check.severity]), f"  {check.heading}"),
        Line(),
        line(check.page.summary),
        Line(),
    ]
    kinds = listed([kind.KIND for kind in check.kinds])
    parts = [
        ("Why", check.page.why),
        ("Fix", check.page.fix),
        ("By hand", check.by_hand),
        *_others(check),
        ("Looks at", kinds),
        ("Judges", _BASIS[check.basis]),
        ("Harm", _HARM[check.harm]),
        ("Options", _options(check)),
        ("Profile", f"not asked by default: {left_out}" if left_out else ""),
    ]
    lines += [line(Span(padded(label, _LABEL), Style.FAINT), text, hang=_LABEL) for label, text in parts if text]
    if check.page.source:
        lines.append(line(Span(padded("Source", _LABEL), Style.FAINT), check.page.source, hang=_LABEL, is_whole=True))
    return lay_out(lines, width=width, is_coloured=is_coloured)


def _options(check: Check) -> str:
    """The values that a profile may set, with their defaults."""
    if check.options is None:
        return ""
    defaults = msgspec.to_builtins(check.options, builtin_types=(timedelta,))
    return ", ".join(f"{name} ({_value(value)})" for name, value in defaults.items()) + "; set them in a profile"


def _value(value: object) -> str:
    return (listed([str(one) for one in value], 5) or "none") if isinstance(value, list | tuple) else str(value)


def listing(checks: Iterable[Outline], *, width: int | None, is_coloured: bool) -> str:
    """Under each heading one check a line: name, severity, first sentence."""
    found = tuple(checks)
    longest = max((len(check.name) for check in found), default=0)
    lines: list[Line] = []
    for heading in Heading:
        under = [check for check in found if check.heading is heading]
        if under:
            lines += [Line()] if lines else []
            lines.append(line(Span(heading.upper(), Style.STRONG), Span(f"  {len(under)}", Style.FAINT)))
        for check in under:
            severity = Span(f"  {check.severity.upper():8}  ", SEVERITY_STYLE[check.severity])
            lines.append(line(f"  {padded(check.name, longest)}", severity, first_sentence(check.summary), hang=longest + 14))
    return lay_out(lines, width=width, is_coloured=is_coloured)


def first_sentence(text: str) -> str:
    """Up to the first full stop that ends a sentence; abbreviations such as `e.g.` do not."""
    found = re.search(r"(?<![ .]\w)\.(?= [A-Z])", text)
    return text[: found.start() + 1] if found else text


def _others(check: Check) -> list[tuple[str, str]]:
    """What the page tells beyond the usual three: `Not`."""
    told: list[str] = []
    is_inside = False
    for row in check.page.text.splitlines():
        label, colon, rest = row.partition(": ")
        if colon and label in ("Why", "Fix", "Source", "Not"):
            is_inside = label == "Not"
            row = rest
        if is_inside:
            told.append(row.strip())
    return [("Not", " ".join(told).strip())] if told else []
