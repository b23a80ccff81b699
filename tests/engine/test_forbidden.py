"""Each kind forbidden in turn on a real API server: exactly the checks that ask for it turn unknown, and nothing else changes."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Final, TypeVar

import pytest

from daytwo import catalog
from daytwo.catalog import Check
from daytwo.engine.judge import RUNNABLE_KINDS, judge
from daytwo.model.event import Event
from daytwo.model.finding import Hit
from daytwo.model.gap import Unseen
from daytwo.model.kinds import KINDS, Kind
from daytwo.model.metadata import Resource
from daytwo.model.ref import Ref
from daytwo.model.runnable import Runnable
from daytwo.model.scope import Scope
from daytwo.model.severity import Verdict
from daytwo.model.snapshot import EVERYWHERE, Snapshot
from daytwo.sources.kubernetes.live import open_cluster
from daytwo.sources.kubernetes.many import each
from tests.conftest import programs
from tests.servers.client import Client, Object, read_manifests
from tests.servers.control_plane import HPA_CONTROLLER, ControlPlane, Options
from tests.servers.polling import until
from tests.sources.kubernetes.looking import QUICK

pytestmark = pytest.mark.cluster

R = TypeVar("R", bound=Resource)
T = TypeVar("T")

HERE: Final = Path(__file__).parent
CORPUS: Final = HERE.parent / "known-good"
MANIFESTS: Final = (
    *(
        CORPUS / f"{name}.yaml"
        for name in ("namespaces", "agents", "data-stores", "shop-edge", "shop-jobs", "shop-rollouts", "shop-workers")
    ),
    HERE / "forbidden.yaml",
)
RBAC: Final = "rbac.authorization.k8s.io"
# Aggregated: nobody serves them here.
_METRICS: Final = "metrics.k8s.io"
SERVED: Final = tuple(kind for kind in KINDS if kind.group != _METRICS)


# What would change from one look to the next, all by itself.
OPTIONS: Final = Options(disabled_controllers=(HPA_CONTROLLER, "cronjob-controller"))
# So many looks at a time keep both this process and the API server at work.
AT_ONCE: Final = 4


# -- the stage --------------------------------------------------------------------------------------------------------


def user_without(kind: Kind) -> str:
    return f"without-{kind.plural}.{kind.group}".rstrip(".")


def rights_without(kind: Kind | None) -> list[Object]:
    """Reading everything that daytwo reads but one kind, for a user of its own."""
    name = user_without(kind) if kind is not None else "with-everything"
    groups: dict[str, list[str]] = {"apps.kruise.io": ["clonesets"]}
    for one in KINDS:
        if one != kind:
            groups.setdefault(one.group, []).append(one.plural)
    rules = [{"apiGroups": [group], "resources": plurals, "verbs": ["get", "list"]} for group, plurals in groups.items()]
    return [
        {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole", "metadata": {"name": name}, "rules": rules},
        {
            "apiVersion": f"{RBAC}/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": name},
            "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": name},
            "subjects": [{"apiGroup": RBAC, "kind": "User", "name": name}],
        },
    ]


def definition(group: str, version: str, plural: str, kind: str, *, is_namespaced: bool, schema: Object) -> Object:
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        # Groups of Kubernetes itself take definitions of who says that they may.
        "metadata": {"name": f"{plural}.{group}", "annotations": {"api-approved.kubernetes.io": "unapproved, a test"}},
        "spec": {
            "group": group,
            "scope": "Namespaced" if is_namespaced else "Cluster",
            "names": {"plural": plural, "kind": kind, "singular": kind.lower(), "listKind": f"{kind}List"},
            "versions": [{"name": version, "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}],
        },
    }


_ANYTHING: Final = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
_CONTAINERS: Final = {"type": "array", "items": _ANYTHING}


def _nested(*names: str, inner: Object) -> Object:
    for name in reversed(names):
        inner = {**_ANYTHING, "properties": {name: inner}}
    return inner


def serve_all(client: Client) -> None:
    """Whatever daytwo reads and the API server does not bring is defined, and so is one custom kind with a pod template."""
    built_in = {group["name"] for group in client.request("GET", "/apis")["groups"]} | {""}
    wanted = [
        definition(kind.group, kind.version, kind.plural, kind.name.partition(".")[0], is_namespaced=kind.is_namespaced, schema=_ANYTHING)
        for kind in SERVED
        if kind.group not in built_in
    ]
    pods = _nested("spec", "template", "spec", "containers", inner=_CONTAINERS)
    wanted.append(definition("apps.kruise.io", "v1alpha1", "clonesets", "CloneSet", is_namespaced=True, schema=pods))
    for one in wanted:
        client.create(one)

    def are_established() -> bool:
        return all(
            any(
                condition["type"] == "Established" and condition["status"] == "True"
                for condition in one.get("status", {}).get("conditions") or ()
            )
            for one in client.list_of("CustomResourceDefinition")
        )

    until(are_established, "the definitions to be established")


def settle(client: Client) -> None:
    """Until all has come to rest. Nobody makes volumes here, so that the pods of data wait for ever, and one pod asks for too much."""

    def is_quiet() -> bool:
        deployments = [one for namespace in ("shop", "amiss") for one in client.list_of("Deployment", namespace)]
        pods = [pod for namespace in ("shop", "agents", "amiss") for pod in client.list_of("Pod", namespace)]
        return (
            all(one.get("status", {}).get("availableReplicas", 0) == one["spec"]["replicas"] for one in deployments)
            and all(one.get("status", {}).get("completionTime") for one in client.list_of("Job"))
            and {pod["metadata"]["name"] for pod in pods if pod["status"]["phase"] == "Pending"} == {"homeless"}
        )

    until(is_quiet, "the pods to run", 60)


@pytest.fixture(scope="module")
def plane() -> Iterator[ControlPlane]:
    with ExitStack() as stack:
        plane = stack.enter_context(ControlPlane(programs(), OPTIONS))
        for zone in "abc":
            plane.add_node(f"node-{zone}", zone=f"test-{zone}")
        plane.wait_nodes("node-a", "node-b", "node-c")
        client = plane.client()
        serve_all(client)
        for kind in (None, *SERVED):
            for resource in rights_without(kind):
                client.create(resource)
        for resource in read_manifests(*MANIFESTS):
            client.create(resource)
        settle(client)
        yield plane


# -- looking and judging ----------------------------------------------------------------------------------------------


Asking = tuple[str, Ref]
"""A check and the object that it is asked of."""


@dataclass(frozen=True, repr=False)
class Spy(Snapshot):
    """A snapshot that keeps which kinds it was asked for.

    A table that several checks share is made once: what was asked for it was asked by each of them.
    """

    asked: set[str] = field(default_factory=set)
    wondered: set[str] = field(default_factory=set)
    """Kinds of which it was asked whether they were read: then the check decides itself what to make of that."""
    for_tables: dict[object, set[str]] = field(default_factory=dict)

    def require(self, kind: str, namespace: str = EVERYWHERE) -> None:
        self.asked.add(kind)
        super().require(kind, namespace)

    def is_read(self, kind: str, namespace: str = EVERYWHERE) -> bool:
        self.wondered.add(kind)
        return super().is_read(kind, namespace)

    def get(self, type: type[R], namespace: str, name: str) -> R | None:
        self.asked.add(type.KIND)
        return super().get(type, namespace, name)

    def once(self, derive: Callable[[Snapshot], T]) -> T:
        before = self.asked.copy()
        self.asked.clear()
        try:
            return super().once(derive)
        finally:
            made = self.for_tables.setdefault(derive, set())
            made.update(self.asked)
            self.asked.update(before, made)


@dataclass
class Watched:
    """What every check asked of every object, and what came of it, kept beside what the judge makes of that."""

    asked: dict[Asking, frozenset[str]] = field(default_factory=dict)
    wondered: dict[str, set[str]] = field(default_factory=dict)
    """By check: what is told of one object may rest on a table of all."""
    outcomes: dict[Asking, Verdict] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()
    """The checks that the judge calls unknown."""
    coverage: float = 1.0

    def watching(self, check: Check) -> Check:
        def function(subject: Resource, snapshot: Snapshot, *options: object) -> Iterator[Hit]:
            assert isinstance(snapshot, Spy)
            asking = (check.name, subject.ref)
            snapshot.asked.clear()
            snapshot.wondered.clear()
            outcome = Verdict.PASS
            try:
                for hit in check.function(subject, snapshot, *options):
                    outcome = Verdict.FAIL
                    yield hit
            except Unseen:
                outcome = Verdict.UNKNOWN if outcome is Verdict.PASS else outcome
                raise
            finally:
                self.asked[asking] = frozenset(snapshot.asked)
                self.wondered.setdefault(check.name, set()).update(snapshot.wondered)
                self.outcomes[asking] = outcome

        return replace(check, function=function)


def watch(snapshot: Snapshot, checks: tuple[Check, ...]) -> Watched:
    watched = Watched(coverage=snapshot.coverage.ratio)
    spy = Spy(**{one.name: getattr(snapshot, one.name) for one in fields(Snapshot)})
    judgement = judge(spy, [watched.watching(check) for check in checks])
    watched.unknown = frozenset(finding.check for finding in judgement.findings if finding.verdict is Verdict.UNKNOWN)
    return watched


async def look_as(plane: ControlPlane, user: str) -> Snapshot:
    async with open_cluster(None, plane.kubeconfig(), patience=QUICK, environment={}, impersonate=user) as cluster:
        return await cluster.read(Scope(), lambda progress: None)


def subject_kinds(check: Check) -> set[str]:
    return {kind.KIND for wanted in check.kinds for kind in (RUNNABLE_KINDS if wanted is Runnable else (wanted,))}


@dataclass(frozen=True)
class Looks:
    """With everything readable, with each kind forbidden in turn, and with everything once more."""

    checks: tuple[Check, ...]
    everything: Watched
    without: dict[str, Watched]
    again: Watched

    def asked(self, kind: str) -> set[Asking]:
        """Who asked for this kind, whether or not it could be read."""
        looks = (self.everything, self.without[kind])
        return {asking for look in looks for asking, kinds in look.asked.items() if kind in kinds}

    def changed(self, kind: str) -> dict[Asking, tuple[Verdict, Verdict]]:
        """What is told otherwise of the same object than with everything readable."""
        return differences(self.everything, self.without[kind])


def differences(one: Watched, other: Watched) -> dict[Asking, tuple[Verdict, Verdict]]:
    """Of objects that both have. Events come all the time, and are told in groups."""
    both = {asking: (verdict, other.outcomes[asking]) for asking, verdict in one.outcomes.items() if asking in other.outcomes}
    return {asking: (before, after) for asking, (before, after) in both.items() if before != after and asking[1].kind != Event.KIND}


async def look_around(plane: ControlPlane) -> Looks:
    checks = catalog.checks()
    first = await look_as(plane, "with-everything")
    assert first.gaps == ()
    assert {name for name, reading in first.readings.items() if not reading.is_served} == {"PodMetrics", "NodeMetrics"}
    without: dict[str, Watched] = {}

    async def watched(user: str) -> Watched:
        return watch(replace(await look_as(plane, user), taken_at=first.taken_at), checks)

    async def forbid(kind: Kind) -> None:
        without[kind.name] = await watched(user_without(kind))

    await each(SERVED, forbid, AT_ONCE)
    return Looks(checks, watch(first, checks), without, await watched("with-everything"))


@pytest.fixture(scope="module")
def looks(plane: ControlPlane) -> Looks:
    return asyncio.run(look_around(plane))


def test_nothing_moved_meanwhile(looks: Looks) -> None:
    """Else what follows would be told of checks, and be the cluster's doing."""
    assert differences(looks.everything, looks.again) == {}


def test_nearly_every_check_has_something_to_judge(looks: Looks) -> None:
    judged = {check for check, _ in looks.everything.outcomes}
    assert len(judged) >= 0.9 * len(looks.checks)
    assert len({check for (check, _), verdict in looks.everything.outcomes.items() if verdict is Verdict.FAIL}) > 80


def test_no_check_passes_that_asked_for_what_is_forbidden(looks: Looks) -> None:
    passed = {
        kind: sorted(asking for asking in looks.asked(kind) if look.outcomes.get(asking) is Verdict.PASS)
        for kind, look in looks.without.items()
    }
    assert {kind: found for kind, found in passed.items() if found} == {}


def test_exactly_the_checks_that_depend_on_a_kind_turn_unknown(looks: Looks) -> None:
    """They depend on what they asked for, and on the kinds of their subjects. A hit stands, whatever stayed hidden beside it."""
    for kind, look in looks.without.items():
        depends = {check for check, _ in looks.asked(kind)} | {check.name for check in looks.checks if kind in subject_kinds(check)}
        turned = look.unknown - looks.everything.unknown
        assert turned <= depends, kind
        for check in depends - look.unknown:
            told = {look.outcomes[asking] for asking in looks.asked(kind) if asking[0] == check and asking in look.outcomes}
            assert told == {Verdict.FAIL}, (kind, check)


def test_every_other_verdict_stays_as_it_was(looks: Looks) -> None:
    """Object by object: also of a check that is unknown for some, the others are told as before."""
    moved: dict[str, frozenset[str]] = {}
    for kind, look in looks.without.items():
        asked = looks.asked(kind)
        others = {check for (check, subject) in looks.changed(kind) if (check, subject) not in asked and kind not in look.wondered[check]}
        if others:
            moved[kind] = frozenset(others)
    assert moved == {}


def test_what_was_not_read_lowers_the_coverage(looks: Looks) -> None:
    assert looks.everything.coverage == 1.0
    assert {kind for kind, look in looks.without.items() if look.coverage >= 1.0} == set()


def test_no_object_is_lost_but_those_that_were_forbidden(looks: Looks) -> None:
    """Custom workloads are found by the definitions of their kinds."""
    for kind, look in looks.without.items():
        lost = {subject.kind for check, subject in looks.everything.outcomes.keys() - look.outcomes.keys()} - {kind, Event.KIND}
        assert lost == ({"CloneSet.apps.kruise.io"} if kind == "CustomResourceDefinition" else set()), kind
