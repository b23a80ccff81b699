"""Waiting for something to become true, with a deadline: the only place in the tests that waits."""

import threading
import time
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")

PATIENCE_SECONDS: Final = 120.0
"""Long enough for a busy machine: what is asked for usually holds within a second."""

_never = threading.Event()


class DeadlinePassed(AssertionError):
    """What was waited for did not come."""


def until(probe: Callable[[], T | None], what: str, timeout_seconds: float = PATIENCE_SECONDS) -> T:
    """The first answer of `probe` that is true. Raises DeadlinePassed, which says what was waited for and the last answer."""
    deadline = time.monotonic() + timeout_seconds
    pause = 0.02
    while True:
        answer = probe()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise DeadlinePassed(f"waited {timeout_seconds:.0f} s for {what}; last seen: {answer!r}")
        _never.wait(pause)
        pause = min(pause * 1.5, 0.5)


def pause(seconds: float) -> None:
    """Lets time pass, for tests that do something at a random moment. What is waited for goes by `until`."""
    _never.wait(seconds)
