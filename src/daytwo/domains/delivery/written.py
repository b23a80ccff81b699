"""In which version of the API an object was written down by people, and how long that version is served."""

import re
from typing import Annotated, Final, NamedTuple

import msgspec

from daytwo.domains.delivery.api_lifecycle import NEWEST, Lifecycle, lifecycle
from daytwo.model.control_plane import CustomResourceDefinition
from daytwo.model.metadata import LAST_APPLIED, Resource
from daytwo.model.policy import PodDisruptionBudget
from daytwo.model.snapshot import Snapshot

_VERSION: Final = re.compile(r'"apiVersion":"([^"]+)"')


class Target(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`kubernetes`: the version that objects are to be applied to, such as `1.36`; empty is that of the cluster they were read from.

    For files that no cluster was read with, it is the newest version whose API is known.
    """

    kubernetes: Annotated[str, msgspec.Meta(pattern=r"\A(1\.\d{1,3})?\Z")] = ""

    def minor(self, snapshot: Snapshot) -> int:
        if self.kubernetes:
            return int(self.kubernetes.partition(".")[2])
        return snapshot.cluster.minor or NEWEST


class Written(NamedTuple):
    """The version an object is declared in, or was when `kubectl apply` was last called for it."""

    api_version: str
    is_declared: bool

    @property
    def subject(self) -> str:
        """How a message begins."""
        return f"is declared as {self.api_version}" if self.is_declared else f"was last applied as {self.api_version}"


def written(resource: Resource) -> Written | None:
    """None for an object that nobody wrote down, as far as can be seen."""
    origin = resource.origin
    if origin is not None and not origin.is_observed:
        return Written(origin.api_version, is_declared=True) if origin.api_version else None
    applied = resource.metadata.annotations.get(LAST_APPLIED)
    match = _VERSION.search(applied) if applied else None
    return Written(match[1], is_declared=False) if match is not None else None


def is_written(resource: Resource) -> bool:
    return written(resource) is not None


def bare_kind(resource: Resource) -> str:
    """As it stands in a manifest: kinds that daytwo does not know carry their group in their name."""
    return resource.ref.kind.partition(".")[0]


def lifecycle_of(resource: Resource, api_version: str) -> Lifecycle | None:
    return lifecycle(api_version, bare_kind(resource))


def served_versions(snapshot: Snapshot) -> dict[tuple[str, str], tuple[str, ...]]:
    """(group, kind) of each custom kind that was seen → the versions that its definition serves."""
    return {(found.group, found.kind): found.versions for found in snapshot.seen(CustomResourceDefinition)}


def is_empty_budget(resource: Resource) -> bool:
    """A budget with an empty selector: it selects nothing in policy/v1beta1 and every pod of its namespace in policy/v1."""
    return isinstance(resource, PodDisruptionBudget) and resource.spec.selector is not None and resource.spec.selector.is_empty
