"""How anything in a cluster is named."""

import msgspec


class Ref(msgspec.Struct, frozen=True, order=True, gc=False):
    """One object by name. `kind` is unique: kinds of groups that daytwo does not know carry their group, `Service.serving.knative.dev`.

    `namespace` is empty for cluster-scoped objects; `cluster` is empty within one snapshot.
    """

    kind: str
    namespace: str
    name: str
    cluster: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"

    @property
    def short(self) -> str:
        """`shop/web` for namespaced objects, `node ip-10-0-0-1` for others: how a row of a report names its subject."""
        return f"{self.namespace}/{self.name}" if self.namespace else f"{self.kind.partition('.')[0].lower()} {self.name}"


class Cell(msgspec.Struct, frozen=True, order=True, gc=False):
    """The unit of reading: one kind in one namespace; an empty namespace is the whole cluster."""

    kind: str
    namespace: str = ""

    def __str__(self) -> str:
        return f"{self.kind} in namespace {self.namespace}" if self.namespace else self.kind
