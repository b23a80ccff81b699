"""How much CPU and memory a review takes, and how long a start: `python -m bench.review` prints a table for the README.

Each measurement is a process of its own, and the least of a few runs: the machine may be busy, daytwo cannot be faster than it is.
"""

import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench.make_cluster import Size

DATA: Final = Path(__file__).parent / "data"
EXPLAINED: Final = "workloads/crash-looping"


@dataclass(frozen=True)
class Cost:
    """What one process took: seconds of CPU, seconds until it ended, and the most memory it held."""

    cpu_seconds: float
    seconds: float
    peak_bytes: int


def measure(*arguments: str, runs: int, codes: Sequence[int] = (0,)) -> Cost:
    """The least that `daytwo ARGUMENTS` took."""
    command = [str(Path(sys.executable).with_name("daytwo")), *arguments]
    return min((run(command, codes) for _ in range(runs)), key=lambda cost: cost.cpu_seconds)


def run(command: Sequence[str], codes: Sequence[int]) -> Cost:
    """What one process took; it must end with one of these codes."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    started = datetime.now(UTC)
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode in codes, f"{' '.join(command[:4])} ended with {process.returncode}"
    peak_bytes = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return Cost(usage.ru_utime + usage.ru_stime, (datetime.now(UTC) - started).total_seconds(), peak_bytes)


def recording(size: Size) -> Path:
    """A recording of a cluster of this size, made when it is not there yet."""
    path = DATA / f"{size.objects}.recording"
    if not path.exists():
        DATA.mkdir(exist_ok=True)
        # In a process of its own: the memory of a parent counts as the most that its children held.
        sizes = [f"--{name}={value}" for name, value in asdict(size).items()]
        subprocess.run([sys.executable, "-m", "bench.make_cluster", *sizes, str(path)], check=True, stdout=subprocess.DEVNULL)
    return path


def machine() -> str:
    """The machine in a few words."""
    try:
        models = [
            line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")
        ]
    except OSError:
        models = []
    model = models[0] if models else platform.processor() or platform.machine()
    return f"{os.cpu_count()} × {model}, {platform.system()}, Python {platform.python_version()}"


def main() -> None:
    rows: list[tuple[str, str, str, str]] = []
    for name in ("--help", f"explain {EXPLAINED}", "checks"):
        measure(*name.split(), runs=1)  # compiles the byte code
        cost = measure(*name.split(), runs=10)
        rows.append((f"`daytwo {name}`", f"{cost.seconds * 1000:.0f} ms", f"{cost.cpu_seconds * 1000:.0f} ms", _memory(cost)))
    once, twice = (recording(size) for size in (Size(), Size().times(2)))
    costs = []
    for size, path in ((Size(), once), (Size().times(2), twice)):
        cost = measure("review", str(path), runs=3, codes=(0, 1))
        costs.append(cost)
        what = f"`daytwo review` of {size.nodes:,} nodes, {size.pods:,} pods, {size.objects:,} objects"
        rows.append((what, f"{cost.seconds:.1f} s", f"{cost.cpu_seconds:.1f} s", _memory(cost)))
    print(f"Measured {datetime.now(UTC):%Y-%m-%d} on {machine()}.\n")
    print("| | time | CPU | most memory |\n|---|---|---|---|")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    print(f"\nTwice the objects take {costs[1].cpu_seconds / costs[0].cpu_seconds:.2f} times the CPU.")


def _memory(cost: Cost) -> str:
    return f"{cost.peak_bytes / 2**20:.0f} MB"


if __name__ == "__main__":
    main()
