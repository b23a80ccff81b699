"""Who looks after what, told outside of the objects themselves: a catalogue of services, or a file that maps objects to teams."""

from collections.abc import Mapping
from typing import Final

import msgspec

from daytwo.model.ref import Ref
from daytwo.model.selector import Selector

KUBERNETES_ID: Final = "backstage.io/kubernetes-id"
"""The label by which Backstage finds the objects of an entity that has an annotation of the same name.

Source: https://backstage.io/docs/features/kubernetes/configuration#surfacing-your-kubernetes-components-as-part-of-an-entity
"""


class Entry(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One entity of a catalogue, or one entry of a mapping file: which objects, whose, and what is known about them.

    - `kubernetes_id`, `selector`, `kind`, `namespace`, `name`: which objects; what is empty is not asked for. One that asks for
      nothing is about nothing.
    - `owner`: a team by its bare name; `on_call`, `tier`, `runbook` are empty where nothing is said.
    - `place`: where it stands, `catalog-info.yaml:3:1`.
    """

    owner: str = ""
    kubernetes_id: str = ""
    selector: Selector | None = None
    kind: str = ""
    namespace: str = ""
    name: str = ""
    on_call: str = ""
    tier: str = ""
    runbook: str = ""
    place: str = ""
    is_of_catalog: bool = False

    def covers(self, ref: Ref, labels: Mapping[str, str], pod_labels: Mapping[str, str]) -> bool:
        """Whether it is about an object with these labels, or with pods of these."""
        if self.selector is None and not (self.kubernetes_id or self.kind or self.namespace or self.name):
            return False
        if self.namespace not in ("", ref.namespace) or self.kind not in ("", ref.kind) or self.name not in ("", ref.name):
            return False
        if self.kubernetes_id and self.kubernetes_id not in (labels.get(KUBERNETES_ID), pod_labels.get(KUBERNETES_ID)):
            return False
        return self.selector is None or self.selector.matches(labels) or self.selector.matches(pod_labels)

    @property
    def rank(self) -> int:
        """How closely it names its objects: what names one object outranks what names a namespace."""
        return 8 * bool(self.name) + 4 * bool(self.kubernetes_id or self.selector is not None) + 2 * bool(self.kind) + bool(self.namespace)


class Ownership(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """All that is told about owners. `teams` are the names that an owner may have; none: any will do.

    `files` are the files beside the objects, by the paths under which they were named; None where nobody looked.
    """

    entries: tuple[Entry, ...] = ()
    teams: tuple[str, ...] = ()
    files: tuple[str, ...] | None = None

    def joined(self, other: "Ownership") -> "Ownership":
        """What both say; the files are the other's where this one has not looked for any."""
        files = other.files if self.files is None else self.files
        return Ownership((*self.entries, *other.entries), tuple(dict.fromkeys((*self.teams, *other.teams))), files)

    @property
    def has_catalog(self) -> bool:
        return any(entry.is_of_catalog for entry in self.entries)


NOTHING: Final = Ownership()


def team_name(owner: str) -> str:
    """The bare name in an entity reference: `group:default/shop` is `shop`.

    Source: https://backstage.io/docs/features/software-catalog/references
    """
    return owner.strip().rpartition(":")[2].rpartition("/")[2]
