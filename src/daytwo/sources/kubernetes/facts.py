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
            if failure.status == 404:
                objects[target] = None
            else:
                gaps[target] = Gap("kubernetes", str(target), failure.reason, Cell(target.type.name, target.namespace))

    await each({msgspec.structs.replace(target, uid="") for target in needs.objects}, read, _AT_ONCE)
    return Facts(connection.server_time or at, snapshot, objects, gaps)
