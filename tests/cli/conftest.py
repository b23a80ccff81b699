"""Small recordings for the command line, made of object lists."""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from subprocess import CompletedProcess, run
from sys import executable

import pytest
import yaml

from daytwo.model.cluster import Cluster, HealthLine
from daytwo.sources.recording import write_recording
from tests.specimen import snapshot_of

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every recording of tests/cli/recordings."""
    folder = tmp_path_factory.mktemp("recordings")
    for path in sorted((HERE / "recordings").glob("*.yaml")):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        snapshot = snapshot_of(document)
        cluster = Cluster(document["cluster"], _uid(document), "v1.36.2", "viewer", readyz=(HealthLine("ping", ok=True),))
        snapshot = replace(snapshot, cluster=cluster)
        write_recording(snapshot, folder / f"{path.stem}.recording")
    return folder


def _uid(document: dict[str, list[dict[str, dict[str, str]]]]) -> str:
    return next(item["metadata"]["uid"] for item in document["items"] if item["metadata"]["name"] == "kube-system")


@dataclass(frozen=True)
class Desk:
    """A working folder with the recordings in it, and nothing of this machine's settings."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": f"{Path(executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.folder / "home"),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "LANG": "C.UTF-8",
            "LOGNAME": "ada",
        }

    def run(self, *command: str, **environment: str) -> CompletedProcess[str]:
        return run(command, cwd=self.folder, env={**self.environment, **environment}, capture_output=True, encoding="utf-8", check=False)


@pytest.fixture
def desk(tmp_path: Path, recordings: Path) -> Desk:
    for path in recordings.iterdir():
        (tmp_path / path.name).symlink_to(path)
    return Desk(tmp_path)
