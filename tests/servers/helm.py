"""The real helm: the one in PATH, or one built once into the user's cache. `python -m tests.servers.helm` does it ahead of the tests."""

import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.servers.binaries import Missing, Say, go_toolchain, locked, user_cache

MODULE: Final = Path(__file__).parent / "go" / "helm"
COMMAND: Final = "make servers"


def find_or_build(say: Say) -> Path:
    """Where helm is. Builds it where there is none, which `say` announces. Raises Missing."""
    there = shutil.which("helm")
    if there is not None and _is_third(there):
        return Path(there)
    version, go = _pinned()
    target = user_cache() / "servers" / f"helm-{version}_{platform.system().lower()}-{platform.machine()}" / "helm"
    with locked(target.parent.with_name(f"{target.parent.name}.lock"), say):
        if not target.is_file():
            _build(target, go, say)
    return target


def _is_third(helm: str) -> bool:
    answer = subprocess.run([helm, "version", "--short"], capture_output=True, text=True, check=False)
    return answer.stdout.startswith("v3.")


def _pinned() -> tuple[str, str]:
    """The versions of helm and of Go that go.mod requires."""
    text = (MODULE / "go.mod").read_text(encoding="utf-8")
    (helm,) = re.findall(r"helm\.sh/helm/v3 (v\S+)", text)
    (go,) = re.findall(r"^go (\S+)$", text, re.MULTILINE)
    return helm, go


def _build(target: Path, go: str, say: Say) -> None:
    """Into a folder beside the target, which is then renamed: the target is whole or absent."""
    say(f"building the helm that the tests run into {target}: once per version, about 2 to 4 minutes on two cores")
    target.parent.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="build-", dir=target.parent.parent) as folder, go_toolchain(go, say) as program:
        built = Path(folder) / "bin"
        command = [str(program), "build", "-trimpath", "-ldflags", "-s -w", "-o", str(built / "helm"), "helm.sh/helm/v3/cmd/helm"]
        environment = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly"}
        answer = subprocess.run(command, cwd=MODULE, env=environment, capture_output=True, text=True, check=False)
        if answer.returncode != 0:
            raise Missing(f"helm did not build; run `{COMMAND}` to try again\n{answer.stderr[-4000:]}")
        built.rename(target.parent)
    say(f"built {target}")


def main() -> int:
    def say(text: str) -> None:
        sys.stderr.write(f"{text}\n")

    try:
        sys.stdout.write(f"helm\t{find_or_build(say)}\n")
    except Missing as missing:
        say(str(missing))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
