"""How an API server tells what it serves: aggregated in one answer, or (before Kubernetes 1.26) in one for each group and version."""

from typing import Final

import msgspec

from daytwo.api_server.connection import JSON

AGGREGATED: Final = ",".join(
    [f"{JSON};g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList" for version in ("v2", "v2beta1")] + [JSON]
)


class GroupVersionKind(msgspec.Struct, gc=False):
    kind: str = ""


class Subresource(msgspec.Struct, gc=False):
    subresource: str = ""


class ServedResource(msgspec.Struct, gc=False, rename="camel"):
    resource: str = ""
    response_kind: GroupVersionKind = msgspec.field(default_factory=GroupVersionKind)
    scope: str = "Namespaced"
    singular_resource: str = ""
    short_names: tuple[str, ...] | None = None
    subresources: tuple[Subresource, ...] | None = None


class ServedVersion(msgspec.Struct, gc=False):
    version: str = ""
    freshness: str = "Current"
    resources: tuple[ServedResource, ...] | None = None


class GroupName(msgspec.Struct, gc=False):
    name: str = ""


class ServedGroup(msgspec.Struct, gc=False):
    metadata: GroupName = msgspec.field(default_factory=GroupName)
    versions: tuple[ServedVersion, ...] | None = None


class PlainVersion(msgspec.Struct, gc=False):
    version: str = ""


class PlainGroup(msgspec.Struct, gc=False):
    name: str = ""
    versions: tuple[PlainVersion, ...] | None = None


class DiscoveryAnswer(msgspec.Struct, gc=False):
    """All three answers: APIGroupDiscoveryList, APIGroupList of /apis, and APIVersions of /api."""

    kind: str = ""
    items: tuple[ServedGroup, ...] | None = None
    groups: tuple[PlainGroup, ...] | None = None
    versions: tuple[str, ...] | None = None


class PlainResource(msgspec.Struct, gc=False, rename="camel"):
    name: str = ""
    singular_name: str = ""
    namespaced: bool = True
    kind: str = ""
    short_names: tuple[str, ...] | None = None


class PlainResourceList(msgspec.Struct, gc=False):
    resources: tuple[PlainResource, ...] | None = None
