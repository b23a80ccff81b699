"""Asking one API server: with its credentials, again when that may help, and never longer than patience lasts."""

import asyncio
import random
import ssl
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from time import monotonic
from types import TracebackType
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import msgspec

from daytwo import __version__
from daytwo.model.errors import UsageError
from daytwo.model.masking import mask
from daytwo.sources.kubernetes.configuration import IN_CLUSTER, Credentials, Target, load_credentials

T = TypeVar("T")

JSON: Final = "application/json"
# What may be over a moment later. 502 is a load balancer in front of an API server that restarts.
_PASSING: Final = frozenset({429, 500, 502, 503, 504})
_LONGEST_REASON: Final = 300


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

    def pause_seconds(self, attempt: int) -> float:
        """Twice as long after each try, and never at the same moment as everybody else."""
        longest = min(self.first_pause_seconds * 2 ** (attempt - 1), self.longest_pause_seconds)
        return random.uniform(longest / 2, longest)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the API server said."""

    status: int
    content_type: str
    body: bytes
    retry_after_seconds: float | None = None


class NoAnswer(Exception):
    """Why something could not be read. `status` is that of the last answer, 0 when there was none; `said` its body."""

    def __init__(self, reason: str, status: int = 0, said: bytes = b"") -> None:
        super().__init__(reason)
        self.reason, self.status, self.said = reason, status, said


class Unreadable(ValueError):
    """An answer that is not what was asked for: cut short, a login page, a table. Asking again may help."""


class _Status(msgspec.Struct):
    kind: str = ""
    reason: str = ""
    message: str = ""


class _Version(msgspec.Struct, rename="camel"):
    git_version: str


class Connection:
    """One API server. Ask it within `async with`, which also makes the first contact."""

    def __init__(self, target: Target, credentials: Credentials, patience: Patience) -> None:
        self.target = target
        self.patience = patience
        self.user = ""
        self.server_time: datetime | None = None
        self._credentials = credentials
        self._client: Any = None
        self._silent_since: float | None = None
        self._renewing = asyncio.Lock()

    async def __aenter__(self) -> "Connection":
        self._client = self._make_client()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._client.close()

    @property
    def server_authority(self) -> bytes:
        """The certificate authority of the API server as PEM; empty when the system's are trusted."""
        return self._credentials.server_authority

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
        """The answer to one of the …Review kinds: a POST that stores nothing, and the only kind sent from here."""
        assert path.endswith("reviews")
        return await self._ask("POST", path, read, (), JSON, body, ())

    async def first_contact(self) -> str:
        """The version of the API server. Raises UsageError when there is none, or none that accepts us."""
        try:
            found = await self.get("/version", decoded(_Version))
        except NoAnswer as failure:
            if failure.status == 403:
                return ""
            raise UsageError(self._unusable(failure)) from failure
        return found.git_version

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
            if self._silent_since is not None and monotonic() - self._silent_since > self.patience.retry_seconds:
                raise NoAnswer(f"the API server has not answered for {self.patience.retry_seconds:g} s")
            attempt += 1
            client = self._client
            pause: float | None = None
            try:
                answer = await self._once(client, method, path, query, accept, body)
            except _transport_errors() as error:
                failure = NoAnswer(_in_plain_words(error, self.patience))
                if isinstance(error, ssl.SSLCertVerificationError):
                    raise failure from error
                self._silent_since = self._silent_since or monotonic()
            else:
                self._silent_since = None
                if 200 <= answer.status < 300 or answer.status in also:
                    try:
                        return read(answer)
                    except Unreadable as unreadable:
                        failure = NoAnswer(str(unreadable), answer.status, answer.body[:4096])
                elif answer.status == 401 and not is_renewed and await self._renew(client):
                    is_renewed = True
                    continue
                else:
                    failure = self._refused(answer)
                    pause = answer.retry_after_seconds
                    if answer.status not in _PASSING:
                        raise failure
            if pause is None:
                pause = self.patience.pause_seconds(attempt)
            # Told to come back later one does, however often; otherwise a handful of tries is enough.
            is_last = attempt >= self.patience.tries and failure.status != 429
            if is_last or monotonic() - started + pause > self.patience.retry_seconds:
                raise _after(failure, attempt)
            await asyncio.sleep(pause)

    async def _once(
        self, client: Any, method: str, path: str, query: Sequence[tuple[str, str]], accept: str, body: Mapping[str, object] | None
    ) -> Answer:
        import aiohttp

        headers = {"Accept": accept}
        if self.target.name == IN_CLUSTER:
            # Within the cluster the network is fast, and packing costs the API server more than it saves.
            headers["Accept-Encoding"] = "identity"
        timeout = aiohttp.ClientTimeout(
            total=self.patience.request_seconds,
            sock_connect=self.patience.connect_seconds,
            sock_read=self.patience.silence_seconds,
        )
        async with await client.call_api(
            path,
            method,
            query_params=list(query),
            header_params=headers,
            body=body,
            auth_settings=["BearerToken"],
            _preload_content=False,
            _request_timeout=timeout,
        ) as response:
            content = await response.read()
            date = _date(response.headers.get("Date"))
            if date is not None:
                self.server_time = date
            return Answer(
                status=response.status,
                content_type=response.headers.get("Content-Type", ""),
                body=content,
                retry_after_seconds=_seconds(response.headers.get("Retry-After")),
            )

    async def _renew(self, used: Any) -> bool:
        """Fetches credentials anew when there is a way to; another request may just have done so."""
        async with self._renewing:
            if self._client is not used:
                return True
            try:
                self._credentials = await load_credentials(self.target, self.patience.credentials_seconds)
                renewed = self._make_client()
            except UsageError:
                return False
            self._client = renewed
            await used.close()
            return True

    def _make_client(self) -> Any:
        """The library's client, without its trust in ~/.netrc (whose entries forbid the Authorization header)."""
        import aiohttp
        from kubernetes_asyncio.client import ApiClient

        configuration = self._credentials.configuration
        if not configuration.proxy:
            configuration.proxy = _environment_proxy(self.target.server)
        try:
            client = ApiClient(configuration=configuration)
        except (ssl.SSLError, OSError, ValueError) as error:
            raise UsageError(f'{self.target.origin}: context "{self.target.name}" holds an unusable certificate or key: {error}') from error
        client.user_agent = f"daytwo/{__version__}"
        session = client.rest_client.pool_manager
        connector = session.connector
        session.detach()
        client.rest_client.pool_manager = aiohttp.ClientSession(
            connector=connector, headers=self.target.headers, trust_env=False, read_bufsize=2**21
        )
        return client

    def _refused(self, answer: Answer) -> NoAnswer:
        status = _status(answer)
        message = _shortened(status.message)
        if answer.status == 403:
            user = self.user or _user_in(status.message)
            reason = f"forbidden for user {user}" if user else "forbidden"
        elif answer.status == 404:
            reason = "not found"
        elif answer.status == 401:
            reason = "the credentials are not accepted (401)"
        elif answer.status == 429:
            reason = "the API server is too busy (429)"
        elif answer.status >= 500 or not message:
            said = f": {message or _shortened(_text(answer.body))}" if answer.body else ""
            reason = f"the API server answers {answer.status}{said}"
        else:
            reason = message
        return NoAnswer(reason, answer.status, answer.body[:4096])

    def _unusable(self, failure: NoAnswer) -> str:
        context, server = f'context "{self.target.name}"', self.target.server
        proxy = self._credentials.configuration.proxy
        through = f" through proxy {_without_password(proxy)}" if proxy else ""
        where = f"the API server of {context}, {server}{through}"
        if failure.status == 401:
            command = f'exec plugin "{self.target.plugin.command}"' if self.target.plugin else self.target.origin
            user = f' of user "{self.target.user}"' if self.target.user else ""
            return f"{where} does not accept the credentials{user} (401): they may have expired; log in again ({command})"
        if failure.status == 0:
            return f"cannot reach {where}: {failure.reason}"
        return f"{server} ({context}) does not answer like a Kubernetes API server: {failure.reason}"


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


def _transport_errors() -> tuple[type[Exception], ...]:
    import aiohttp

    return (aiohttp.ClientError, asyncio.TimeoutError, OSError)


def _in_plain_words(error: Exception, patience: Patience) -> str:
    import aiohttp

    if isinstance(error, ssl.SSLCertVerificationError | aiohttp.ClientConnectorCertificateError):
        certificate_error = getattr(error, "certificate_error", error)
        why = getattr(certificate_error, "verify_message", "") or str(certificate_error)
        if "match" in why:
            return f"its certificate is for another name ({why}); set tls-server-name or the right server"
        if "expired" in why:
            return f"its certificate has expired ({why})"
        return f"its certificate is not trusted ({why}); correct certificate-authority-data"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return f"the name {error.host} cannot be resolved"
    if isinstance(error, aiohttp.ClientProxyConnectionError | aiohttp.ClientHttpProxyError):
        return f"the proxy does not let us through: {error}"
    if isinstance(error, aiohttp.ClientConnectorSSLError | ssl.SSLError):
        return f"it does not speak TLS as asked: {error}"
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return f"no connection within {patience.connect_seconds:g} s"
    if isinstance(error, asyncio.TimeoutError):
        return f"no answer within {patience.silence_seconds:g} s"
    if isinstance(error, aiohttp.ClientConnectorError):
        return (error.os_error.strerror or str(error.os_error)).lower()
    if isinstance(error, ConnectionResetError | aiohttp.ServerDisconnectedError):
        return "the connection was closed before an answer"
    if isinstance(error, aiohttp.ClientPayloadError):
        return "the answer ended before its end"
    return f"no answer: {error or type(error).__name__}"


def _status(answer: Answer) -> _Status:
    try:
        found = msgspec.json.decode(answer.body, type=_Status)
    except (msgspec.DecodeError, RecursionError):
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
    text = body[:2048].decode(errors="replace").strip()
    return "" if text.startswith("<") else text


def _date(header: str | None) -> datetime | None:
    if header is None:
        return None
    try:
        found = parsedate_to_datetime(header)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _seconds(header: str | None) -> float | None:
    """Retry-After, which is a number of seconds or a date."""
    if header is None:
        return None
    if header.strip().isdigit():
        return float(header)
    at = _date(header)
    return max((at - datetime.now(UTC)).total_seconds(), 0.0) if at is not None else None


def _environment_proxy(server: str) -> str | None:
    """The proxy of HTTPS_PROXY or HTTP_PROXY; as with kubectl, never for the machine itself or what NO_PROXY lists."""
    parts = urlsplit(server)
    host = parts.hostname or ""
    proxies: dict[str, str] = getproxies()
    address = _address(host)
    if host == "localhost" or (address is not None and (address.is_loopback or _is_listed(address, proxies.get("no", "")))):
        return None
    return None if proxy_bypass(host) else proxies.get(parts.scheme)


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _is_listed(address: IPv4Address | IPv6Address, no_proxy: str) -> bool:
    """Whether NO_PROXY names a network that holds this address."""
    for entry in no_proxy.split(","):
        try:
            if address in ip_network(entry.strip(), strict=False):
                return True
        except ValueError:
            continue
    return False


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
