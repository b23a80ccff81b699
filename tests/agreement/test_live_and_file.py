"""Manifests judged as files and judged where they were applied say the same."""

import asyncio
import re
import subprocess
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from daytwo import catalog
from daytwo.engine.judge import judge
from daytwo.engine.observe import observe
from daytwo.model.files import Files
from daytwo.model.finding import Finding
from daytwo.model.quantity import quantity
from daytwo.model.ref import Ref
from daytwo.model.scope import Scope
from daytwo.model.severity import Basis, Verdict
from daytwo.model.snapshot import Snapshot
from daytwo.sources.kubernetes.live import open_cluster
from daytwo.sources.manifests.source import Manifests
from tests.conftest import NewControlPlane
from tests.servers.control_plane import HPA_CONTROLLER, ControlPlane, Options

TREE = Path(__file__).parent / "tree"
SPEC_CHECKS = [check for check in catalog.checks() if check.basis is Basis.SPEC]

# What is found, by what, with which words.
Told = tuple[str, Ref, str, str]

# In a cluster these tell of the pods that are there, in files of the pods that would be.
TOLD_BY_PODS = {
    "disruption/budget-blocks-every-eviction",
    "disruption/budgets-overlap",
    "network/service-without-ready-endpoints",
}
# What stands in a file of a Secret is a fault of the file.
OF_FILES = {"configuration/secret-in-file"}

QUANTITY = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?:m|k|M|G|T|Ki|Mi|Gi|Ti)?(?![\w.])")


async def live(plane: ControlPlane) -> Snapshot:
    async with open_cluster(kubeconfig=plane.kubeconfig(), environment={}) as cluster:
        return await observe(cluster, Scope(), SPEC_CHECKS, lambda progress: None)


async def files(plane: ControlPlane, at: Snapshot) -> Snapshot:
    source = Manifests(Files((str(TREE),), version=plane.version), now=at.taken_at)
    return await observe(source, Scope(), SPEC_CHECKS, lambda progress: None)


def told(findings: Iterable[Finding], of: set[Ref]) -> set[Told]:
    """Quantities as the API server writes them: `1024Mi` in a file is `1Gi` in a cluster."""
    failed = (finding for finding in findings if finding.verdict is Verdict.FAIL and finding.owner in of)
    return {
        (
            finding.check,
            finding.owner,
            finding.hit.item,
            QUANTITY.sub(lambda match: f"{quantity(match[0]).normalize():f}", finding.hit.message),
        )
        for finding in failed
    }


@pytest.mark.cluster
def test_a_tree_of_files_and_what_it_becomes_in_a_cluster_have_the_same_findings(new_control_plane: NewControlPlane) -> None:
    """But for what only a cluster can decide: what was unknown for want of a kind."""
    plane = new_control_plane(Options(disabled_controllers=[HPA_CONTROLLER]))
    for path in (TREE / "namespaces.yaml", TREE):
        command = [str(plane.kubectl), "--kubeconfig", str(plane.kubeconfig()), "apply", "-f", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    seen = asyncio.run(live(plane))
    # Some checks wait a while before they hold a new object against anybody.
    seen = replace(seen, taken_at=seen.taken_at + timedelta(hours=1))
    declared = asyncio.run(files(plane, seen))
    objects = {one.ref for one in declared.all()}
    assert len(objects) >= 40
    in_files, in_cluster = judge(declared, SPEC_CHECKS).findings, judge(seen, SPEC_CHECKS).findings
    undecided = {finding.check for finding in in_files if finding.verdict is Verdict.UNKNOWN}
    from_files, from_cluster = told(in_files, objects), told(in_cluster, objects)
    # Which objects the other kind of checks finds fault with in files, it does in a cluster.
    faulty = {(check, owner) for check, owner, *_ in from_cluster}
    assert [one for one in from_files if one[0] in TOLD_BY_PODS and one[:2] not in faulty] == []
    assert sorted(one for one in from_files - from_cluster if one[0] not in TOLD_BY_PODS | OF_FILES) == []
    assert sorted(one for one in from_cluster - from_files if one[0] not in undecided | TOLD_BY_PODS) == []
    assert len({check for check, *_ in from_files}) > 100
