"""Action, page, parameters, rights and tests belong together; whatever is missing is named here."""

import re
from pathlib import Path

import pytest

from daytwo import catalog
from daytwo.catalog import Action
from daytwo.model.kinds import BY_NAME
from tests.completeness.test_checks import OFFICIAL

ACTIONS = catalog.actions()
SOURCE = Path(catalog.__file__).parent / "actions"
TESTS = Path(__file__).parents[1] / "actions"
# A foreign program asks the API server itself, if at all; nobody describes all of them.
FOREIGN = frozenset({"command"})
EACH = pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)


@EACH
def test_an_action_has_a_page(action: Action) -> None:
    """One sentence, then why one does it, what takes it back, and where that is described."""
    assert action.summary.endswith("."), "the first line says in one sentence what it does"
    assert len(action.summary) <= 120, "it is one line of a list"
    labels = re.findall(r"^(Why|Undo|Source): .", action.text, re.MULTILINE)
    assert labels[:2] == ["Why", "Undo"]
    if action.name not in FOREIGN:
        assert labels[2:] == ["Source"]
        assert OFFICIAL.search(action.text), "Source: must name an official page"


@EACH
def test_its_parameters_say_what_they_are(action: Action) -> None:
    """They become flags, and rows of the reference."""
    names = [parameter.name for parameter in action.declaration.parameters]
    assert len(names) == len(set(names))
    for parameter in action.declaration.parameters:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", parameter.name), parameter.name
        assert parameter.help.endswith("."), parameter.name
        assert parameter.help[0].isupper(), parameter.name


@EACH
def test_it_names_the_rights_it_takes(action: Action) -> None:
    """What is not named is not in the generated role. Kinds are those that daytwo reads, or any."""
    declared = action.declaration
    assert all(kind == "*" or kind in BY_NAME for kind in declared.kinds), declared.kinds
    assert len(set(declared.writes)) == len(declared.writes)
    assert len(set(declared.reads)) == len(declared.reads)
    assert not {right.verb for right in declared.reads} - {"get", "list", "watch"}
    assert not {right.verb for right in declared.writes} - {"create", "patch", "update", "delete"}
    if declared.kinds and "*" not in declared.kinds:
        assert declared.reads


@EACH
def test_it_is_tried_on_the_real_api_server(action: Action) -> None:
    """In a file of its name: pure specimens for its shapes, and the real thing."""
    path = TESTS / f"test_{action.name.replace('-', '_')}.py"
    assert path.is_file(), f"{path.name} is missing"
    if action.name not in FOREIGN:
        assert "pytest.mark.cluster" in path.read_text(encoding="utf-8"), f"{path.name} never asks the real API server"


def test_every_module_among_actions_is_one() -> None:
    """And none hides in a folder below."""
    assert {path.stem.replace("_", "-") for path in SOURCE.glob("*.py") if path.stem != "__init__"} == {action.name for action in ACTIONS}


def test_no_test_is_without_an_action() -> None:
    """A renamed action takes its tests along."""
    tested = {path.stem.removeprefix("test_") for path in TESTS.glob("test_*.py")}
    shared = {path.name for path in SOURCE.iterdir() if path.is_dir()}
    assert {name.replace("_", "-") for name in tested - shared} - set(catalog.action_names()) == set()


def test_summaries_are_those_of_the_pages() -> None:
    """They are read from the source, to spare `daytwo act` the imports."""
    assert catalog.action_summaries() == tuple((action.name, action.summary) for action in ACTIONS)
