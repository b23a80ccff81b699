"""The list of actions, and an action's page, as text."""

import re
from collections.abc import Collection, Iterable

from daytwo.render.page import Span, Style, lay_out, line, padded

_LABELLED = re.compile(r"(?m)^(?=[A-Z][a-z]+: )")


def listing(actions: Iterable[tuple[str, str]], disabled: Collection[str], *, width: int | None, is_coloured: bool, program: str) -> str:
    """One action a row with the first line of its page; what settings do not enable is faint."""
    found = tuple(actions)
    longest = max((len(name) for name, _ in found), default=0)
    rows = []
    for name, summary in found:
        is_off = name in disabled
        rows.append(
            line(
                Span(padded(name, longest), Style.FAINT if is_off else Style.STRONG),
                Span(f"  {summary}", Style.FAINT if is_off else Style.PLAIN),
                Span("  (not enabled: act.enabled)" if is_off else "", Style.FAINT),
                hang=longest + 2,
            )
        )
    hint = line(
        Span(f"{program} act NAME --help tells more of one, {program} act NAME TARGET --dry-run shows what it would do.", Style.FAINT)
    )
    return lay_out([*rows, line(), hint], width=width, is_coloured=is_coloured)


def paragraphs(text: str) -> str:
    """An action's page with each labelled part (Why, Undo, Source) as a paragraph of its own, addresses unbroken."""
    parted = re.sub(r"\n{3,}", "\n\n", _LABELLED.sub("\n", text)).strip()
    # What follows \b keeps its lines in click's help.
    return re.sub(r"(?m)^(?=Source: )", "\b\n", parted)
