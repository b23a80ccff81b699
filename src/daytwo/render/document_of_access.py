"""The JSON document of who has access. The same promise as in `document.py`: fields are added, never renamed or dropped."""

from typing import Literal

import msgspec

WHO_CAN_SCHEMA: Literal["daytwo.who-can/v1"] = "daytwo.who-can/v1"


class SubjectDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    """A User, a Group or a ServiceAccount."""

    kind: str
    name: str
    namespace: str = ""


class ObjectDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    kind: str
    name: str
    namespace: str = ""


class AccessDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    """`namespace` is where it holds; absent is everywhere. `only_names` are the only objects it is for; absent is all."""

    subject: SubjectDocument
    binding: ObjectDocument
    role: ObjectDocument
    namespace: str = ""
    only_names: tuple[str, ...] = ()


class UnreadDocument(msgspec.Struct, frozen=True):
    wanted: str
    reason: str


class WhoCanDocument(msgspec.Struct, frozen=True, rename={"schema_": "schema"}):
    """`unread` is what could not be read: whoever has access by it is missing here."""

    schema_: Literal["daytwo.who-can/v1"]
    question: str
    access: tuple[AccessDocument, ...]
    unread: tuple[UnreadDocument, ...]
