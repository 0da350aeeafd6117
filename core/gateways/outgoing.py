"""The only client that calls addresses which partners gave: guarded, and patient for 15 s at most.

Built on httpcore itself: there are no redirects to follow, no proxy variables to obey, no cookies
to keep and no encodings to unpack, because nothing here knows of them. Certificates are judged by
the bundled list of authorities, whatever the environment names (`SSL_CERT_FILE`).
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Collection, Mapping
from time import perf_counter

import httpcore
import httpx

from core.errors import (
    AnswerBroken,
    ConnectionFailed,
    NameNotFound,
    OutgoingError,
    OutgoingTimeout,
    TargetRefused,
    TlsFailed,
)
from core.gateways.guarded_network import GuardedNetwork, Resolve, resolve
from core.operations.way_out import OPEN, WayOut, Whom
from core.ports import OutgoingAnswer, TargetCheck
from core.settings import Settings
from core.target_urls import TargetError, TargetUrl, read_target

MOST_BYTES = 64 * 1024
_CONNECTIONS = 4
_KEPT_SECONDS = 30.0
# What is worth keeping of an answer's headers, and how much of each.
_HEADERS = frozenset(
    ("content-type", "content-length", "date", "location", "retry-after", "server")
)
_HEADER_LENGTH = 200


class GuardedOutgoing:
    """`core.ports.Outgoing`; `resolve`, `dial` and `certificates` are for tests."""

    def __init__(
        self,
        settings: Settings,
        way_out: WayOut = OPEN,
        *,
        resolve: Resolve = resolve,
        dial: httpcore.AsyncNetworkBackend | None = None,
        certificates: ssl.SSLContext | None = None,
    ) -> None:
        self.way_out = way_out
        # Its lines hold whole addresses, and those may hold a partner's secrets.
        logging.getLogger("httpcore").setLevel(logging.WARNING)
        self._ports: Collection[int] = frozenset(settings.outgoing_ports)
        self._local_names = settings.local_names
        self._resolve = resolve
        self._network = GuardedNetwork(local_names=settings.local_names, resolve=resolve, dial=dial)
        self._certificates = certificates or httpx.create_ssl_context(trust_env=False)
        self._connect = settings.outgoing_connect.total_seconds()
        self._total = settings.outgoing_total.total_seconds()

    def check(self, url: str) -> TargetCheck:
        """Looks the name up at once, for as long as a connection may take."""
        target = self._read(url)
        try:
            asyncio.run(self._network.look(target.host, target.port, self._connect))
        except NameNotFound:
            return TargetCheck(is_local=target.is_local, is_found=False)
        return TargetCheck(is_local=target.is_local, is_found=True)

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> OutgoingAnswer:
        """One call on a line of its own; never from an event loop."""
        return asyncio.run(self._once("POST", url, headers, body))

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> OutgoingAnswer:
        return asyncio.run(self._once("GET", url, headers or {}, b""))

    def line(self) -> GuardedLine:
        return GuardedLine(self)

    async def _once(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> OutgoingAnswer:
        line = self.line()
        try:
            return await line.call(method, url, headers, body)
        finally:
            await line.close()

    def pool(self) -> httpcore.AsyncConnectionPool:
        """Connections of one line."""
        return httpcore.AsyncConnectionPool(
            ssl_context=self._certificates,
            max_connections=_CONNECTIONS,
            max_keepalive_connections=_CONNECTIONS,
            keepalive_expiry=_KEPT_SECONDS,
            network_backend=self._network,
        )

    def request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> httpcore.Request:
        """The request, as it goes out; raises TargetRefused."""
        target = self._read(url)
        shown = f"[{target.host}]" if ":" in target.host else target.host
        own = {"Host": _host(target, shown), "Accept-Encoding": "identity"}
        if method != "GET":
            own["Content-Length"] = str(len(body))
        return httpcore.Request(
            method,
            httpcore.URL(
                scheme=target.scheme.encode(),
                host=target.host.encode(),
                port=target.port,
                target=target.target.encode(),
            ),
            headers=[*own.items(), *headers.items()],
            content=body,
            extensions={"timeout": {"connect": self._connect, "pool": self._total}},
        )

    @property
    def total(self) -> float:
        """Within which the whole answer must have come; in *seconds*."""
        return self._total

    def _read(self, url: str) -> TargetUrl:
        try:
            return read_target(url, ports=self._ports, local_names=self._local_names)
        except TargetError as error:
            raise TargetRefused(why=error.fault.value) from error


class GuardedLine:
    """`core.ports.OutgoingLine`."""

    def __init__(self, owner: GuardedOutgoing) -> None:
        self._owner = owner
        self._pool = owner.pool()

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> OutgoingAnswer:
        return await self.call("POST", url, headers, body)

    async def call(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> OutgoingAnswer:
        """The whole answer within the total time; raises OutgoingError."""
        request = self._owner.request(method, url, headers, body)
        async with self._owner.way_out.calling_soon(Whom.WEBHOOK) as call:
            answer = await self._sent(request)
            call.ended(well=answer.is_receipt)
        return answer

    async def _sent(self, request: httpcore.Request) -> OutgoingAnswer:
        began = perf_counter()
        try:
            async with asyncio.timeout(self._owner.total):
                return await _answer(self._pool, request, began)
        except (TimeoutError, httpcore.TimeoutException) as error:
            raise OutgoingTimeout(seconds=perf_counter() - began) from error
        except httpcore.ConnectError as error:
            raise _failed_to_connect(error) from error
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise AnswerBroken from error

    async def close(self) -> None:
        await self._pool.aclose()


async def _answer(
    pool: httpcore.AsyncConnectionPool, request: httpcore.Request, began: float
) -> OutgoingAnswer:
    answer = await pool.handle_async_request(request)
    body = bytearray()
    try:
        async for piece in answer.aiter_stream():
            body += piece
            if len(body) >= MOST_BYTES:
                break  # closing it now cuts the connection: the rest never comes
    finally:
        await answer.aclose()
    told = {name.decode("latin-1").lower(): value for name, value in answer.headers}
    return OutgoingAnswer(
        status=answer.status,
        headers={
            name: value.decode("latin-1")[:_HEADER_LENGTH]
            for name, value in told.items()
            if name in _HEADERS
        },
        body=bytes(body[:MOST_BYTES]),
        seconds=perf_counter() - began,
    )


def _failed_to_connect(error: httpcore.ConnectError) -> OutgoingError:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return TlsFailed(str(getattr(cause, "verify_message", "") or cause.reason or ""))
        cause = cause.__cause__ or cause.__context__
    return ConnectionFailed()


def _host(target: TargetUrl, shown: str) -> str:
    usual = 443 if target.scheme == "https" else 80
    return shown if target.port == usual else f"{shown}:{target.port}"
