"""Our verdict on a pod is that of the API server's own PodSecurity admission: at both levels, in every version, for the same reasons."""

from collections import Counter
from copy import deepcopy
from datetime import UTC, datetime
from functools import cache
from random import Random
from typing import Any, Final

import msgspec
import pytest

from daytwo import catalog
from daytwo.domains.pod_security.standards import BASELINE, RESTRICTED
from daytwo.engine.judge import judge
from daytwo.model.cluster import Cluster
from daytwo.model.severity import Verdict
from daytwo.model.snapshot import Reading, Snapshot, by_kind
from daytwo.sources.kubernetes.decode import decode_any
from tests.pod_security.admission import LEVELS, OLDER, VERSIONS, Answer, Question, answer_of, ask
from tests.pod_security.pods import Pods
from tests.pod_security.specimens import pods_of_specimens
from tests.servers.client import ApiError, Client
from tests.servers.control_plane import ControlPlane

Object = dict[str, Any]

CHECKS: Final = {"baseline": BASELINE, "restricted": RESTRICTED}
AT: Final = datetime(2026, 11, 20, 8, tzinfo=UTC)

# What the API server calls the control that a check is. Restricted has words of its own for three that it makes stricter.
_REASONS: Final = {
    "apparmor-unconfined": "forbidden AppArmor profile",
    "capabilities-not-dropped": "unrestricted capabilities",
    "capability-added": "non-default capabilities",
    "default-capability-added": "unrestricted capabilities",
    "host-in-probe": "probe or lifecycle host",
    "host-namespace": "host namespaces",
    "host-path-volume": "hostPath volumes",
    "host-port": "hostPort",
    "may-run-as-root": "runAsNonRoot != true",
    "privilege-escalation-allowed": "allowPrivilegeEscalation != false",
    "privileged-container": "privileged",
    "proc-mount-unmasked": "procMount",
    "proc-mount-unmasked-in-user-namespace": "procMount",
    "runs-as-root-user": "runAsUser=0",
    "seccomp-missing": "seccompProfile",
    "seccomp-unconfined": "seccompProfile",
    "selinux-type-custom": "seLinuxOptions",
    "sysctl-unsafe": "forbidden sysctls",
    "volume-type-restricted": "restricted volume types",
    "windows-host-process": "hostProcess",
}
_REASONS_OF_RESTRICTED: Final = {"capability-added": "unrestricted capabilities", "host-path-volume": "restricted volume types"}

pytestmark = [pytest.mark.cluster, pytest.mark.xdist_group("pod-security")]


@pytest.mark.usefixtures("client")
def test_every_specimen_is_judged_as_the_api_server_judges_it(control_plane: ControlPlane) -> None:
    """Whatever has a pod or a pod's template in it, made into a pod that the API server can take; this domain's by every version."""
    pods = pods_of_specimens("pod-security")
    count = compare(control_plane, [Question(pod, level, version) for pod in pods for level in LEVELS for version in VERSIONS])
    assert count > 0.9 * len(pods), f"of {len(pods)} specimens only {count} are valid pods"
    others = pods_of_specimens("*")
    count = compare(control_plane, [Question(pod, level, "latest") for pod in others for level in LEVELS])
    assert count > 0.5 * len(others), f"of {len(others)} specimens only {count} are valid pods"


@pytest.mark.usefixtures("client")
def test_two_thousand_drawn_pods_are_judged_as_the_api_server_judges_them(control_plane: ControlPlane) -> None:
    """Each by the newest version and by one drawn older one."""
    pods, random = Pods(seed=20261120), Random(20261120)
    questions = [
        Question(pod, level, version)
        for pod in (pods.pod(f"pod-{number}") for number in range(2_100))
        for version in ("latest", random.choice(OLDER))
        for level in LEVELS
    ]
    reasons: set[str] = set()
    count = compare(control_plane, questions, reasons)
    assert reasons == {*_REASONS.values()}, "every control was violated by some pod"
    assert count >= 2_000, f"only {count} of the pods drawn are valid"


@pytest.mark.deep
@pytest.mark.usefixtures("client")
def test_many_drawn_pods_are_judged_as_the_api_server_judges_them(control_plane: ControlPlane) -> None:
    """Each by every version in which a rule changed."""
    pods = Pods(seed=7)
    count = 0
    for batch in range(3):
        drawn = [pods.pod(f"pod-{batch}-{number}") for number in range(1_000)]
        count += compare(control_plane, [Question(pod, level, version) for pod in drawn for level in LEVELS for version in VERSIONS])
    assert count >= 2_500, f"only {count} of the pods drawn are valid"
    print(f"{count} pods, {len(VERSIONS)} versions, two levels")


def test_an_ephemeral_container_is_judged_as_the_api_server_judges_it(control_plane: ControlPlane, client: Client) -> None:
    """It cannot be created with its pod, only added to one that runs: to pods here that meet the standard at either level."""
    drawn = Pods(seed=3)
    hosts: list[Object] = [
        {"securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}, "containers": [_hardened()]},
        {"containers": [_hardened(runAsNonRoot=True, seccompProfile={"type": "RuntimeDefault"})]},
        {"hostUsers": False, "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}}, "containers": [_hardened()]},
    ]
    said: dict[str, frozenset[str]] = {}
    wanted: dict[str, frozenset[str]] = {}
    for level in LEVELS:
        for number, spec in enumerate(hosts):
            host: Object = {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": f"host-{number}"},
                "spec": {**spec, "schedulerName": "nobody"},
            }
            namespace = Question({}, level, "latest").namespace
            client.create(host, namespace)
            for debugger in (drawn.ephemeral_container(one) for one in range(60)):
                pod = deepcopy(host)
                pod["metadata"]["name"] = f"{level}-{number}-{debugger['name']}"
                pod["spec"]["ephemeralContainers"] = [debugger]
                answer = _try_debugger(client, namespace, f"host-{number}", debugger)
                if not answer.invalid:
                    wanted[pod["metadata"]["name"]] = _named(answer.reasons)
                    said |= verdicts([pod], level, "latest")
    assert len(wanted) > 200
    assert said == wanted
    assert {bool(reasons) for reasons in wanted.values()} == {True, False}


# -- our side -----------------------------------------------------------------------------------------------------


def verdicts(pods: list[Object], level: str, version: str) -> dict[str, frozenset[str]]:
    """For each pod by name the reasons, in the API server's words, why it does not meet a level."""
    resources = [found for pod in pods if (found := decode_any(msgspec.json.encode(pod))) is not None]
    cluster = Cluster("test", version="" if version == "latest" else f"{version}.0")
    judgement = judge(Snapshot(AT, cluster, by_kind(resources), {"Pod": Reading()}), _checks(level))
    reasons: dict[str, set[str]] = {resource.name: set() for resource in resources}
    for finding in judgement.findings:
        if finding.verdict is Verdict.FAIL:
            reasons[finding.subject.name].add(_reason(finding.check.partition("/")[2], level))
    return {name: frozenset(found) for name, found in reasons.items()}


@cache
def _checks(level: str) -> tuple[catalog.Check, ...]:
    return tuple(catalog.find_check(name) for name in CHECKS[level])


def _reason(check: str, level: str) -> str:
    return _REASONS_OF_RESTRICTED.get(check, _REASONS[check]) if level == "restricted" else _REASONS[check]


# -- the API server's side ----------------------------------------------------------------------------------------


def compare(control_plane: ControlPlane, questions: list[Question], occurred: set[str] | None = None) -> int:
    """How many valid pods there were; each was judged alike, and both verdicts occurred at both levels. Adds the reasons that did."""
    answers = ask(control_plane, questions)
    asked: dict[tuple[str, str], list[tuple[Object, Answer]]] = {}
    for question, answer in zip(questions, answers, strict=True):
        if not answer.invalid:
            asked.setdefault((question.level, question.version), []).append((question.pod, answer))
    differences, valid, kinds = [], set(), Counter[tuple[str, bool]]()
    for (level, version), pairs in asked.items():
        ours = verdicts([pod for pod, _ in pairs], level, version)
        for pod, answer in pairs:
            name = pod["metadata"]["name"]
            valid.add(name)
            theirs = _named(answer.reasons)
            kinds[level, bool(theirs)] += 1
            if occurred is not None:
                occurred |= theirs
            if ours[name] != theirs:
                told = f"ours {sorted(ours[name])}, the API server's {sorted(theirs)}"
                differences.append(f"{level}:{version} {told}: {msgspec.json.encode(pod['spec']).decode()}")
    assert not differences, f"{len(differences)} verdicts differ:\n" + "\n".join(differences[:5])
    assert len(kinds) == 4, f"not every verdict occurred: {kinds}"
    return len(valid)


def _named(reasons: frozenset[str]) -> frozenset[str]:
    """Without the plural of the one reason that has one."""
    return frozenset(reason.replace("AppArmor profiles", "AppArmor profile") for reason in reasons)


def _try_debugger(client: Client, namespace: str, host: str, debugger: Object) -> Answer:
    path = f"/api/v1/namespaces/{namespace}/pods/{host}/ephemeralcontainers"
    patch = {"spec": {"ephemeralContainers": [debugger]}}
    try:
        client.request("PATCH", path, patch, query={"dryRun": "All"}, content_type="application/strategic-merge-patch+json")
    except ApiError as refused:
        return answer_of(refused.code, str(refused))
    return Answer()


def _hardened(**more: object) -> Object:
    context = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}, **more}
    return {"name": "app", "image": "registry.k8s.io/pause:3.10", "securityContext": context}
