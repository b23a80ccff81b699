"""The main job on a real control plane: each fault is named in its line under its horizon, and nothing else is for today."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from daytwo import catalog
from daytwo.engine.observe import observe
from daytwo.engine.review import review
from daytwo.model.command import Command
from daytwo.model.problem import Problem
from daytwo.model.progress import Progress
from daytwo.model.ref import Cell
from daytwo.model.report import Report
from daytwo.model.scope import Filters, Scope
from daytwo.model.severity import Basis, Harm, Horizon
from daytwo.model.snapshot import Snapshot
from daytwo.sources.kubernetes.live import open_cluster
from tests.conftest import NewControlPlane
from tests.servers import binaries
from tests.servers.control_plane import ADMIN, VIEWER, ControlPlane
from tests.shop.aging import aged
from tests.shop.faults import FAULTS, Fault
from tests.shop.shop import OPTIONS, raise_shop

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(600)]


# A budget is only said to block for good while its pods are well, and here one of them may be on the lost node.
COVERED = frozenset({"pdb_blocking"})


def look(plane: ControlPlane, user: str = ADMIN) -> Snapshot:
    """What daytwo sees of this cluster as this user, logs included."""

    async def see() -> Snapshot:
        async with open_cluster(kubeconfig=plane.kubeconfig(user)) as cluster:
            return await observe(cluster, Scope(), catalog.checks(), _ignore)

    return asyncio.run(see())


def _ignore(progress: Progress) -> None:
    """Nobody watches."""


def told(report: Report) -> str:
    """What a failing test prints: every problem that is more than hygiene."""
    return "\n".join(
        f"{problem.horizon} {problem.severity} [{problem.cause}] {problem.subject}: {problem.title} ({problem.why_horizon})"
        for problem in report.problems
        if problem.horizon is not Horizon.HYGIENE
    )


def today(report: Report) -> list[Problem]:
    return [problem for problem in report.problems if problem.horizon is Horizon.TODAY]


def is_about_standards(problem: Problem) -> bool:
    """How something is set up, well or not, is told apart from what befell it."""
    return all(finding.basis is Basis.SPEC and finding.harm is Harm.NONE for finding in problem.findings)


def names_the_cause(problem: Problem, fault: Fault) -> bool:
    """The cause itself, or, where a deeper one took it over, one of the things that were found."""
    named = {problem.cause, *(ref for finding in problem.findings for ref in (finding.owner, *finding.hit.because))}
    return fault.cause in {str(ref) for ref in named}


def test_healthy_shop_needs_nobody(new_control_plane: NewControlPlane) -> None:
    """A well-kept shop is quiet: nothing today, nothing this week, nothing hidden."""
    plane = new_control_plane(OPTIONS)
    raise_shop(plane)
    report = review(aged(look(plane), timedelta(minutes=30)), Filters())
    assert not told(report), told(report)
    assert report.coverage.ratio == 1.0


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_fault_is_named_under_its_horizon_and_nothing_else_is_for_today(fault: Fault, new_control_plane: NewControlPlane) -> None:
    """One cause, one line, for each fault that befalls the shop alone."""
    plane = new_control_plane(OPTIONS)
    fault.inject(raise_shop(plane))
    report = review(aged(look(plane), fault.age), Filters())
    at_cause = [problem for problem in report.problems if str(problem.cause) == fault.cause]
    # A fault that is one of what is declared stands among the standards that its object does not meet.
    named = [problem for problem in at_cause if not is_about_standards(problem)] or at_cause
    assert [str(problem.horizon) for problem in named] == [fault.horizon], told(report)
    assert all(problem in named for problem in today(report)), told(report)


@pytest.fixture(scope="module")
def hurt_shop() -> Iterator[ControlPlane]:
    """A shop that all faults befell."""
    with ControlPlane(binaries.find(binaries.pinned_versions()), OPTIONS) as plane:
        shop = raise_shop(plane)
        for fault in FAULTS.values():
            fault.inject(shop)
        yield plane


@pytest.mark.xdist_group("hurt shop")
def test_all_faults_together_are_each_named(hurt_shop: ControlPlane) -> None:
    """Every fault at once in one shop: each cause has its line, and no line of today is without one."""
    report = review(aged(look(hurt_shop), timedelta(minutes=20)), Filters())
    missing = [
        fault.name
        for fault in FAULTS.values()
        if fault.age <= timedelta(minutes=20)
        and fault.name not in COVERED
        and not any(names_the_cause(problem, fault) for problem in report.problems)
    ]
    assert not missing, f"not named: {missing}\n{told(report)}"
    strangers = [problem for problem in today(report) if not any(names_the_cause(problem, fault) for fault in FAULTS.values())]
    assert not strangers, told(report)


@pytest.mark.xdist_group("hurt shop")
def test_every_suggested_command_works_on_the_cluster_it_was_made_for(hurt_shop: ControlPlane, tmp_path: Path) -> None:
    """Each command is understood, its target exists, and a repair would be accepted (asked for as a dry run)."""
    report = review(aged(look(hurt_shop), timedelta(minutes=20)), Filters())
    commands = {problem.next.confirm for problem in report.problems} | {problem.next.repair for problem in report.problems}
    failed = [
        f"{command}: {error}"
        for command in commands
        if command is not None and (error := run_dry(command, hurt_shop, tmp_path / "ledger.db"))
    ]
    assert len(commands) > 10
    assert not failed, "\n".join(failed)


@pytest.mark.xdist_group("hurt shop")
def test_forbidden_secrets_leave_the_certificate_unknown_and_everything_else_told(hurt_shop: ControlPlane) -> None:
    """Who may not read Secrets sees every problem but the one in them, and is told what is hidden."""
    everything, without = (review(aged(look(hurt_shop, user), timedelta(minutes=20)), Filters()) for user in (ADMIN, VIEWER))
    lost = {str(problem.cause) for problem in everything.problems} - {str(problem.cause) for problem in without.problems}
    assert lost == {"Secret shop/shop-tls"}
    assert any(seen.gap.cell == Cell("Secret") and "certificates/certificate-expiring" in seen.checks for seen in without.gaps)
    assert without.coverage.ratio < everything.coverage.ratio


def run_dry(command: Command, plane: ControlPlane, ledger: Path) -> str:
    """What kubectl or daytwo complains of; empty when it does what it was asked."""
    program, *arguments = command.argv
    assert program in ("kubectl", "daytwo")
    if program == "daytwo":
        daytwo = str(Path(sys.executable).with_name("daytwo"))
        asked = [daytwo, *arguments, f"--kubeconfig={plane.kubeconfig()}", "--dry-run", f"--ledger={ledger}"]
    else:
        asked = [str(plane.kubectl), f"--kubeconfig={plane.kubeconfig()}", "--request-timeout=20s", *arguments]
    run = subprocess.run(
        asked,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return run.stderr.strip() if run.returncode else ""
