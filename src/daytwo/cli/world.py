"""What the command line needs from outside. `app.py` builds it; the commands know only this."""

from contextlib import AbstractAsyncContextManager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from daytwo.engine.observe import Source
    from daytwo.model.examination import Examination
    from daytwo.model.snapshot import Snapshot


class World(Protocol):
    """Clusters, recordings and the clock."""

    def open_cluster(self, context: str | None, kubeconfig: Path | None) -> "AbstractAsyncContextManager[Source]": ...

    def open_recording(self, path: Path) -> "Source": ...

    def write_recording(self, snapshot: "Snapshot", path: Path) -> None: ...

    async def examine(self, context: str | None, kubeconfig: Path | None) -> "Examination": ...

    def demo(self) -> Path: ...

    def now(self) -> datetime: ...
