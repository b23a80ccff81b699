"""One look at a cluster: what is asked, in which order, and what becomes a gap."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final
from urllib.parse import quote

import msgspec

from daytwo.api_server.connection import Connection, NoAnswer, decoded
from daytwo.api_server.transport import Answer
from daytwo.model.cluster import Cluster, HealthLine
from daytwo.model.control_plane import APIService, CustomResourceDefinition, Namespace
from daytwo.model.errors import UsageError, did_you_mean
from daytwo.model.gap import Gap
from daytwo.model.kinds import BY_NAME, KINDS, Kind, kind_name
from daytwo.model.metadata import Resource, condition
from daytwo.model.progress import OnProgress, Progress
from daytwo.model.ref import Cell
from daytwo.model.scope import Scope
from daytwo.model.snapshot import Reading, Snapshot, by_kind
from daytwo.model.workload import CustomWorkload
from daytwo.sources.kubernetes.access import NamespaceRules, rules_in, user_name
from daytwo.sources.kubernetes.decode import Malformed, decode, decode_custom
from daytwo.sources.kubernetes.discovery import Discovery, discover
from daytwo.sources.kubernetes.listing import Decode, Listed, list_all
from daytwo.sources.kubernetes.many import each
from daytwo.sources.sharing import Shared

_SOURCE: Final = "kubernetes"
_KINDS_AT_ONCE: Final = 4
_NAMESPACES_AT_ONCE: Final = 4
_REVIEWS_AT_ONCE: Final = 8
# A kind that fails so often in a row, for another reason than lack of rights, fails in the remaining namespaces too.
_FAILURES_IN_A_ROW: Final = 3
_HEALTH: Final = "API server health (/readyz)"
_CORE_PLURALS: Final = frozenset(kind.plural for kind in KINDS if not kind.group)


@dataclass(frozen=True, slots=True)
class _Question:
    """One kind to list. `name` is the kind that the snapshot knows it by, `plural` what people call it."""

    name: str
    group: str
    version: str
    resource: str
    is_namespaced: bool
    decode: Decode
    only_namespace: str = ""

    @property
    def plural(self) -> str:
        is_ours = self.name in BY_NAME and self.resource not in _CORE_PLURALS
        return self.resource if is_ours or not self.group else f"{self.resource}.{self.group}"

    def path(self, namespace: str = "") -> str:
        prefix = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        return f"{prefix}/namespaces/{quote(namespace, safe='')}/{self.resource}" if namespace else f"{prefix}/{self.resource}"


@dataclass(slots=True)
class _Found:
    """How one kind was answered: everywhere, or in some namespaces."""

    is_served: bool = True
    is_everywhere: bool = False
    namespaces: set[str] = field(default_factory=set)


class Look:
    """Reads one snapshot. Made anew for each look."""

    def __init__(self, connection: Connection, scope: Scope, on_progress: OnProgress) -> None:
        self._connection = connection
        self._asked_namespaces = tuple(dict.fromkeys(scope.namespaces))
        self._asked_kinds = tuple(dict.fromkeys(scope.kinds))
        self._on_progress = on_progress
        self._discovery = Discovery()
        self._resources: list[Resource] = []
        self._found: dict[str, list[_Found]] = {}
        self._gaps: list[Gap] = []
        self._shared = Shared()
        self._namespaces: tuple[str, ...] = ()
        self._knows_namespaces = False
        self._rules: dict[str, NamespaceRules] | None = None
        self._reviewing = asyncio.Lock()
        self._kinds = len(KINDS)
        self._kinds_read = 0
        self._objects = 0

    async def snapshot(self, taken_at: datetime, version: str) -> Snapshot:
        groups = {kind.group for kind in KINDS}
        user, readyz, self._discovery = await asyncio.gather(self._user(), self._readyz(), discover(self._connection, groups))
        namespaces, *others = [_question(kind) for kind in KINDS]
        await self._ask(namespaces)
        await self._learn_namespaces()
        await each(others, self._ask, _KINDS_AT_ONCE)
        custom = self._custom_questions()
        self._kinds += len(custom)
        await each(custom, self._ask, _KINDS_AT_ONCE)
        self._doubt_what_is_not_served()
        if "CustomResourceDefinition" in self._readings():
            self._found.setdefault(CustomWorkload.KIND, [_Found(is_everywhere=True)])
        uid = await self._uid()
        return Snapshot(
            taken_at=taken_at,
            cluster=Cluster(name=self._connection.target.name, uid=uid, version=version, user=user, readyz=readyz),
            resources=by_kind(self._resources),
            readings=self._readings(),
            gaps=self._gaps_in_order(),
        )

    async def part(self, taken_at: datetime, cluster: Cluster) -> Snapshot:
        """Only the kinds of the scope: what is not among them is not part of the snapshot."""
        kinds = [BY_NAME[name] for name in self._asked_kinds]
        self._discovery = await discover(self._connection, {kind.group for kind in kinds})
        self._namespaces = self._asked_namespaces
        await each([_question(kind) for kind in kinds], self._ask, _KINDS_AT_ONCE)
        return Snapshot(taken_at, cluster, by_kind(self._resources), self._readings(), self._gaps_in_order())

    def _gaps_in_order(self) -> tuple[Gap, ...]:
        return tuple(sorted(set(self._gaps), key=lambda gap: (gap.wanted, gap.reason, gap.cell or Cell(""))))

    # -- kinds ----------------------------------------------------------------------------------------------------

    async def _ask(self, question: _Question) -> None:
        found = await self._answer(question)
        self._found.setdefault(question.name, []).append(found)
        self._kinds_read += 1
        self._report()

    async def _answer(self, question: _Question) -> _Found:
        try:
            if not self._discovery.serves(question.group, question.version, question.resource):
                return _Found(is_served=False, is_everywhere=True)
        except NoAnswer as failure:
            self._lose(question, failure.reason)
            return _Found()
        if question.is_namespaced and not question.only_namespace and self._asked_namespaces:
            return await self._answer_in(question, self._asked_namespaces, ())
        try:
            await self._list(question, question.only_namespace)
        except NoAnswer as failure:
            if failure.status != 403 or not question.is_namespaced or question.only_namespace:
                self._lose(question, failure.reason)
                return _Found()
            return await self._answer_where_allowed(question, failure)
        return _Found(is_everywhere=True)

    async def _answer_where_allowed(self, question: _Question, refusal: NoAnswer) -> _Found:
        """After a refusal for the whole cluster: the namespaces where the user may list this kind."""
        rules = await self._rules_by_namespace()
        allowed = [name for name in self._namespaces if rules[name].may_list(question.group, question.resource)]
        forbidden = [name for name in self._namespaces if name not in set(allowed)]
        found = await self._answer_in(question, allowed, forbidden, refusal.reason)
        if not self._knows_namespaces:
            others = f" outside {_listed(sorted(found.namespaces))}" if found.namespaces else ""
            if not forbidden or found.namespaces:
                self._gaps.append(Gap(_SOURCE, f"{question.plural}{others}", refusal.reason, Cell(question.name)))
        elif found.namespaces == set(self._namespaces):
            found.is_everywhere = True
        return found

    async def _answer_in(self, question: _Question, namespaces: Sequence[str], forbidden: Sequence[str], refusal: str = "") -> _Found:
        found = _Found()
        lost: dict[str, list[str]] = {refusal: list(forbidden)} if forbidden else {}
        failures_in_a_row = 0
        last_failure = ""

        async def ask(namespace: str) -> None:
            nonlocal failures_in_a_row, last_failure
            if failures_in_a_row >= _FAILURES_IN_A_ROW:
                lost.setdefault(last_failure, []).append(namespace)
                return
            try:
                await self._list(question, namespace)
            except NoAnswer as failure:
                lost.setdefault(failure.reason, []).append(namespace)
                if failure.status != 403:
                    failures_in_a_row, last_failure = failures_in_a_row + 1, failure.reason
                return
            failures_in_a_row = 0
            found.namespaces.add(namespace)

        await each(namespaces, ask, _NAMESPACES_AT_ONCE)
        for reason, names in sorted(lost.items()):
            self._lose_in(question, reason, sorted(names), is_all=not found.namespaces and len(lost) == 1)
        return found

    async def _list(self, question: _Question, namespace: str = "") -> None:
        def on_page(objects: int) -> None:
            self._objects += objects
            self._report()

        def decode_and_share(raw: msgspec.Raw) -> Resource:
            resource = question.decode(raw)
            self._shared.share(resource)
            return resource

        listed = await list_all(self._connection, question.path(namespace), decode_and_share, on_page)
        self._resources.extend(listed.objects)
        self._lose_malformed(question, listed, namespace)

    def _custom_questions(self) -> list[_Question]:
        """Custom kinds with a pod template, each in one version."""
        questions = []
        for definition in self._resources:
            if not isinstance(definition, CustomResourceDefinition) or not definition.pod_template_versions:
                continue
            versions = definition.pod_template_versions
            version = definition.storage_version if definition.storage_version in versions else versions[-1]
            name = kind_name(f"{definition.group}/{version}", definition.kind)
            if name not in BY_NAME:
                questions.append(
                    _Question(
                        name=CustomWorkload.KIND,
                        group=definition.group,
                        version=version,
                        resource=definition.plural,
                        is_namespaced=definition.scope != "Cluster",
                        decode=partial(decode_custom, name),
                    )
                )
        return sorted(questions, key=lambda question: question.plural)

    def _doubt_what_is_not_served(self) -> None:
        """A group whose API service is down may be missing from discovery altogether; then it is hidden, not absent."""
        services = {service.name: service for service in self._resources if isinstance(service, APIService)}
        for kind in KINDS:
            service = services.get(f"{kind.version}.{kind.group}")
            if service is None or all(found.is_served for found in self._found[kind.name]):
                continue
            available = condition(service.status.conditions, "Available")
            if available is not None and available.status != "True":
                self._found[kind.name] = [_Found()]
                self._lose(_question(kind), f"its API service is not available: {available.reason}")

    def _readings(self) -> dict[str, Reading]:
        readings = {}
        for name, founds in self._found.items():
            if not any(found.is_served for found in founds):
                readings[name] = Reading(is_served=False)
            elif all(found.is_everywhere for found in founds):
                readings[name] = Reading()
            else:
                partly = [found.namespaces for found in founds if not found.is_everywhere]
                namespaces = frozenset.intersection(*map(frozenset, partly))
                if namespaces:
                    readings[name] = Reading(namespaces=namespaces)
        return readings

    # -- namespaces -----------------------------------------------------------------------------------------------

    async def _learn_namespaces(self) -> None:
        """Which namespaces there are, or else those that the context and the scope name. Raises UsageError for one that is not there."""
        seen = {resource.name for resource in self._resources if isinstance(resource, Namespace)}
        self._knows_namespaces = any(found.is_everywhere for found in self._found["Namespace"])
        if self._knows_namespaces:
            self._namespaces = tuple(sorted(seen))
            for name in self._asked_namespaces:
                if name not in seen:
                    raise UsageError(self._no_namespace(name) + did_you_mean(name, seen))
        else:
            self._namespaces = tuple(sorted({self._connection.target.namespace, *self._asked_namespaces}))
            await each(self._namespaces, self._get_namespace, _NAMESPACES_AT_ONCE)

    async def _get_namespace(self, name: str) -> None:
        """One namespace by name, for those who may get it and not list all."""
        try:
            raw = await self._connection.get(f"/api/v1/namespaces/{quote(name, safe='')}", lambda answer: answer.body)
            self._resources.append(decode(BY_NAME["Namespace"], raw))
        except Malformed:
            return
        except NoAnswer as failure:
            if failure.status == 404 and name in self._asked_namespaces:
                raise UsageError(self._no_namespace(name)) from None

    def _no_namespace(self, name: str) -> str:
        return f'no namespace "{name}" in context "{self._connection.target.name}"'

    async def _rules_by_namespace(self) -> dict[str, NamespaceRules]:
        """The user's rules in every known namespace: asked once, and shared by all kinds."""
        async with self._reviewing:
            if self._rules is None:
                rules: dict[str, NamespaceRules] = {}

                async def ask(namespace: str) -> None:
                    try:
                        rules[namespace] = await rules_in(self._connection, namespace)
                    except NoAnswer:
                        # Not told is not forbidden: then the list itself will tell.
                        rules[namespace] = NamespaceRules(incomplete=True)

                await each(self._namespaces, ask, _REVIEWS_AT_ONCE)
                self._rules = rules
            return self._rules

    # -- the cluster itself ---------------------------------------------------------------------------------------

    async def _user(self) -> str:
        try:
            self._connection.user = await user_name(self._connection)
        except NoAnswer:
            return ""
        return self._connection.user

    async def _readyz(self) -> tuple[HealthLine, ...]:
        try:
            return await self._connection.get("/readyz", _health, [("verbose", "")], accept="*/*", also={500})
        except NoAnswer as failure:
            self._gaps.append(Gap(_SOURCE, _HEALTH, failure.reason))
            return ()

    async def _uid(self) -> str:
        for resource in self._resources:
            if isinstance(resource, Namespace) and resource.name == "kube-system" and resource.metadata.uid:
                return resource.metadata.uid
        return await cluster_uid(self._connection)

    # -- gaps and progress ----------------------------------------------------------------------------------------

    def _lose(self, question: _Question, reason: str) -> None:
        """The whole kind."""
        namespaces = self._asked_namespaces or self._namespaces
        cells = max(len(namespaces), 1) if question.is_namespaced and not question.only_namespace else 1
        self._gaps.append(Gap(_SOURCE, question.plural, reason, Cell(question.name), cells=cells))

    def _lose_in(self, question: _Question, reason: str, namespaces: list[str], is_all: bool) -> None:
        """The kind in some namespaces: one gap however many they are."""
        if is_all and not self._asked_namespaces:
            self._lose(question, reason)
        elif len(namespaces) == 1:
            wanted = f"{question.plural} in namespace {namespaces[0]}"
            self._gaps.append(Gap(_SOURCE, wanted, reason, Cell(question.name, namespaces[0])))
        else:
            wanted = f"{question.plural} in {_listed(namespaces)}"
            self._gaps.append(Gap(_SOURCE, wanted, reason, Cell(question.name), cells=len(namespaces)))

    def _lose_malformed(self, question: _Question, listed: Listed, namespace: str) -> None:
        """One gap per namespace with objects that are not what their kind says."""
        by_namespace: dict[str, list[Malformed]] = {}
        for malformed in listed.malformed:
            by_namespace.setdefault((malformed.namespace or namespace) if question.is_namespaced else "", []).append(malformed)
        for name, found in by_namespace.items():
            wanted = f"one of {question.plural}" if len(found) == 1 else f"{len(found)} of {question.plural}"
            where = f" in namespace {name}" if name else ""
            self._gaps.append(Gap(_SOURCE, f"{wanted}{where}", f"malformed: {found[0]}", Cell(question.name, name)))

    def _report(self) -> None:
        self._on_progress(Progress(self._kinds_read, self._kinds, self._objects, len(self._gaps)))


async def cluster_uid(connection: Connection) -> str:
    """The uid of namespace kube-system; where that is hidden, a hash of the API server's address and authority."""
    try:
        found = await connection.get("/api/v1/namespaces/kube-system", decoded(_Named))
    except NoAnswer:
        found = _Named()
    if found.metadata.uid:
        return found.metadata.uid
    return hashlib.sha256(connection.target.server.encode() + b"\n" + connection.server_authority).hexdigest()[:32]


class _NamedMetadata(msgspec.Struct):
    uid: str = ""


class _Named(msgspec.Struct):
    metadata: _NamedMetadata = msgspec.field(default_factory=_NamedMetadata)


def _question(kind: Kind) -> _Question:
    return _Question(kind.name, kind.group, kind.version, kind.plural, kind.is_namespaced, partial(decode, kind), kind.only_namespace)


def _health(answer: Answer) -> tuple[HealthLine, ...]:
    """`[+]ping ok` and `[-]etcd failed: reason withheld`, one per line."""
    lines = []
    for line in answer.body.decode(errors="replace").splitlines():
        if line.startswith(("[+]", "[-]")):
            name, _, rest = line[3:].partition(" ")
            is_fine = line.startswith("[+]")
            lines.append(HealthLine(name, is_fine, "" if is_fine else rest.removeprefix("failed: ").strip()))
    if not lines:
        raise NoAnswer(f"the API server answers {answer.status} without saying what of it is ready", answer.status)
    return tuple(lines)


def _listed(namespaces: Sequence[str]) -> str:
    """`namespace a`, `namespaces a, b and c`, `1,000 namespaces (a, b, …)`."""
    if len(namespaces) == 1:
        return f"namespace {namespaces[0]}"
    if len(namespaces) <= 3:
        return f"namespaces {', '.join(namespaces[:-1])} and {namespaces[-1]}"
    return f"{len(namespaces):,} namespaces ({', '.join(namespaces[:2])}, …)"
