"""daytwo with a recording in the place of the live cluster: `python -m tests.cli.stand_in FILE ARGUMENTS…`.

A cluster named `slow` answers after a minute, one named `flaky` only every other time.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from daytwo.app import Outside
from daytwo.cli.main import run
from daytwo.engine.observe import Source
from daytwo.model.answer import Answers
from daytwo.model.errors import UsageError
from daytwo.model.gap import Want
from daytwo.model.progress import OnProgress, Progress
from daytwo.model.scope import Scope
from daytwo.model.snapshot import Snapshot
from daytwo.sources.recording import Recording


@dataclass
class Cluster:
    """What a recording holds, told as a cluster would."""

    recording: Recording
    name: str
    looks: int = 0

    async def read(self, scope: Scope, on_progress: OnProgress) -> Snapshot:
        self.looks += 1
        on_progress(Progress(kinds_read=12, kinds=43, objects=1204, gaps=1))
        if self.name == "slow":
            await asyncio.sleep(60)
        if self.name == "flaky" and self.looks % 2 == 0:
            raise UsageError("https://flaky.example: connection refused")
        return await self.recording.read(scope, on_progress)

    async def answer(self, wants: Sequence[Want]) -> Answers:
        return await self.recording.answer(wants)


class StandIn(Outside):
    """The world with another cluster."""

    def __init__(self, recording: Path) -> None:
        self._recording = recording

    @asynccontextmanager
    async def open_cluster(self, context: str | None, kubeconfig: Path | None) -> AsyncIterator[Source]:
        yield Cluster(Recording(self._recording), context or "quick")


if __name__ == "__main__":
    sys.exit(run(StandIn(Path(sys.argv[1])), sys.argv[2:]))
