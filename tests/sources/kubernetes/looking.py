"""Looking at a cluster from a test, with little patience."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from daytwo.api_server.connection import Patience
from daytwo.model.answer import Answers
from daytwo.model.gap import Want
from daytwo.model.progress import Progress
from daytwo.model.scope import Scope
from daytwo.model.snapshot import Snapshot
from daytwo.sources.kubernetes.live import open_cluster

QUICK: Final = Patience(
    credentials_seconds=30,
    connect_seconds=15,
    silence_seconds=20,
    request_seconds=60,
    retry_seconds=30,
    tries=3,
    first_pause_seconds=0.01,
    longest_pause_seconds=0.05,
)
"""Little patience with failures, much with a busy machine."""
HASTY: Final = replace(QUICK, silence_seconds=1)
"""For servers that hang."""


def look(
    kubeconfig: Path | None,
    *namespaces: str,
    context: str | None = None,
    patience: Patience = QUICK,
    environment: Mapping[str, str] | None = None,
    progress: list[Progress] | None = None,
) -> Snapshot:
    """A snapshot of the whole cluster, or of these namespaces."""

    async def read() -> Snapshot:
        async with open_cluster(context, kubeconfig, patience=patience, environment=environment or {}) as cluster:
            return await cluster.read(Scope(namespaces), (progress if progress is not None else []).append)

    return asyncio.run(read())


def ask(kubeconfig: Path, wants: Sequence[Want], patience: Patience = QUICK) -> Answers:
    async def answer() -> Answers:
        async with open_cluster(None, kubeconfig, patience=patience, environment={}) as cluster:
            return await cluster.answer(wants)

    return asyncio.run(answer())


def gaps(snapshot: Snapshot) -> list[str]:
    return [str(gap) for gap in snapshot.gaps]
