"""Who has access as a JSON document."""

from daytwo.model.access import WhoCan
from daytwo.model.ref import Ref
from daytwo.render.document_of_access import (
    WHO_CAN_SCHEMA,
    AccessDocument,
    ObjectDocument,
    SubjectDocument,
    UnreadDocument,
    WhoCanDocument,
)
from daytwo.render.json import encoded


def who_can(answer: WhoCan) -> str:
    return encoded(
        WhoCanDocument(
            schema_=WHO_CAN_SCHEMA,
            question=str(answer.question),
            access=tuple(
                AccessDocument(
                    SubjectDocument(access.subject.kind, access.subject.name, access.subject.namespace),
                    _object(access.binding),
                    _object(access.role),
                    access.namespace,
                    access.names,
                )
                for access in answer.accesses
            ),
            unread=tuple(UnreadDocument(gap.wanted, gap.reason) for gap in answer.gaps),
        )
    )


def _object(ref: Ref) -> ObjectDocument:
    return ObjectDocument(ref.kind, ref.name, ref.namespace)
