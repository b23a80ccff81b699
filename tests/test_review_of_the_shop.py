"""The main job on a real control plane: each fault is named in its line under its horizon, and nothing else is for today."""

import asyncio
from datetime import timedelta

import pytest

from daytwo import catalog
from daytwo.engine.observe import observe
from daytwo.engine.review import review
from daytwo.model.problem import Problem
from daytwo.model.progress import Progress
from daytwo.model.report import Report
from daytwo.model.scope import Filters, Scope
from daytwo.model.severity import Horizon
from daytwo.model.snapshot import Snapshot
from daytwo.sources.kubernetes.live import open_cluster
from tests.conftest import NewControlPlane
from tests.servers.control_plane import ADMIN, ControlPlane
from tests.shop.aging import aged
from tests.shop.faults import FAULTS, Fault
from tests.shop.shop import OPTIONS, raise_shop

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(600)]


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
    named = [problem for problem in report.problems if str(problem.cause) == fault.cause]
    assert [str(problem.horizon) for problem in named] == [fault.horizon], told(report)
    assert all(problem in named for problem in today(report)), told(report)


def test_all_faults_together_are_each_named(new_control_plane: NewControlPlane) -> None:
    """Every fault at once in one shop: each cause has its line, and no line of today is without one."""
    plane = new_control_plane(OPTIONS)
    shop = raise_shop(plane)
    for fault in FAULTS.values():
        fault.inject(shop)
    report = review(aged(look(plane), timedelta(minutes=20)), Filters())
    missing = [
        fault.name
        for fault in FAULTS.values()
        if fault.age <= timedelta(minutes=20) and not any(names_the_cause(problem, fault) for problem in report.problems)
    ]
    assert not missing, f"not named: {missing}\n{told(report)}"
    strangers = [problem for problem in today(report) if not any(names_the_cause(problem, fault) for fault in FAULTS.values())]
    assert not strangers, told(report)
