"""What is the reader's to mend."""

from collections.abc import Iterable
from difflib import get_close_matches


class UsageError(Exception):
    """A person's mistake. The message says what is wrong, where (file:line:column when there is one), and what to write instead."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`; did you mean "shop"?` for a name that is close to a known one, else nothing."""
    close = get_close_matches(name, sorted(known), n=1)
    return f'; did you mean "{close[0]}"?' if close else ""
