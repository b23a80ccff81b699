"""One list of one kind: in pages, from the start again when the API server forgot where we were."""

from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from daytwo.api_server.connection import Connection, NoAnswer, Unreadable, not_json
from daytwo.api_server.transport import Answer
from daytwo.model.metadata import Resource
from daytwo.sources.kubernetes.decode import Malformed

PAGE: Final = 500
# Kinds whose objects may weigh a megabyte each begin with small pages.
_HEAVY: Final = frozenset({"configmaps", "secrets", "customresourcedefinitions"})
_FIRST_HEAVY_PAGE: Final = 50
_PAGE_BYTES: Final = 16 * 1024 * 1024
_RELISTS: Final = 3
_NOT_LISTS: Final = frozenset({"Status", "Table", "PartialObjectMetadataList"})

Decode = Callable[[msgspec.Raw], Resource]


class _ListMetadata(msgspec.Struct, gc=False):
    next: str | None = msgspec.field(default=None, name="continue")


class _List(msgspec.Struct, gc=False):
    kind: str = ""
    metadata: _ListMetadata | None = None
    items: list[msgspec.Raw] | msgspec.UnsetType | None = msgspec.UNSET


class Listed:
    """The objects of one list so far, and what of it could not be decoded."""

    __slots__ = ("malformed", "objects")

    def __init__(self) -> None:
        self.objects: list[Resource] = []
        self.malformed: list[Malformed] = []


async def list_all(connection: Connection, path: str, decode: Decode, on_page: Callable[[int], None]) -> Listed:
    """Every object of a list as of one moment. Raises NoAnswer when any page is missing: half a list is not an answer."""
    for _ in range(_RELISTS):
        listed = Listed()
        try:
            await _read_pages(connection, path, decode, listed, on_page)
        except NoAnswer as failure:
            on_page(-len(listed.objects))
            # The error offers a token to go on with, but its pages would be of another moment than those read so far.
            if failure.status != 410:
                raise
            continue
        return listed
    raise NoAnswer(f"the list expired while it was read ({_RELISTS} tries)", 410)


async def _read_pages(connection: Connection, path: str, decode: Decode, listed: Listed, on_page: Callable[[int], None]) -> None:
    limit = _FIRST_HEAVY_PAGE if path.rpartition("/")[2] in _HEAVY else PAGE
    token = ""
    while True:
        # No resourceVersion: with resourceVersion=0 the API server ignores the limit and sends the whole list.
        query = [("limit", str(limit)), *([("continue", token)] if token else [])]
        items, following, size_bytes = await connection.get(path, _page, query)
        before = len(listed.objects)
        _decode_items(items, decode, listed)
        on_page(len(listed.objects) - before)
        if not following:
            return
        if following == token:
            raise NoAnswer("the same page comes again and again")
        token = following
        if items:
            limit = max(1, min(PAGE, _PAGE_BYTES * len(items) // max(size_bytes, 1)))


def _decode_items(items: Iterable[msgspec.Raw], decode: Decode, listed: Listed) -> None:
    for raw in items:
        try:
            listed.objects.append(decode(raw))
        except Malformed as malformed:
            listed.malformed.append(malformed)


def _page(answer: Answer) -> tuple[list[msgspec.Raw], str, int]:
    """The items of one page, the token of the next, and how many bytes it took."""
    try:
        found = msgspec.json.decode(answer.body, type=_List)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Unreadable(not_json(answer, error)) from None
    if found.kind in _NOT_LISTS or isinstance(found.items, msgspec.UnsetType):
        raise Unreadable(f"the answer is a {found.kind or 'thing without kind'} instead of a list")
    # Go writes a list of nothing as null.
    return found.items or [], (found.metadata.next if found.metadata else None) or "", len(answer.body)
