"""Where the servers' programs come from."""

from pathlib import Path

import pytest

from tests.servers import binaries


def script(path: Path, *lines: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(("#!/bin/sh", *lines, "")), encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with none of the programs: an empty cache, an empty PATH."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    return tmp_path


def test_a_newer_program_of_others_is_used(bare_machine: Path) -> None:
    """A developer with kind's or setup-envtest's binaries builds nothing."""
    etcd = script(bare_machine / "path" / "etcd", "echo etcd Version: 3.7.1")
    assert binaries.find(binaries.pinned_versions()) == {"etcd": etcd}


def test_an_older_program_of_others_is_not_used(bare_machine: Path) -> None:
    """What a distribution ships may be years old."""
    script(bare_machine / "path" / "etcd", "echo etcd Version: 3.4.30")
    assert binaries.find(binaries.pinned_versions()) == {}


def test_the_folder_that_controller_tests_name_comes_first(bare_machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """KUBEBUILDER_ASSETS is asked before PATH, and PATH before the cache."""
    pinned = binaries.pinned_versions()
    script(bare_machine / "path" / "kubectl", "echo Client Version: v1.36.2")
    script(binaries.cache_folder(pinned) / "kubectl", "echo cached")
    assert binaries.find(pinned)["kubectl"] == bare_machine / "path" / "kubectl"
    assets = script(bare_machine / "assets" / "kubectl", "echo Client Version: v1.36.2")
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(assets.parent))
    assert binaries.find(pinned)["kubectl"] == assets


def test_the_cache_is_used_as_it_is(bare_machine: Path) -> None:
    """Its name says the versions: nobody runs six programs to ask them."""
    pinned = binaries.pinned_versions()
    for program in binaries.PROGRAMS:
        script(binaries.cache_folder(pinned) / program.name, "exit 1")
    assert binaries.find_or_build(print).keys() == {program.name for program in binaries.PROGRAMS}


def test_a_failed_build_says_what_to_type_and_leaves_nothing(bare_machine: Path) -> None:
    """The next run tries again, with no half-filled cache in its way."""
    script(bare_machine / "path" / "go", 'if [ "$1" = env ]; then echo go1.99.0; else echo no network >&2; exit 1; fi')
    said: list[str] = []
    with pytest.raises(binaries.Missing, match=r"(?s)make servers.*no network"):
        binaries.find_or_build(said.append)
    assert "about 5 to 10 minutes" in said[0]
    assert not binaries.cache_folder(binaries.pinned_versions()).exists()


def test_a_build_is_renamed_when_it_is_whole(bare_machine: Path) -> None:
    """go names etcd after its package's folder; the cache names it etcd."""
    names = " ".join("server" if program.name == "etcd" else program.name for program in binaries.PROGRAMS)
    script(
        bare_machine / "path" / "go",
        'if [ "$1" = env ]; then echo go1.99.0; exit; fi',
        'while [ "$1" != -o ]; do shift; done',
        f'for name in {names}; do : > "$2$name"; done',
    )
    found = binaries.find_or_build(lambda text: None)
    assert found["etcd"] == binaries.cache_folder(binaries.pinned_versions()) / "etcd"
