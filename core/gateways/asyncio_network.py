"""Connections for httpcore on asyncio's own streams: half the work of its usual way there.

What is written waits for the next read and goes out with it: a small request is one packet.
"""

from __future__ import annotations

import asyncio
import ssl
import sys
from collections.abc import Iterable
from contextlib import suppress
from importlib.util import find_spec
from typing import Any

import httpcore

# httpcore looks for this package at every lock it takes. Where it is not installed, that is a
# search of all folders on the disk, ten times a request: a third of the time of a webhook.
if find_spec("sniffio") is None:
    sys.modules["sniffio"] = None  # type: ignore[assignment]

_FLUSH = 64 * 1024


class AsyncioNetwork(httpcore.AsyncNetworkBackend):
    """Dials; time-outs are for connecting only, whoever calls limits the rest."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Raises ConnectError, ConnectTimeout."""
        try:
            async with asyncio.timeout(timeout):
                return AsyncioStream(*await asyncio.open_connection(host, port))
        except TimeoutError as error:
            raise httpcore.ConnectTimeout from error
        except OSError as error:
            raise httpcore.ConnectError from error


class AsyncioStream(httpcore.AsyncNetworkStream):
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._unsent = bytearray()

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What came, b"" at the end; what was written has been sent before."""
        await self._flush()
        try:
            return await self._reader.read(max_bytes)
        except OSError as error:
            raise httpcore.ReadError from error

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._unsent += buffer
        if len(self._unsent) > _FLUSH:
            await self._flush()

    async def aclose(self) -> None:
        """At once: over TLS a polite end waits 30 s for the farewell of who never stops talking."""
        with suppress(OSError):
            self._writer.transport.abort()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Raises ConnectError with the cause, ConnectTimeout."""
        try:
            async with asyncio.timeout(timeout):
                await self._writer.start_tls(ssl_context, server_hostname=server_hostname)
        except TimeoutError as error:
            await self.aclose()
            raise httpcore.ConnectTimeout from error
        except OSError as error:  # SSLError is one
            await self.aclose()
            raise httpcore.ConnectError from error
        return self

    def get_extra_info(self, info: str) -> Any:
        """`is_readable`: of an idle connection, that its other end has hung up."""
        if info == "is_readable":
            return self._reader.at_eof() or self._writer.is_closing()
        return self._writer.get_extra_info(info)

    async def _flush(self) -> None:
        if not self._unsent:
            return
        sent, self._unsent = bytes(self._unsent), bytearray()
        try:
            self._writer.write(sent)
            await self._writer.drain()
        except OSError as error:
            raise httpcore.WriteError from error
