"""`make deep`: runs the long counts and writes what came of them to docs/deep.md."""

import platform
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

RESULT = Path(__file__).parents[1] / "docs" / "deep.md"


def main() -> int:
    """The exit code of pytest; the result file is written either way, so that a failure is seen in the next diff."""
    command = [sys.executable, "-m", "pytest", "-m", "deep", "--durations=0", "-rP", "--timeout=3600", "-o", "addopts="]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    print(run.stdout, run.stderr, sep="\n")
    tests = re.findall(r"^(\d+\.\d+)s call\s+(\S+)$", run.stdout, re.MULTILINE)
    # What a test counted is the line that it prints.
    counted = dict(re.findall(r"^_+ (\S+) _+\n-+ Captured stdout call -+\n(.+)$", run.stdout, re.MULTILINE))
    named = sorted((name.rpartition("::")[2], seconds) for seconds, name in tests)
    rows = "\n".join(f"| {name} | {seconds} | {counted.get(name, '')} |" for name, seconds in named)
    last = run.stdout.strip().splitlines()[-1].strip("= ") if run.stdout.strip() else "nothing ran"
    machine = f"{platform.machine()}, Python {platform.python_version()}"
    head = "| test | seconds | counted |\n|---|---|---|\n"
    told = f"`make deep` on {datetime.now(UTC):%Y-%m-%d} ({machine}): {last}."
    RESULT.write_text(f"# The long counts\n\n{told}\n\n{head}{rows}\n", encoding="utf-8")
    return run.returncode


if __name__ == "__main__":
    sys.exit(main())
