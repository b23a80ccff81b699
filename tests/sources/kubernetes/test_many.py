"""Many items, a few at a time."""

import asyncio

import pytest

from daytwo.sources.kubernetes.many import each


def test_never_more_at_once_than_allowed() -> None:
    """And every item once, begun in order."""
    begun: list[int] = []
    at_once = most = 0

    async def ask(item: int) -> None:
        nonlocal at_once, most
        begun.append(item)
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0)
        at_once -= 1

    asyncio.run(each(range(100), ask, 4))

    assert begun == list(range(100))
    assert most == 4


def test_the_first_failure_ends_the_others() -> None:
    """It is raised as it is, and nothing goes on behind its back."""
    begun: list[int] = []

    async def ask(item: int) -> None:
        begun.append(item)
        if item == 3:
            raise LookupError("three")
        await asyncio.Event().wait()

    with pytest.raises(LookupError, match="three"):
        asyncio.run(each(range(100), ask, 4))

    assert begun == [0, 1, 2, 3]
