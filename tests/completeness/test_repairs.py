"""Every repair that a check offers mends what the check has found, in a file."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from daytwo import catalog
from daytwo.engine.observe import observe
from daytwo.engine.repairing import judging, repair
from daytwo.engine.review import reviewed
from daytwo.model.files import Files
from daytwo.model.profile import ALL
from daytwo.model.repaired import Repairs
from daytwo.model.scope import Filters, Scope
from daytwo.model.severity import Basis, Severity
from daytwo.model.standard import Standard
from daytwo.sources.manifests.editing import written
from daytwo.sources.manifests.source import Manifests
from tests.specimen import SPECIMENS

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
LEAST_REPAIRABLE = 40

# What only a cluster writes: with it a file would be judged as a copy of what a cluster holds.
_OF_A_CLUSTER = ("uid", "creationTimestamp", "resourceVersion", "generation", "managedFields", "ownerReferences", "deletionTimestamp")

SPEC_CHECKS = [check.name for check in catalog.checks() if check.basis is Basis.SPEC]


def as_declared(item: dict[str, Any]) -> dict[str, Any]:
    metadata = {key: value for key, value in item["metadata"].items() if key not in _OF_A_CLUSTER}
    return {key: value for key, value in item.items() if key != "status"} | {"metadata": metadata}


def repaired(file: Path, only: tuple[str, ...]) -> Repairs:
    """What comes of a file when just these checks are asked."""
    filters = Filters(only=only, min_severity=Severity.INFO)
    standard = Standard(ALL)

    def open_files(texts: Mapping[str, str]) -> Manifests:
        return Manifests(Files((str(file),)), now=NOW, overrides=texts)

    async def run() -> Repairs:
        source = open_files({})
        snapshot = await observe(source, Scope(), (), lambda progress: None)
        findings = reviewed(snapshot, filters, None, standard, is_joined=False).report.findings
        return await repair(source.texts, findings, judging(open_files, Scope(), filters, standard))

    return asyncio.run(run())


def repairs_of(check: str, folder: Path) -> list[Repairs]:
    found = []
    for specimen in sorted((SPECIMENS / check).glob("fail-*.yaml")):
        items = yaml.safe_load(specimen.read_text(encoding="utf-8"))["items"]
        if any("{{" in str(item) for item in items):
            continue
        file = folder / specimen.name
        file.write_text("---\n".join("\n".join([*written(as_declared(item)), ""]) for item in items), encoding="utf-8")
        found.append(repaired(file, (check,)))
    return found


@pytest.mark.parametrize("check", SPEC_CHECKS)
def test_a_repair_mends_what_its_check_found(check: str, tmp_path: Path) -> None:
    """Judged by this check alone, each finding that brings a repair is gone once it is made."""
    for repairs in repairs_of(check, tmp_path):
        for left in repairs.left:
            is_refused = left.finding.hit.repair is not None
            assert not is_refused, f"{left.finding.subject}: {left.finding.hit.message}: {left.reason}"


def test_at_least_forty_checks_can_mend_what_they_find(tmp_path: Path) -> None:
    mending = {finding.check for check in SPEC_CHECKS for one in repairs_of(check, tmp_path) for finding in one.mended}
    assert len(mending) >= LEAST_REPAIRABLE, sorted(mending)
