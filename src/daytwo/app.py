"""The one place that builds and connects: what is behind the command line's `World`."""

import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from daytwo.engine.act import Door
    from daytwo.engine.observe import FileSource, Source
    from daytwo.ledger.database import Ledger
    from daytwo.ledger.place import Place
    from daytwo.model.examination import Examination
    from daytwo.model.files import Files
    from daytwo.model.ownership import Ownership
    from daytwo.model.person import Person
    from daytwo.model.snapshot import Snapshot
    from daytwo.model.standard import Standard
    from daytwo.settings import Settings


class Outside:
    """Real clusters, real files, the real clock. Each is imported when it is first used."""

    def open_cluster(self, context: str | None, kubeconfig: Path | None) -> "AbstractAsyncContextManager[Source]":
        from daytwo.sources.kubernetes.live import open_cluster

        return open_cluster(context=context, kubeconfig=kubeconfig)

    @asynccontextmanager
    async def open_door(
        self, context: str | None, kubeconfig: Path | None, settings: "Settings", impersonate: str | None = None
    ) -> "AsyncIterator[Door]":
        from daytwo.engine.act import Door
        from daytwo.sources.kubernetes.live import open_cluster
        from daytwo.writers.kubernetes import KubernetesWriter
        from daytwo.writers.process import ProcessRunner

        async with AsyncExitStack() as stack:
            # Who acts is told without any impersonation; what is done is done as whoever is impersonated.
            person = await stack.enter_async_context(open_cluster(context, kubeconfig, impersonate=""))
            cluster = await person.identify()
            acting = await stack.enter_async_context(open_cluster(context, kubeconfig, impersonate=impersonate))
            through = (await acting.identify()).user if acting.target.headers else ""
            writer = KubernetesWriter(acting.connection, settings.runs.request_timeout.total_seconds())
            yield Door(acting, writer, ProcessRunner(acting.target), cluster, _person(cluster.user, through))

    def open_files(self, files: "Files", overrides: "Mapping[str, str] | None" = None) -> "FileSource":
        from daytwo.sources.manifests.source import Manifests

        return Manifests(
            files,
            now=self.now(),
            stdin=lambda: sys.stdin.buffer.read().decode("utf-8", "surrogateescape"),
            overrides=overrides,
        )

    def standard(self, profile: str | None, exemptions: str | None) -> "Standard":
        from daytwo.model.standard import Standard
        from daytwo.sources.exemptions import find_exemptions, read_exemptions
        from daytwo.sources.profiles import DEFAULT, read_profile

        file = find_exemptions(Path(exemptions) if exemptions else None, Path())
        return Standard(read_profile(profile or DEFAULT), read_exemptions(file) if file is not None else ())

    def owners(self, given: str | None) -> "Ownership":
        from daytwo.model.ownership import NOTHING
        from daytwo.sources.ownership import find_owners, read_owners

        file = find_owners(Path(given) if given else None, Path())
        return read_owners(file) if file is not None else NOTHING

    def open_recording(self, path: Path) -> "Source":
        from daytwo.sources.recording import Recording

        return Recording(path)

    def write_recording(self, snapshot: "Snapshot", path: Path) -> None:
        from daytwo.sources.recording import write_recording

        write_recording(snapshot, path)

    async def examine(self, context: str | None, kubeconfig: Path | None, ledger: "Place | None") -> "Examination":
        from daytwo.engine.doctor import examine_cluster, examine_installation, examine_ledger
        from daytwo.model.examination import Examination
        from daytwo.sources.kubernetes.live import open_cluster

        cluster = await examine_cluster(lambda: open_cluster(context=context, kubeconfig=kubeconfig), self.now)

        def opened() -> "Ledger | None":
            is_there = ledger is not None and (ledger.is_postgresql or ledger.path.exists())
            return self.open_ledger(ledger, timedelta(seconds=2), is_made=False) if ledger is not None and is_there else None

        parts = (*examine_installation(), examine_ledger(opened, is_wanted=ledger is not None), *cluster.parts)
        return Examination(parts, cluster.missing_role, cluster.secrets_role)

    def open_ledger(self, place: "Place", patience: timedelta, *, is_made: bool = True) -> "Ledger":
        from daytwo.ledger.database import open_ledger

        return open_ledger(place, patience=patience, is_made=is_made)

    def settings(self, given: Path | None) -> "Settings":
        import os

        from daytwo.sources.settings import find_file, read_settings

        return read_settings(find_file(given, os.environ, Path()), os.environ)

    def demo(self) -> Path:
        return Path(__file__).parent / "library" / "shop.recording"

    def now(self) -> datetime:
        return datetime.now(UTC)


def _person(name: str, through: str) -> "Person":
    """As the API server calls us, else as this machine does."""
    from daytwo.cli.person import machine_user
    from daytwo.model.person import Person

    return Person(name, "kubernetes", through) if name else Person(machine_user(), "machine", through)


def main() -> None:
    """The entry points `daytwo` and `kubectl-daytwo`; the latter is called by `kubectl daytwo`."""
    try:
        from daytwo.cli.main import run

        program = "kubectl daytwo" if Path(sys.argv[0]).stem == "kubectl-daytwo" else "daytwo"
        code = run(Outside(), sys.argv[1:], program)
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)
