"""One object as a request names it: which URL, and which uid stood there when it was read."""

from typing import Final

import msgspec

from daytwo.model.kinds import BY_NAME, kind_name
from daytwo.model.ref import Ref

_UNESCAPED: Final = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:@")


class ResourceType(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One kind in one version, as discovery tells it."""

    group: str
    version: str
    plural: str
    kind: str
    is_namespaced: bool = True

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def name(self) -> str:
        """The unique name of the kind, as in a `Ref`."""
        return kind_name(self.api_version, self.kind)

    @property
    def resource(self) -> str:
        """`deployments.apps`, `pods`: as RBAC and kubectl write it."""
        return f"{self.plural}.{self.group}" if self.group else self.plural


class Target(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One object of one kind; without a name, all of that kind in the namespace.

    `uid` is empty where it need not exist; `subresource` such as `scale`.
    """

    type: ResourceType
    namespace: str
    name: str
    uid: str = ""
    subresource: str = ""

    @property
    def ref(self) -> Ref:
        return Ref(self.type.name, self.namespace, self.name)

    @property
    def path(self) -> str:
        prefix = f"/apis/{self.type.group}/{self.type.version}" if self.type.group else f"/api/{self.type.version}"
        place = f"/namespaces/{_segment(self.namespace)}" if self.namespace else ""
        tail = f"/{self.subresource}" if self.subresource else ""
        name = f"/{_segment(self.name)}" if self.name else ""
        return f"{prefix}{place}/{self.type.plural}{name}{tail}"

    @property
    def main(self) -> "Target":
        """The object itself, without the subresource."""
        return msgspec.structs.replace(self, subresource="") if self.subresource else self

    def __str__(self) -> str:
        """`deployment shop/web`, `node node-a`; without a name `replicasets in shop`."""
        if not self.name:
            return f"{self.type.plural} in {self.namespace}" if self.namespace else self.type.plural
        word = self.type.kind.lower()
        return f"{word} {self.namespace}/{self.name}" if self.namespace else f"{word} {self.name}"


def built_in(kind: str, namespace: str, name: str, uid: str = "", subresource: str = "") -> Target:
    """A target of a kind that daytwo reads."""
    known = BY_NAME[kind]
    type = ResourceType(known.group, known.version, known.plural, kind, known.is_namespaced)
    return Target(type, namespace, name, uid, subresource)


def _segment(name: str) -> str:
    """A name as one segment of a URL's path (RFC 3986)."""
    return "".join(chr(byte) if byte in _UNESCAPED else f"%{byte:02X}" for byte in name.encode())
