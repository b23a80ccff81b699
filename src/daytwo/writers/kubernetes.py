"""Sends changes to one API server: each once, with the bytes it was given. What came of it is told, never guessed."""

from dataclasses import dataclass
from typing import Final

import msgspec

from daytwo.api_server.connection import Connection
from daytwo.api_server.transport import Broken, Timeouts
from daytwo.model.json import Object
from daytwo.model.request import Request, Response

# Told in a DeleteOptions body and in an Eviction; everything else says so in its query.
_DRY_RUN: Final = "dryRun"


@dataclass(frozen=True, slots=True)
class KubernetesWriter:
    """Writes as the user that the connection belongs to. `request_seconds` bounds one request."""

    connection: Connection
    request_seconds: float = 10.0

    async def send(self, request: Request) -> Response:
        """The answer to this change. Never raises for what the API server or the network does."""
        if request.method == "DELETE" and request.query:
            # The API server ignores the query of a DELETE that has a body; nobody shall believe otherwise.
            raise ValueError(f"a DELETE has its options in the body: {request.query}")
        timeouts = Timeouts(min(self.request_seconds, 10.0), self.request_seconds, self.request_seconds)
        is_renewed = False
        while True:
            transport = self.connection.transport
            try:
                answer = await transport.deliver(request, timeouts)
            except Broken as broken:
                return Response(0, reason=str(broken), is_unsent=broken.is_unsent)
            if answer.status == 401 and not is_renewed and await self.connection.renew(transport):
                # Who is not let in has changed nothing.
                is_renewed = True
                continue
            return Response(answer.status, answer.body, answer.warnings, retry_after_seconds=answer.retry_after_seconds)

    async def rehearse(self, request: Request) -> Response:
        """The same request as a server-side dry run: every check and every webhook, and nothing is stored."""
        return await self.send(dry(request))


def dry(request: Request) -> Request:
    """The request as a dry run: said where the API server looks for it."""
    if request.method == "DELETE":
        options: Object = msgspec.json.decode(request.body) if request.body else {}
        return _with_body(request, options | {_DRY_RUN: ["All"]})
    if request.path.endswith("/eviction"):
        eviction: Object = msgspec.json.decode(request.body)
        options = eviction.get("deleteOptions") or {}  # type: ignore[assignment]  # an Eviction of our own making
        return _with_body(request, eviction | {"deleteOptions": options | {_DRY_RUN: ["All"]}})
    return msgspec.structs.replace(request, query=(*request.query, (_DRY_RUN, "All")))


def _with_body(request: Request, body: Object) -> Request:
    return msgspec.structs.replace(request, body=msgspec.json.encode(body).decode())
