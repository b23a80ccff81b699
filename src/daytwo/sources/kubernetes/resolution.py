"""What a person means by `deploy/web`: which kind of those that this API server serves, in which version, and which object."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from daytwo.api_server.connection import Connection, NoAnswer, decoded
from daytwo.model.document import Document
from daytwo.model.errors import UsageError, did_you_mean
from daytwo.model.kinds import BY_NAME
from daytwo.model.target import ResourceType, Target
from daytwo.sources.kubernetes.discovery_answer import AGGREGATED, DiscoveryAnswer, PlainResourceList, ServedGroup
from daytwo.sources.kubernetes.many import each

_AT_ONCE: Final = 8
_MOST_NAMED: Final = 4
# The groups that Kubernetes itself serves before all others: a bare word means theirs, as it does to kubectl.
_OWN_GROUPS: Final = frozenset(
    {
        "",
        "apps",
        "autoscaling",
        "batch",
        "policy",
        "admissionregistration.k8s.io",
        "apiextensions.k8s.io",
        "apiregistration.k8s.io",
        "certificates.k8s.io",
        "coordination.k8s.io",
        "discovery.k8s.io",
        "networking.k8s.io",
        "node.k8s.io",
        "rbac.authorization.k8s.io",
        "resource.k8s.io",
        "scheduling.k8s.io",
        "storage.k8s.io",
    }
)


@dataclass(frozen=True, slots=True)
class ServedType:
    """One kind in one version, with what people call it and what it can do beside being read and written."""

    type: ResourceType
    singular: str = ""
    short_names: tuple[str, ...] = ()
    subresources: frozenset[str] = frozenset()

    @property
    def words(self) -> tuple[str, ...]:
        return (self.type.plural, self.singular or self.type.kind.lower(), self.type.kind.lower())


@dataclass(frozen=True, slots=True)
class Served:
    """Everything an API server serves, in its order: a group's preferred version first. `failures` say what it could not tell."""

    types: tuple[ServedType, ...]
    failures: tuple[str, ...] = field(default=())

    def target(self, text: str, namespace: str) -> Target:
        """The object that `KIND/NAME` means, as kubectl would take it. UsageError says what to write instead.

        KIND is a plural, a singular, a kind or a short name, if need be with its group or version and group: `deploy/web`,
        `deployments.apps/web`, `deployments.v1.apps/web`.
        """
        word, slash, name = text.strip().partition("/")
        if not slash:
            example = "deployment" if not word or self._matches(word) == () else word
            raise UsageError(f'"{text}" names no object; write KIND/NAME, such as {example}/web')
        if not name or name in (".", "..") or not {"/", "%"}.isdisjoint(name):
            raise UsageError(f'"{text}": "{name}" is no name of an object; write KIND/NAME, such as deployment/web')
        type = self.find(word).type
        return Target(type, namespace if type.is_namespaced else "", name)

    def find(self, word: str) -> ServedType:
        """The kind that a word means. UsageError where none is served by that name, or more than one."""
        matches = self._matches(word)
        groups = {match.type.group: match for match in reversed(matches)}
        own = [groups[group] for group in groups if group in _OWN_GROUPS]
        if "" in groups:
            return groups[""]
        if len(groups) == 1 or len(own) == 1:
            return (own or list(groups.values()))[0]
        if groups:
            names = " or ".join(sorted(match.type.resource for match in groups.values()))
            raise UsageError(f'"{word}" may mean {names}; write one of them')
        raise UsageError(f'the API server serves no kind "{word}"{did_you_mean(word.lower(), self._words())}{self._unsure()}')

    def of_manifest(self, api_version: str, kind: str) -> ServedType:
        """The kind that a manifest names, in the very version it names. UsageError where that is not served."""
        same = [one for one in self.types if one.type.kind == kind]
        for one in same:
            if one.type.api_version == api_version:
                return one
        if same:
            versions = _told(sorted({one.type.api_version for one in same}))
            raise UsageError(f"the API server does not serve {kind} in {api_version}; it does in {versions}{self._unsure()}")
        beside = {one.type.kind for one in self.types if one.type.api_version == api_version} or {one.type.kind for one in self.types}
        raise UsageError(f"the API server serves no kind {kind} in {api_version}{did_you_mean(kind, beside)}{self._unsure()}")

    def target_of(self, document: Document, namespace: str) -> Target:
        """The object that a manifest is about; where it names no namespace, it goes into this one. UsageError with the file's place."""
        try:
            type = self.of_manifest(document.api_version, document.kind).type
        except UsageError as error:
            raise UsageError(f"{document.origin}: {error}") from None
        if not type.is_namespaced:
            if document.namespace:
                raise UsageError(f"{document.origin}: {type.kind} has no namespace; leave out metadata.namespace")
            return Target(type, "", document.name)
        return Target(type, document.namespace or namespace, document.name)

    def _matches(self, word: str) -> tuple[ServedType, ...]:
        """Of each group the version to use. A plural or a kind outranks somebody's short name."""
        name, _, place = word.lower().partition(".")
        there = [one for one in self.types if not place or place in _places(one.type)]
        for found in ([one for one in there if name in one.words], [one for one in there if name in one.short_names]):
            if found:
                return tuple(_preferred(found))
        return ()

    def _words(self) -> Iterator[str]:
        for one in self.types:
            yield from one.words

    def _unsure(self) -> str:
        return f" ({'; '.join(self.failures[:_MOST_NAMED])})" if self.failures else ""


def _places(type: ResourceType) -> tuple[str, ...]:
    return (type.group, f"{type.version}.{type.group}".rstrip("."))


def _preferred(found: Iterable[ServedType]) -> Iterator[ServedType]:
    """One version of each group and kind: the one that daytwo reads where it is among them, else the API server's first."""
    chosen: dict[tuple[str, str], ServedType] = {}
    for one in found:
        key = (one.type.group, one.type.kind)
        known = BY_NAME.get(one.type.name)
        if key not in chosen or (known is not None and one.type.version == known.version):
            chosen[key] = one
    yield from chosen.values()


def _told(names: Iterable[str]) -> str:
    return ", ".join(names)


# -- reading --------------------------------------------------------------------------------------------------------


async def read_served(connection: Connection) -> Served:
    """Asks in two requests, or (before Kubernetes 1.26) in one for each group and version. UsageError when nothing can be told."""
    parts = await asyncio.gather(_read(connection, "/api"), _read(connection, "/apis"))
    served = Served(
        tuple(one for part in parts for one in part.types),
        tuple(failure for part in parts for failure in part.failures),
    )
    if not served.types:
        raise UsageError(f"the API server does not tell what it serves: {'; '.join(served.failures) or 'nothing'}")
    return served


async def _read(connection: Connection, path: str) -> Served:
    try:
        answer = await connection.get(path, decoded(DiscoveryAnswer), accept=AGGREGATED)
    except NoAnswer as failure:
        return Served((), (f"discovery ({path}): {failure.reason}",))
    if answer.items is not None:
        return _aggregated(answer.items)
    places = [("", version) for version in answer.versions or ()]
    places += [(group.name, each.version) for group in answer.groups or () for each in group.versions or ()]
    found: dict[tuple[str, str], Served] = {}

    async def read(place: tuple[str, str]) -> None:
        found[place] = await _plain(connection, *place)

    await each(places, read, _AT_ONCE)
    parts = [found[place] for place in places]
    return Served(tuple(one for part in parts for one in part.types), tuple(failure for part in parts for failure in part.failures))


def _aggregated(groups: Iterable[ServedGroup]) -> Served:
    types: list[ServedType] = []
    failures: list[str] = []
    for group in groups:
        name = group.metadata.name
        for version in group.versions or ():
            if version.freshness == "Stale":
                failures.append(f"discovery of {name}/{version.version} is stale: its API service does not answer")
            for one in version.resources or ():
                type = ResourceType(name, version.version, one.resource, one.response_kind.kind, one.scope != "Cluster")
                subresources = frozenset(each.subresource for each in one.subresources or ())
                types.append(ServedType(type, one.singular_resource, one.short_names or (), subresources))
    return Served(tuple(types), tuple(failures))


async def _plain(connection: Connection, group: str, version: str) -> Served:
    path = f"/apis/{group}/{version}" if group else f"/api/{version}"
    try:
        answer = await connection.get(path, decoded(PlainResourceList))
    except NoAnswer as failure:
        return Served((), (f"discovery of {group or 'core'}/{version}: {failure.reason}",))
    resources = answer.resources or ()
    types = []
    for one in resources:
        if "/" in one.name:
            continue
        parts = frozenset(other.name.partition("/")[2] for other in resources if other.name.startswith(f"{one.name}/"))
        type = ResourceType(group, version, one.name, one.kind, one.namespaced)
        types.append(ServedType(type, one.singular_name, one.short_names or (), parts))
    return Served(tuple(types))
