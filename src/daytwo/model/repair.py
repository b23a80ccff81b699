"""What would mend a finding in the file that it is about."""

import msgspec

from daytwo.model.json import Json, Object


class Edit(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Sets the field at `path` (see model/path.py; what it stands in is made where it is missing), or removes it."""

    path: str
    value: Json = None
    is_removal: bool = False


class Repair(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Edits of the subject's own document, and documents to add beside it (a whole object each).

    A check proposes one only where it cannot change what the program does: anything that needs a decision is `by_hand`.
    """

    edits: tuple[Edit, ...] = ()
    documents: tuple[Object, ...] = ()

    def __hash__(self) -> int:
        # Values are JSON, which has no hash.
        return hash(tuple(edit.path for edit in self.edits))


def setting(path: str, value: Json) -> Repair:
    """The repair of one field."""
    return Repair((Edit(path, value),))


def removing(path: str) -> Repair:
    return Repair((Edit(path, is_removal=True),))
