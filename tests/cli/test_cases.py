"""Each file in cases/ is what somebody types and sees, run through the real entry point.

    # What it shows.
    $ daytwo review quiet.recording        the command
    → 0                                    its exit code
    quiet · looked at …                    its standard output; a line of standard error begins with `! `

The files that a case is about stand in a folder of its name beside it, and lie before whoever types.

`daytwo@FILE` is daytwo with that recording in the place of the live cluster.

`DAYTWO_UPDATE=1 pytest tests/cli/test_cases.py` writes what is seen into the files; read the difference before you commit it.
"""

import os
import shlex
import shutil
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Desk

ROOT = Path(__file__).parents[2]
CASES = sorted((Path(__file__).parent / "cases").glob("*.txt"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path, desk: Desk) -> None:
    wanted = path.read_text(encoding="utf-8")
    files = path.with_suffix("")
    if files.is_dir():
        shutil.copytree(files, desk.folder, dirs_exist_ok=True)
    seen = replay(wanted, desk)
    if os.environ.get("DAYTWO_UPDATE"):
        path.write_text(seen, encoding="utf-8")
    assert seen == wanted, f"{path.name} shows something else now; DAYTWO_UPDATE=1 writes it down"


def replay(text: str, desk: Desk) -> str:
    """The same comments and commands with what they show now."""
    parts: list[str] = []
    comment: list[str] = []
    for row in text.splitlines():
        if row.startswith("$ "):
            done = desk.run(*_command(row.removeprefix("$ ")), PYTHONPATH=str(ROOT))
            said = "".join(f"! {line}\n" for line in done.stderr.splitlines())
            head = "".join(f"{line}\n" for line in [*comment, row])
            parts.append(f"{head}→ {done.returncode}\n{done.stdout}{said}")
        # Only what stands right above a command is a comment; headings of Markdown look the same.
        comment = [*comment, row] if row.startswith("# ") else []
    return "\n".join(parts).replace(str(desk.folder), "DESK")


def _command(text: str) -> list[str]:
    words = shlex.split(text)
    program, _, recording = words[0].partition("@")
    return [sys.executable, "-m", "tests.cli.stand_in", recording, *words[1:]] if recording else [program, *words[1:]]


def test_every_case_begins_with_what_it_shows() -> None:
    for path in CASES:
        assert path.read_text(encoding="utf-8").startswith("# "), path.name
