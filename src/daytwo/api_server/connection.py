"""Asking one API server: again when that may help, never longer than patience lasts, and with a reason when there is no answer."""

import asyncio
import random
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from types import TracebackType
from typing import Final, TypeVar
from urllib.parse import urlsplit

import msgspec

from daytwo.api_server.configuration import Target, load_credentials
from daytwo.api_server.transport import Answer, Broken, Timeouts, Transport
from daytwo.model.errors import UsageError
from daytwo.model.masking import mask

T = TypeVar("T")

JSON: Final = "application/json"
# What may be over a moment later. 502 is a load balancer in front of an API server that restarts.
_PASSING: Final = frozenset({429, 500, 502, 503, 504})
_LONGEST_REASON: Final = 300
_LONGEST_SAID_BYTES: Final = 4096


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for what.

    Credentials may take `credentials_seconds` to come. One request may take `request_seconds`, `silence_seconds` of them without
    a byte. It is tried `tries` times, and not after `retry_seconds`; an API server that has answered nothing at all for so long is
    not asked any more.
    """

    credentials_seconds: float = 60.0
    connect_seconds: float = 10.0
    silence_seconds: float = 30.0
    request_seconds: float = 120.0
    retry_seconds: float = 60.0
    tries: int = 5
    first_pause_seconds: float = 0.25
    longest_pause_seconds: float = 8.0

    @property
    def timeouts(self) -> Timeouts:
        return Timeouts(self.connect_seconds, self.silence_seconds, self.request_seconds)

    def pause_seconds(self, attempt: int) -> float:
        """Twice as long after each try, and never at the same moment as everybody else."""
        longest = min(self.first_pause_seconds * 2 ** (attempt - 1), self.longest_pause_seconds)
        return random.uniform(longest / 2, longest)


class NoAnswer(Exception):
    """Why something could not be read. `status` is that of the last answer, 0 when there was none; `said` its body."""

    def __init__(self, reason: str, status: int = 0, said: bytes = b"") -> None:
        super().__init__(reason)
        self.reason, self.status, self.said = reason, status, said[:_LONGEST_SAID_BYTES]


class Unreadable(ValueError):
    """An answer that is not what was asked for: cut short, a login page, a table. Asking again may help."""


class _Status(msgspec.Struct):
    kind: str = ""
    message: str = ""


class _Version(msgspec.Struct, rename="camel"):
    git_version: str


class Connection:
    """One API server. Ask it within `async with`."""

    def __init__(self, target: Target, patience: Patience) -> None:
        self.target = target
        self.user = ""
        self.server_time: datetime | None = None
        self.server_authority = b""
        self._patience = patience
        self._silent_since: float | None = None
        self._renewing = asyncio.Lock()
        self._transport: Transport

    async def __aenter__(self) -> "Connection":
        self._transport = await self._open()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._transport.close()

    async def get(
        self,
        path: str,
        read: Callable[[Answer], T],
        query: Sequence[tuple[str, str]] = (),
        accept: str = JSON,
        also: Collection[int] = (),
    ) -> T:
        """What `read` makes of the answer; where that raises Unreadable it is asked again. Raises NoAnswer.

        `also` are statuses besides success whose body is an answer.
        """
        return await self._ask("GET", path, read, query, accept, None, also)

    async def review(self, path: str, body: Mapping[str, object], read: Callable[[Answer], T]) -> T:
        """The answer to one of the …Review kinds: a POST that stores nothing, and the only kind sent from here. Raises NoAnswer."""
        assert path.endswith("reviews")
        return await self._ask("POST", path, read, (), JSON, body, ())

    @property
    def transport(self) -> Transport:
        """The connections in use now; `renew` replaces them."""
        return self._transport

    async def first_contact(self) -> str:
        """The version of the API server. Raises UsageError when there is none, or none that accepts us."""
        # It is asked again even if it did not answer the last time somebody looked.
        self._silent_since = None
        try:
            return (await self.get("/version", decoded(_Version))).git_version
        except NoAnswer as failure:
            if failure.status == 403:
                return ""
            raise UsageError(self._unusable(failure)) from failure

    async def _ask(
        self,
        method: str,
        path: str,
        read: Callable[[Answer], T],
        query: Sequence[tuple[str, str]],
        accept: str,
        body: Mapping[str, object] | None,
        also: Collection[int],
    ) -> T:
        started = monotonic()
        attempt = 0
        is_renewed = False
        while True:
            if self._silent_since is not None and monotonic() - self._silent_since > self._patience.retry_seconds:
                raise NoAnswer(f"the API server has not answered for {self._patience.retry_seconds:g} s")
            attempt += 1
            transport = self._transport
            pause: float | None = None
            try:
                answer = await transport.request(method, path, query, accept, body, self._patience.timeouts)
            except Broken as broken:
                failure = NoAnswer(str(broken))
                if broken.is_final:
                    raise failure from broken
                self._silent_since = self._silent_since or monotonic()
            else:
                self._silent_since = None
                self.server_time = answer.date or self.server_time
                if 200 <= answer.status < 300 or answer.status in also:
                    try:
                        return read(answer)
                    except Unreadable as unreadable:
                        failure = NoAnswer(str(unreadable), answer.status, answer.body)
                elif answer.status == 401 and not is_renewed and await self.renew(transport):
                    is_renewed = True
                    continue
                else:
                    failure = self._refused(answer)
                    pause = answer.retry_after_seconds
                    if answer.status not in _PASSING:
                        raise failure
            if pause is None:
                pause = self._patience.pause_seconds(attempt)
            # Told to come back later one does, however often; otherwise a handful of tries is enough.
            is_last = attempt >= self._patience.tries and failure.status != 429
            if is_last or monotonic() - started + pause > self._patience.retry_seconds:
                raise _after(failure, attempt)
            await asyncio.sleep(pause)

    async def _open(self) -> Transport:
        credentials = await load_credentials(self.target, self._patience.credentials_seconds)
        self.server_authority = credentials.server_authority
        return await Transport.open(self.target, credentials)

    async def renew(self, used: Transport) -> bool:
        """Fetches the credentials anew; another request may just have done so."""
        async with self._renewing:
            if self._transport is not used:
                return True
            try:
                self._transport = await self._open()
            except UsageError:
                return False
            await used.close()
            return True

    def _refused(self, answer: Answer) -> NoAnswer:
        message = _shortened(_status(answer).message)
        if answer.status == 403:
            user = self.user or _user_in(message)
            reason = f"forbidden for user {user}" if user else "forbidden"
        elif answer.status == 404:
            reason = "not found"
        elif answer.status == 401:
            reason = "the credentials are not accepted (401)"
        elif answer.status == 429:
            reason = "the API server is too busy (429)"
        elif answer.status >= 500 or not message:
            said = message or _shortened(_text(answer.body))
            reason = f"the API server answers {answer.status}{f': {said}' if said else ''}"
        else:
            reason = message
        return NoAnswer(reason, answer.status, answer.body)

    def _unusable(self, failure: NoAnswer) -> str:
        target, proxy = self.target, self._transport.proxy
        through = f" through proxy {_without_password(proxy)}" if proxy else ""
        where = f'the API server of context "{target.name}", {target.server}{through}'
        if failure.status == 401:
            user = f' of user "{target.user}"' if target.user else ""
            source = f'exec plugin "{target.plugin.command}"' if target.plugin else target.origin
            return f"{where} does not accept the credentials{user} (401): they may have expired; log in again ({source})"
        if failure.status == 0:
            return f"cannot reach {where}: {failure.reason}"
        if failure.status in _PASSING:
            return f"cannot use {where}: {failure.reason}"
        return f'{target.server} (context "{target.name}") does not answer like a Kubernetes API server: {failure.reason}'


def decoded(type: type[T]) -> Callable[[Answer], T]:
    """Reads an answer as JSON of this shape."""
    decoder = msgspec.json.Decoder(type)

    def read(answer: Answer) -> T:
        try:
            return decoder.decode(answer.body)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise Unreadable(not_json(answer, error)) from None

    return read


def not_json(answer: Answer, error: Exception) -> str:
    """Why a body could not be read, told by what came instead."""
    content_type = answer.content_type.partition(";")[0].strip()
    if content_type and content_type != JSON:
        return f"the answer is {content_type} instead of JSON"
    if isinstance(error, msgspec.DecodeError) and not isinstance(error, msgspec.ValidationError):
        return f"the answer is not whole JSON: {error}"
    return f"the answer has another shape: {error}"


def _after(failure: NoAnswer, tries: int) -> NoAnswer:
    return NoAnswer(f"{failure.reason} ({tries} tries)" if tries > 1 else failure.reason, failure.status, failure.said)


def _status(answer: Answer) -> _Status:
    try:
        found = msgspec.json.decode(answer.body, type=_Status)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return _Status()
    return found if found.kind == "Status" else _Status()


def _user_in(message: str) -> str:
    """The user of `pods is forbidden: User "viewer" cannot list resource …`."""
    _, found, rest = message.partition('User "')
    return rest.partition('"')[0] if found else ""


def _shortened(message: str) -> str:
    line = mask(" ".join(message.split()))
    return line if len(line) <= _LONGEST_REASON else line[: _LONGEST_REASON - 1] + "…"


def _text(body: bytes) -> str:
    text = body[:_LONGEST_SAID_BYTES].decode(errors="replace").strip()
    return "" if text.startswith("<") else text


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
