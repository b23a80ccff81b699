"""What one plan or one verification needs: single objects exactly as they are, and whole kinds."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec

from daytwo.api_server.connection import Connection, NoAnswer, decoded
from daytwo.model.cluster import Cluster
from daytwo.model.facts import Facts, Needs
from daytwo.model.gap import Gap
from daytwo.model.json import Object
from daytwo.model.live import Live
from daytwo.model.ref import Cell
from daytwo.model.scope import Scope
from daytwo.model.snapshot import Snapshot
from daytwo.model.target import Target
from daytwo.sources.kubernetes.look import Look
from daytwo.sources.kubernetes.many import each

_AT_ONCE: Final = 8
_PAGE: Final = 250


async def read_facts(connection: Connection, cluster: Cluster, needs: Needs, clock: Callable[[], datetime]) -> Facts:
    """What could be read; the rest is gaps. The kinds are read first, so that single objects are the newest of all."""
    at = connection.server_time or clock()
    snapshot = Snapshot(at, cluster, {}, {})
    if needs.kinds:
        snapshot = await Look(connection, Scope(needs.namespaces, needs.kinds), lambda progress: None).part(at, cluster)
    objects: dict[Target, Live | None] = {}
    gaps: dict[Target, Gap] = {}

    async def read(target: Target) -> None:
        try:
            objects[target] = Live(await connection.get(target.path, decoded(Object)))
        except NoAnswer as failure:
            if failure.status == 404 or not await _may_be_served(connection, target, failure):
                objects[target] = None
            else:
                gaps[target] = Gap("kubernetes", str(target), failure.reason, Cell(target.type.name, target.namespace))

    lists: dict[Target, tuple[Live, ...]] = {}

    async def read_all(target: Target) -> None:
        try:
            lists[target] = await _listed(connection, target)
        except NoAnswer as failure:
            if failure.status == 404 or not await _may_be_served(connection, target, failure):
                # A list is not found where its kind is not served: then there are none.
                lists[target] = ()
            else:
                gaps[target] = Gap("kubernetes", str(target), failure.reason, Cell(target.type.name, target.namespace))

    await each(set(needs.lists), read_all, _AT_ONCE)
    await each({msgspec.structs.replace(target, uid="") for target in needs.objects}, read, _AT_ONCE)
    return Facts(connection.server_time or at, snapshot, objects, gaps, lists)


async def _may_be_served(connection: Connection, target: Target, failure: NoAnswer) -> bool:
    """Whether what is forbidden may exist: rights are checked first, so kinds that nobody has installed are forbidden too."""
    if failure.status != 403:
        return True
    try:
        await connection.get(f"/apis/{target.type.group}/{target.type.version}" if target.type.group else "/api/v1", decoded(Object))
    except NoAnswer as answer:
        return answer.status != 404
    return True


class _Page(msgspec.Struct):
    class Metadata(msgspec.Struct):
        continue_: str = msgspec.field(default="", name="continue")

    items: list[Object] | None = None
    metadata: Metadata = msgspec.field(default_factory=Metadata)


async def _listed(connection: Connection, target: Target) -> tuple[Live, ...]:
    """All objects of a kind in a namespace, raw. Raises NoAnswer."""
    found: list[Live] = []
    query = [("limit", str(_PAGE))]
    while True:
        page = await connection.get(target.path, decoded(_Page), query)
        found += map(Live, page.items or ())
        if not page.metadata.continue_:
            return tuple(found)
        query = [("limit", str(_PAGE)), ("continue", page.metadata.continue_)]
