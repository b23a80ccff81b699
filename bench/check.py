"""How much CPU and memory `daytwo check` takes for trees of manifests, beside kube-score: `python -m bench.check`.

The same trees for both: files of a Deployment, a Service, a PodDisruptionBudget and a HorizontalPodAutoscaler each. kube-score
is found on the PATH or in Go's folder of binaries; where it is not, standard error says how to install it.
"""

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench.make_manifests import make_manifests
from bench.review import DATA, Cost, machine, run
from daytwo import catalog

SIZES: Final = (100, 500, 2500, 5000)
KUBE_SCORE: Final = "github.com/zegl/kube-score/cmd/kube-score@v1.20.0"
_KUBE_SCORE_CHECKS: Final = 39
# Above this one run is enough to know, and takes minutes.
_MOST_FILES_OFTEN: Final = 500


def tree(files: int) -> Path:
    """A folder with that many files, made when it is not there yet."""
    folder = DATA / f"manifests-{files}"
    if not folder.exists():
        make_manifests(folder, files)
    return folder


def kube_score() -> str | None:
    go = Path(os.environ.get("GOPATH", Path.home() / "go")) / "bin" / "kube-score"
    return shutil.which("kube-score") or (str(go) if go.exists() else None)


def main() -> None:
    print(
        f"Measured {datetime.now(UTC):%Y-%m-%d} on {machine()}, {len(catalog.names())} checks beside {_KUBE_SCORE_CHECKS} of kube-score.\n"
    )
    other = kube_score()
    if other is None:
        print(f"kube-score was not found and is left out: go install {KUBE_SCORE}", file=sys.stderr)
    print("| files of four documents | daytwo: time | CPU | most memory | kube-score: time | CPU | most memory |")
    print("|---|---|---|---|---|---|---|")
    costs: list[Cost] = []
    daytwo = str(Path(sys.executable).with_name("daytwo"))
    for files in SIZES:
        folder = tree(files)
        runs = 5 if files <= _MOST_FILES_OFTEN else 1
        command = [daytwo, "check", str(folder), "-o", "json=/dev/null", "--fail-on", "none"]
        # The first run compiles the byte code.
        cost = min((run(command, (0,)) for _ in range(runs + 1)), key=lambda one: one.cpu_seconds)
        costs.append(cost)
        cells = [*_cells(cost)]
        if other is not None:
            names = [str(path) for path in sorted(folder.rglob("*.yaml"))]
            beside = min(
                (run([other, "score", "--output-format", "ci", *names], (0, 1)) for _ in range(runs)), key=lambda one: one.cpu_seconds
            )
            cells += _cells(beside)
        else:
            cells += ["–"] * 3
        print(f"| {files:,} | {' | '.join(cells)} |", flush=True)
    print(f"\nTwice the files take {costs[-1].cpu_seconds / costs[-2].cpu_seconds:.2f} times the CPU.")


def _cells(cost: Cost) -> list[str]:
    return [f"{cost.seconds:.2f} s", f"{cost.cpu_seconds:.2f} s", f"{cost.peak_bytes / 2**20:.0f} MB"]


if __name__ == "__main__":
    try:
        main()
    except subprocess.SubprocessError as error:
        sys.exit(str(error))
