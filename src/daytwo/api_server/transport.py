"""One request over the wire: TLS, proxies, credentials and timeouts, on the library's client. No second try is made here."""

import asyncio
import os
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from errno import ECONNABORTED, ECONNRESET, EPIPE
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, Final
from urllib.parse import urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass
from weakref import WeakSet

from daytwo import __version__
from daytwo.api_server.configuration import IN_CLUSTER, Credentials, Target
from daytwo.model.errors import UsageError
from daytwo.model.request import Request

_CONNECTIONS: Final = 32
_READ_BUFFER_BYTES: Final = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Timeouts:
    """For one request: until there is a connection, between two pieces of the answer, and for all of it."""

    connect_seconds: float
    silence_seconds: float
    request_seconds: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What the API server said, and when by its own clock."""

    status: int
    content_type: str
    body: bytes
    date: datetime | None = None
    retry_after_seconds: float | None = None
    warnings: tuple[str, ...] = ()


class Broken(Exception):
    """There was no answer; the message says why in plain words. `is_final` when another try would end the same way.

    `is_unsent` when certainly nothing of the request left: a change cannot have been made.
    """

    def __init__(self, reason: str, is_final: bool = False, is_unsent: bool = False) -> None:
        super().__init__(reason)
        self.is_final = is_final
        self.is_unsent = is_unsent


class Transport:
    """The connections to one API server with one set of credentials. Open it, and close it."""

    def __init__(self, target: Target, client: Any, live: "WeakSet[asyncio.BaseTransport]", proxy: str) -> None:
        self.proxy = proxy
        self._target = target
        self._client = client
        self._live = live

    @classmethod
    async def open(cls, target: Target, credentials: Credentials) -> "Transport":
        """Raises UsageError when a certificate or key cannot be used."""
        import aiohttp
        from kubernetes_asyncio.client import ApiClient

        configuration = credentials.configuration
        proxy = configuration.proxy or environment_proxy(target.server) or ""
        configuration.proxy = proxy or None
        try:
            client = ApiClient(configuration=configuration)
            context = _tls(configuration)
        except (OSError, ValueError) as error:
            raise UsageError(f'{target.origin}: context "{target.name}" holds an unusable certificate or key: {error}') from error
        client.user_agent = f"daytwo/{__version__}"
        await client.rest_client.close()
        live: WeakSet[asyncio.BaseTransport] = WeakSet()
        # Our own session: the library's trusts ~/.netrc, whose entries rule out the Authorization header.
        client.rest_client.pool_manager = aiohttp.ClientSession(
            connector=_connector(context, live), headers=target.headers, trust_env=False, read_bufsize=_READ_BUFFER_BYTES
        )
        return cls(target, client, live, proxy)

    async def close(self) -> None:
        await self._client.close()
        for transport in self._live:
            if isinstance(transport, asyncio.WriteTransport):
                transport.abort()
        # An aborted transport is gone after the next turn of the loop.
        await asyncio.sleep(0)

    async def request(
        self,
        method: str,
        path: str,
        query: Sequence[tuple[str, str]],
        accept: str,
        body: Mapping[str, object] | None,
        timeouts: Timeouts,
    ) -> Answer:
        """Raises Broken when no whole answer came."""
        import aiohttp

        headers = {"Accept": accept}
        if self._target.name == IN_CLUSTER:
            # Within the cluster the network is fast, and packing costs the API server more than it saves.
            headers["Accept-Encoding"] = "identity"
        timeout = aiohttp.ClientTimeout(
            total=timeouts.request_seconds, sock_connect=timeouts.connect_seconds, sock_read=timeouts.silence_seconds
        )
        try:
            async with await self._client.call_api(
                path,
                method,
                query_params=list(query),
                header_params=headers,
                body=body,
                auth_settings=["BearerToken"],
                _preload_content=False,
                _request_timeout=timeout,
            ) as response:
                return await _answer(response)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _broken(error, timeouts) from error
        except ValueError as error:
            # What aiohttp refuses to send: a token with a line break, a proxy of a kind it does not know.
            raise Broken(f"the request cannot be sent: {error}", is_final=True, is_unsent=True) from error

    async def deliver(self, request: Request, timeouts: Timeouts) -> Answer:
        """Sends a change: these bytes and no others, once. Only writers call this. Raises Broken when no whole answer came.

        The library's own way would write the body anew.
        """
        import aiohttp
        from yarl import URL

        headers = {"Accept": "application/json", "Content-Type": request.content_type}
        timeout = aiohttp.ClientTimeout(
            total=timeouts.request_seconds, sock_connect=timeouts.connect_seconds, sock_read=timeouts.silence_seconds
        )
        query = f"?{urlencode(request.query)}" if request.query else ""
        rest = self._client.rest_client
        extra: dict[str, Any] = {"proxy": rest.proxy} if rest.proxy else {}
        if rest.server_hostname:
            extra["server_hostname"] = rest.server_hostname
        try:
            headers |= self._client.default_headers
            await self._client.update_params_for_auth(headers, [], ["BearerToken"])
            url = URL(f"{self._client.configuration.host}{request.path}{query}", encoded=True)
            async with rest.pool_manager.request(
                request.method, url, data=request.body.encode(), headers=headers, timeout=timeout, **extra
            ) as response:
                return await _answer(response)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _broken(error, timeouts) from error
        except ValueError as error:
            raise Broken(f"the request cannot be sent: {error}", is_final=True, is_unsent=True) from error


async def _answer(response: Any) -> Answer:
    return Answer(
        status=response.status,
        content_type=response.headers.get("Content-Type", ""),
        body=await response.read(),
        date=_date(response.headers.get("Date")),
        retry_after_seconds=_seconds(response.headers.get("Retry-After")),
        warnings=tuple(_warning(header) for header in response.headers.getall("Warning", ())),
    )


def _tls(configuration: Any) -> ssl.SSLContext:
    """As the library makes it from the same configuration."""
    context = ssl.create_default_context(cafile=configuration.ssl_ca_cert)
    if configuration.cert_file:
        context.load_cert_chain(configuration.cert_file, keyfile=configuration.key_file)
    if not configuration.verify_ssl:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if configuration.ssl_ca_cert:
        # Authorities of old clusters lack the extensions that Python 3.13 began to insist on.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def _connector(context: ssl.SSLContext, live: "WeakSet[asyncio.BaseTransport]") -> Any:
    """Connections that can be ended at once: TLS waits half a minute for the goodbye of a peer that hangs."""
    import aiohttp

    class Connector(aiohttp.TCPConnector):
        async def _wrap_create_connection(self, *arguments: Any, **options: Any) -> Any:
            transport, protocol = await super()._wrap_create_connection(*arguments, **options)
            live.add(transport)
            return transport, protocol

    return Connector(limit=_CONNECTIONS, ssl=context)


def _broken(error: Exception, timeouts: Timeouts) -> Broken:
    import aiohttp

    if isinstance(error, ssl.SSLCertVerificationError):
        return Broken(_distrust(getattr(error, "certificate_error", error)), is_final=True, is_unsent=True)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return Broken(f"the name {error.host} cannot be resolved", is_unsent=True)
    if isinstance(error, aiohttp.ClientProxyConnectionError | aiohttp.ClientHttpProxyError):
        return Broken(f"the proxy does not let us through: {error}", is_unsent=True)
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return Broken(f"no connection within {timeouts.connect_seconds:g} s", is_unsent=True)
    if isinstance(error, TimeoutError):
        return Broken(f"no answer within {timeouts.silence_seconds:g} s")
    cause = getattr(error, "os_error", error)
    is_cut = isinstance(error, aiohttp.ServerDisconnectedError | aiohttp.ClientPayloadError) or isinstance(cause, ssl.SSLEOFError)
    if is_cut or (isinstance(cause, OSError) and cause.errno in (ECONNRESET, ECONNABORTED, EPIPE)):
        return Broken("the connection broke off")
    if isinstance(error, ssl.SSLError):
        return Broken(f"it does not speak TLS as asked: {error}")
    if isinstance(error, aiohttp.ClientConnectorError):
        # asyncio words these errors itself, with the address once more.
        return Broken(os.strerror(error.os_error.errno).lower() if error.os_error.errno else str(error.os_error), is_unsent=True)
    return Broken(f"no answer: {error or type(error).__name__}")


def _distrust(error: Exception) -> str:
    why = getattr(error, "verify_message", "") or str(error)
    if "match" in why:
        return f"its certificate is for another name ({why}); correct clusters[].cluster.server, or set tls-server-name"
    if "expired" in why:
        return "its certificate has expired"
    return f"its certificate is not trusted ({why}); correct clusters[].cluster.certificate-authority-data"


def _warning(header: str) -> str:
    """The text of `299 - "unknown field \\"spec.replicaz\\""`."""
    _, quote, text = header.partition('"')
    return text.rstrip().removesuffix('"').replace('\\"', '"') if quote else header


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
    if header.strip().isdecimal():
        return float(header)
    at = _date(header)
    return max((at - datetime.now(UTC)).total_seconds(), 0.0) if at is not None else None


def environment_proxy(server: str) -> str | None:
    """The proxy of HTTPS_PROXY or HTTP_PROXY; as with kubectl, never for the machine itself or what NO_PROXY lists."""
    parts = urlsplit(server)
    host = parts.hostname or ""
    proxies: dict[str, str] = getproxies()
    address = _address(host)
    if host == "localhost" or (address is not None and (address.is_loopback or _is_listed(address, proxies.get("no", "")))):
        return None
    proxy = None if proxy_bypass(host) else proxies.get(parts.scheme)
    return f"http://{proxy}" if proxy and "://" not in proxy else proxy


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
