"""Doing one thing to many items, a few at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


async def each(items: Iterable[T], ask: Callable[[T], Awaitable[None]], at_once: int) -> None:
    """Awaits `ask` for each item, `at_once` at a time and in their order; the first failure ends the others and is raised."""
    remaining = iter(items)

    async def work() -> None:
        for item in remaining:
            await ask(item)

    workers = [asyncio.ensure_future(work()) for _ in range(at_once)]
    try:
        await asyncio.gather(*workers)
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
