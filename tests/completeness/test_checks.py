"""Check, specimens, page and name belong together; whatever is missing is named here."""

import inspect
import re
import sys
from pathlib import Path
from subprocess import run

import msgspec
import pytest

from daytwo import catalog
from daytwo.catalog import Check
from tests.specimen import SPECIMENS

SOURCE = Path(catalog.__file__).parent / "domains"
CHECKS = catalog.checks()
# Where Kubernetes, and what runs on it, is described by those who make it.
OFFICIAL = re.compile(
    r"https://(kubernetes\.io|gateway-api\.sigs\.k8s\.io|cert-manager\.io|argo-rollouts\.readthedocs\.io|argoproj\.github\.io"
    r"|prometheus-operator\.dev|prometheus\.io"
    r"|argo-cd\.readthedocs\.io|fluxcd\.io|helm\.sh|aquasecurity\.github\.io|backstage\.io|github\.com/kubernetes(-sigs)?)/\S+"
)


def files(check: Check) -> list[Path]:
    return sorted((SPECIMENS / check.name).glob("*.yaml"))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_a_check_is_named_after_its_file_and_function(check: Check) -> None:
    path = Path(inspect.getfile(check.function))
    assert path.stem == check.function.__name__
    assert path.parent.name == "checks"
    assert check.name == f"{path.parents[1].name}/{path.stem}".replace("_", "-")


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_a_check_has_specimens_that_fail_and_that_pass(check: Check) -> None:
    verdicts = {path.name.partition("-")[0] for path in files(check)}
    assert {"fail", "pass"} <= verdicts, f"tests/specimens/{check.name} has only {sorted(verdicts)}"


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_a_check_that_rests_on_absence_has_a_specimen_that_is_unknown(check: Check) -> None:
    """`of`, `get` and `require` raise where nobody looked, and somebody must have tried that; a check that asks first is tolerant."""
    text = inspect.getsource(inspect.getmodule(check.function) or check.function)
    is_tolerant = "except Unseen" in text or "snapshot.is_read(" in text
    if re.search(r"\bsnapshot\.(of|get|require)\(", text) and not is_tolerant:
        assert any(path.name.startswith("unknown-") for path in files(check)), f"tests/specimens/{check.name} has no unknown-*.yaml"


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_a_check_has_a_page(check: Check) -> None:
    page = check.page
    assert page.summary.endswith("."), "the first sentence says what is wrong"
    assert page.why, "Why: is missing"
    assert page.fix, "Fix: is missing"
    assert OFFICIAL.search(page.source), f"Source: must name an official page, not {page.source!r}"


def test_outlines_say_what_the_checks_say() -> None:
    """They are read from an index, to spare `daytwo checks` the imports."""
    told = [msgspec.structs.replace(outline, left_out="") for outline in catalog.outlines()]
    assert told == [catalog.outline(check) for check in CHECKS], "`make docs` writes the index anew"


def test_an_outline_needs_no_import() -> None:
    code = "import sys; from daytwo import catalog; catalog.outlines(); print(*(name for name in sys.modules if '.checks.' in name))"
    assert run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True).stdout.split() == []


def test_no_specimen_is_without_a_check() -> None:
    folders = {str(path.parent.relative_to(SPECIMENS)) for path in SPECIMENS.rglob("*.yaml")}
    assert folders - set(catalog.names()) == set()


def test_every_module_among_checks_declares_one() -> None:
    modules = {f"{path.parents[1].name}/{path.stem}".replace("_", "-") for path in SOURCE.glob("*/checks/*.py") if path.stem != "__init__"}
    assert modules == {check.name for check in CHECKS}
