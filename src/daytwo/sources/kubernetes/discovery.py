"""What the API server serves: told in one or two requests by aggregated discovery, or group by group where that is missing."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from daytwo.api_server.connection import Connection, NoAnswer, decoded
from daytwo.sources.kubernetes.discovery_answer import AGGREGATED, DiscoveryAnswer, PlainResourceList, ServedGroup


@dataclass(frozen=True, slots=True)
class Discovery:
    """Which resources each group and version has, and why some could not be told.

    `failures` are keyed by (group, version); a version "" stands for all versions of the group, a group "*" for all groups but the
    core one.
    """

    resources: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    failures: dict[tuple[str, str], str] = field(default_factory=dict)

    def serves(self, group: str, version: str, plural: str) -> bool:
        """Whether it is there to be listed. False means that none exist. Raises NoAnswer where discovery does not say."""
        if plural in self.resources.get((group, version), ()):
            return True
        for key in ((group, version), (group, ""), ("*" if group else "", "")):
            if key in self.failures:
                raise NoAnswer(self.failures[key])
        others = sorted(other for (name, other), plurals in self.resources.items() if name == group and plural in plurals)
        if others:
            raise NoAnswer(f"served only as {', '.join(others)}, and daytwo reads {version}")
        stale = sorted(other for name, other in self.failures if name == group)
        if stale:
            raise NoAnswer(self.failures[(group, stale[0])])
        return False


async def discover(connection: Connection, groups: Iterable[str]) -> Discovery:
    """What is served. Without aggregated discovery (before Kubernetes 1.26) only these groups are asked about."""
    found = Discovery()
    wanted = frozenset(groups)
    await asyncio.gather(_discover(connection, "/api", wanted, found), _discover(connection, "/apis", wanted, found))
    return found


async def _discover(connection: Connection, path: str, wanted: frozenset[str], found: Discovery) -> None:
    try:
        answer = await connection.get(path, decoded(DiscoveryAnswer), accept=AGGREGATED)
    except NoAnswer as failure:
        found.failures[("" if path == "/api" else "*", "")] = f"discovery ({path}): {failure.reason}"
        return
    if answer.kind == "APIGroupDiscoveryList":
        for group in answer.items or ():
            _add_group(group, found)
    elif answer.kind == "APIVersions":
        await asyncio.gather(*(_add_version(connection, "", version, found) for version in answer.versions or ()))
    elif answer.kind == "APIGroupList":
        versions = [(group.name, each.version) for group in answer.groups or () for each in group.versions or () if group.name in wanted]
        await asyncio.gather(*(_add_version(connection, group, version, found) for group, version in versions))
    else:
        found.failures[("" if path == "/api" else "*", "")] = f"discovery ({path}): the answer is a {answer.kind or 'thing without kind'}"


def _add_group(group: ServedGroup, found: Discovery) -> None:
    for version in group.versions or ():
        key = (group.metadata.name, version.version)
        if version.freshness == "Stale":
            found.failures[key] = f"discovery of {'/'.join(key)} is stale: its API service does not answer"
        else:
            found.resources[key] = frozenset(resource.resource for resource in version.resources or ())


async def _add_version(connection: Connection, group: str, version: str, found: Discovery) -> None:
    path = f"/apis/{group}/{version}" if group else f"/api/{version}"
    try:
        answer = await connection.get(path, decoded(PlainResourceList))
    except NoAnswer as failure:
        found.failures[(group, version)] = f"discovery of {group or 'core'}/{version}: {failure.reason}"
        return
    found.resources[(group, version)] = frozenset(resource.name for resource in answer.resources or () if "/" not in resource.name)
