"""What the command line needs from outside. `app.py` builds it; the commands know only this."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from daytwo.engine.act import Door
    from daytwo.engine.observe import FileSource, Source
    from daytwo.ledger.database import Ledger
    from daytwo.ledger.place import Place
    from daytwo.model.examination import Examination
    from daytwo.model.files import Files
    from daytwo.model.ownership import Ownership
    from daytwo.model.snapshot import Snapshot
    from daytwo.model.standard import Standard
    from daytwo.settings import Settings


class World(Protocol):
    """Clusters, recordings and the clock."""

    def open_cluster(self, context: str | None, kubeconfig: Path | None) -> "AbstractAsyncContextManager[Source]": ...

    def open_door(
        self, context: str | None, kubeconfig: Path | None, settings: "Settings", impersonate: str | None = None
    ) -> "AbstractAsyncContextManager[Door]":
        """The one way to change a cluster; `impersonate` None is as the kubeconfig says. Raises UsageError when it cannot be asked."""
        ...

    def open_files(self, files: "Files", overrides: "Mapping[str, str] | None" = None) -> "FileSource":
        """Manifests as a source; `overrides` are texts to take for those of some files.

        Raises UsageError with the place of what cannot be read, at the latest when read.
        """
        ...

    def standard(self, profile: str | None, exemptions: str | None) -> "Standard":
        """What is asked, and what is exempt from it; the defaults where nothing is named. UsageError for what cannot be read."""
        ...

    def owners(self, given: str | None) -> "Ownership":
        """Who looks after what, by a file; nothing where there is none. UsageError for what cannot be read."""
        ...

    def open_recording(self, path: Path) -> "Source": ...

    def write_recording(self, snapshot: "Snapshot", path: Path) -> None: ...

    async def examine(self, context: str | None, kubeconfig: Path | None, ledger: "Place | None") -> "Examination": ...

    def open_ledger(self, place: "Place", patience: timedelta, *, is_made: bool = True) -> "Ledger": ...

    def settings(self, given: Path | None) -> "Settings": ...

    def demo(self) -> Path: ...

    def now(self) -> datetime: ...
