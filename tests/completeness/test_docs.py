"""The reference in docs/ is what the code says."""

import re
from pathlib import Path

import pytest

from daytwo import catalog
from daytwo.cli.main import COMMANDS
from tests.completeness.reference import DOCS, reference

ROOT = DOCS.parent
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)")
PAGES = [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]


@pytest.mark.parametrize("name", sorted(reference()))
def test_the_reference_has_not_drifted(name: str) -> None:
    path = DOCS / name
    assert path.exists(), f"{name} is missing; `make docs` writes it"
    assert path.read_text(encoding="utf-8") == reference()[name], f"{name} has drifted; `make docs` writes it anew"


def test_nothing_in_the_reference_is_left_over() -> None:
    wanted = {name for name in reference() if name.startswith("reference/")}
    assert {f"reference/{path.name}" for path in (DOCS / "reference").iterdir()} == wanted


def test_every_command_and_check_has_its_page() -> None:
    pages = reference()
    assert re.findall(r"^## (.+)$", pages["reference/cli.md"], re.MULTILINE) == list(COMMANDS)
    assert re.findall(r"^## (.+)$", pages["reference/checks.md"], re.MULTILINE) == list(catalog.names())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target, _ in LINK.findall(text):
        if target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_daytwo_command_in_the_docs_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"```\w*\n(.*?)```", text, re.DOTALL)
    lines = [line.strip() for block in blocks for line in block.splitlines()] + re.findall(r"`(daytwo [^`]+)`", text)
    for line in lines:
        found = re.match(r"(?:\$ )?(?:kubectl )?daytwo ([a-z][a-z-]*)(?![\w-])(?! =)", line)
        if found:
            assert found[1] in COMMANDS, f"{page.name}: {line}"
