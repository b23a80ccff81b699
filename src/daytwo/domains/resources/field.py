"""Where requests and limits stand, and how a container is named in a sentence."""

from daytwo.model.path import join
from daytwo.model.runnable import Placed


def request_path(placed: Placed, resource: str) -> str:
    return join(f"{placed.path}.resources.requests", resource)


def limit_path(placed: Placed, resource: str) -> str:
    return join(f"{placed.path}.resources.limits", resource)


def named(placed: Placed) -> str:
    """`container app`, `init container migrate`."""
    return f"{placed.role} {placed.container.name}"
