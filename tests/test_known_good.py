"""The corpus of good manifests: `default` holds nothing against it, whole or a file at a time, and a real cluster takes all of it."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from daytwo.engine.review import Reviewed, reviewed
from daytwo.model.files import Files
from daytwo.model.kinds import BY_NAME
from daytwo.model.runnable import Runnable
from daytwo.model.scope import Filters, Scope
from daytwo.model.severity import Severity, Verdict
from daytwo.model.standard import Standard
from daytwo.model.workload import CustomWorkload
from daytwo.sources.manifests.source import Manifests
from daytwo.sources.profiles import read_profile
from tests.conftest import NewControlPlane
from tests.servers.client import ApiError, Client, Object, read_manifests
from tests.servers.control_plane import Options

CORPUS: Final = Path(__file__).parent / "known-good"
FILES: Final = tuple(sorted(CORPUS.glob("*.yaml")))
WORKLOADS: Final = 40

# How many checks of the profile find something here that is as it should be. It may grow; it shrinks where the profile does, by decision.
ASKED_AT_LEAST: Final = 190

_AT: Final = datetime(2026, 11, 20, 8, tzinfo=UTC)
# What others rest on: pods are refused where there is no account, no class, or a quota that they say nothing for.
_FIRST: Final = ("Namespace", "PriorityClass", "StorageClass", "ServiceAccount", "LimitRange", "ResourceQuota")


@cache
def checked(*paths: Path) -> Reviewed:
    source = Manifests(Files(tuple([str(path) for path in paths])), now=_AT)
    snapshot = asyncio.run(source.read(Scope(), lambda progress: None))
    assert source.notes == ()
    return reviewed(snapshot, Filters(), standard=Standard(profile=read_profile()), is_joined=False)


def held_against(result: Reviewed) -> list[str]:
    """The fails at or above medium."""
    return [
        f"{finding.severity.value} {finding.check} {finding.owner}: {finding.hit.message}"
        for finding in result.report.findings
        if finding.verdict is Verdict.FAIL and finding.severity.at_least(Severity.MEDIUM)
    ]


def test_nothing_is_held_against_the_corpus() -> None:
    assert held_against(checked(CORPUS)) == []


def test_no_exemption_hides_more_than_one_finding() -> None:
    """An agent mounts what it measures, and says why; anything else must be good without excuses."""
    exempt = [(str(finding.owner), finding.check) for finding in checked(CORPUS).report.exempt]
    assert exempt == [("DaemonSet agents/node-metrics", "pod-security/sensitive-host-path-mounted")]


def test_there_are_forty_workloads_of_every_kind() -> None:
    runnables = checked(CORPUS).snapshot.runnables
    assert len(runnables) == WORKLOADS
    kinds = Counter(CustomWorkload.__name__ if isinstance(one, CustomWorkload) else one.KIND for one in runnables)
    assert set(kinds) == {"Deployment", "StatefulSet", "DaemonSet", "Rollout", "Job", "CronJob", "CustomWorkload"}


def test_quiet_is_not_blind() -> None:
    """Whatever has a subject here is asked of it: a corpus that checks pass over would be quiet as well."""
    result = checked(CORPUS)
    silent = [name for name, counts in result.judgement.verdicts.items() if not sum(counts.values())]
    assert silent == []
    passed = [name for name, counts in result.judgement.verdicts.items() if counts[Verdict.PASS]]
    assert len(passed) >= ASKED_AT_LEAST
    unsure = {name for name, counts in result.judgement.verdicts.items() if counts[Verdict.UNKNOWN] and not counts[Verdict.PASS]}
    # No Prometheus stands among these files, nor the Secrets that cert-manager writes.
    assert unsure == {"network/listener-without-certificate", "observability/monitor-not-adopted"}


def test_every_check_of_pods_has_all_workloads_as_its_subjects() -> None:
    result = checked(CORPUS)
    of_pods = [check for check in result.checks if check.kinds == (Runnable,)]
    assert len(of_pods) > 90
    assert {check.name: sum(result.judgement.verdicts[check.name].values()) for check in of_pods} == {
        check.name: WORKLOADS for check in of_pods
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_alone_is_no_worse(path: Path) -> None:
    """What stands in the other files is unknown then; it is not said to be missing."""
    result = checked(path)
    assert held_against(result) == []
    whole = {finding.fingerprint for finding in checked(CORPUS).report.findings if finding.verdict is Verdict.FAIL}
    more = {finding for finding in result.report.findings if finding.verdict is Verdict.FAIL and finding.fingerprint not in whole}
    assert {finding.check for finding in more} <= _TOLD_OF_A_PART


# Below medium, and true of a file that holds one of the namespace's policies and not the one that denies.
_TOLD_OF_A_PART: Final = frozenset({"network/egress-unrestricted"})


def pods_of(resource: Object) -> list[Object]:
    """The pod that a workload's controller would create, of whatever kind the workload is."""
    spec = resource["spec"]
    spec = spec["jobTemplate"]["spec"] if resource["kind"] == "CronJob" else spec
    template = spec.get("template")
    if template is None:
        return []
    metadata = {**template["metadata"], "name": resource["metadata"]["name"]}
    names = [claim["metadata"]["name"] for claim in spec.get("volumeClaimTemplates", ())]
    claimed = [{"name": name, "persistentVolumeClaim": {"claimName": f"{name}-{metadata['name']}-0"}} for name in names]
    pod_spec = {**template["spec"], "volumes": [*template["spec"].get("volumes", ()), *claimed]}
    return [{"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": pod_spec}]


def refused(client: Client, resources: Sequence[tuple[Object, str]]) -> list[str]:
    found: list[str] = []
    for resource, namespace in resources:
        try:
            client.dry_run(resource, namespace)
        except ApiError as error:
            found.append(f"{resource['kind']} {resource['metadata']['name']}: {error}")
    return found


def is_built_in(resource: Object) -> bool:
    known = BY_NAME.get(resource["kind"])
    group = resource["apiVersion"].rpartition("/")[0]
    return known is not None and known.group == group and ("." not in group or group.endswith(".k8s.io")) and "gateway" not in group


@pytest.mark.cluster
def test_a_real_api_server_takes_all_of_it(new_control_plane: NewControlPlane) -> None:
    """Also the pods that the workloads would make, under the Pod Security Standard that their namespace enforces."""
    client = new_control_plane(Options()).client()
    resources = [resource for path in FILES for resource in read_manifests(path)]
    for kind in _FIRST:
        for resource in resources:
            if resource["kind"] == kind:
                client.create(resource)
    others = [(resource, "") for resource in resources if resource["kind"] not in _FIRST and is_built_in(resource)]
    assert len(others) > 100
    assert refused(client, others) == []
    pods = [(pod, resource["metadata"]["namespace"]) for resource in resources if "spec" in resource for pod in pods_of(resource)]
    assert len(pods) == WORKLOADS
    assert refused(client, pods) == []
