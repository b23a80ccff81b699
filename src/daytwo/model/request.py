"""One mutating HTTP request, exactly as it goes over the wire: these bytes are what an intent records."""

import msgspec


class Request(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """`query` is in the order sent. A DELETE carries its options in the body alone: a body makes the API server ignore the query."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    content_type: str = "application/json"
    body: str = ""


class Response(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What came back. `status` 0 means that nothing did; `reason` says why.

    Without an answer the request may yet be carried out, unless `is_unsent`: then nothing of it ever left.
    """

    status: int
    body: bytes = b""
    warnings: tuple[str, ...] = ()
    reason: str = ""
    is_unsent: bool = False
    retry_after_seconds: float | None = None

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300
