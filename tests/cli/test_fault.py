"""A fault of daytwo itself is one line, a file with the traceback, and exit code 70."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from daytwo.app import Outside
from daytwo.cli.main import run
from daytwo.engine.observe import Source

AT = datetime(2026, 11, 20, 8, tzinfo=UTC)


class Broken(Outside):
    """A world whose recordings cannot be opened for a reason that nobody thought of."""

    def open_recording(self, path: Path) -> Source:
        raise RuntimeError("no\x1b[31m such luck")

    def now(self) -> datetime:
        return AT


@pytest.fixture
def recording(tmp_path: Path) -> str:
    path = tmp_path / "any.recording"
    path.write_bytes(b"\x1f\x8b")
    return str(path)


def test_a_fault_is_one_line_with_the_traceback_in_a_file(
    recording: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert run(Broken(), ["review", recording]) == 70
    said = capsys.readouterr()
    assert said.out == ""
    found = re.fullmatch(
        r"daytwo: a fault of daytwo itself, not of your cluster: RuntimeError: no\\x1b\[31m such luck; "
        r"please open an issue with the traceback in (.+)\n",
        said.err,
    )
    assert found
    path = Path(found[1])
    assert path == tmp_path / "state" / "daytwo" / "fault-20261120T080000Z.txt"
    text = path.read_text(encoding="utf-8")
    assert text.startswith("daytwo 0.")
    assert "Traceback" in text
    assert "open_recording" in text
    assert path.stat().st_mode & 0o077 == 0


def test_a_traceback_that_cannot_be_written_is_printed(
    recording: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/proc/nowhere")
    monkeypatch.setattr("tempfile.tempdir", "/proc/nowhere")
    assert run(Broken(), ["review", recording]) == 70
    assert "Traceback" in capsys.readouterr().err


def test_a_link_in_the_place_of_the_file_is_not_followed(
    recording: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The temporary folder is everybody's."""
    monkeypatch.setenv("XDG_STATE_HOME", "/proc/nowhere")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / "fault-20261120T080000Z.txt").symlink_to(victim)
    assert run(Broken(), ["review", recording]) == 70
    assert victim.read_text() == "precious"
    capsys.readouterr()
