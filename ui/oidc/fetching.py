"""Calls to the identity provider that cannot hang, swell or wander off.

Ten seconds for a whole call, one megabyte for an answer, no redirects, no proxy from the
environment, no compressed answers (a small one could unpack to anything).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from core.errors import Unavailable

TOTAL_SECONDS = 10.0
MOST_BYTES = 1024 * 1024


class TooLargeError(httpx.TransportError):
    """The answer went on after MOST_BYTES, or would not say how large it is unpacked."""


class CappedTransport(httpx.AsyncBaseTransport):
    """Any transport, with answers cut off at MOST_BYTES while they stream in."""

    def __init__(self, inner: httpx.AsyncBaseTransport | None = None) -> None:
        self._inner = inner or httpx.AsyncHTTPTransport(trust_env=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.headers["accept-encoding"] = "identity"
        answer = await self._inner.handle_async_request(request)
        if answer.headers.get("content-encoding", "identity") != "identity":
            await answer.aclose()
            raise TooLargeError("a compressed answer", request=request)
        return httpx.Response(
            answer.status_code,
            headers=answer.headers,
            stream=_CappedStream(answer),
            extensions=answer.extensions,
        )

    async def aclose(self) -> None:
        await self._inner.aclose()


class _CappedStream(httpx.AsyncByteStream):
    def __init__(self, answer: httpx.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        total = 0
        assert isinstance(self._answer.stream, httpx.AsyncByteStream)  # noqa: S101  of the transport
        async for chunk in self._answer.stream:
            total += len(chunk)
            if total > MOST_BYTES:
                raise TooLargeError(f"more than {MOST_BYTES} bytes")
            yield chunk

    async def aclose(self) -> None:
        await self._answer.aclose()


@dataclass(frozen=True, slots=True)
class Wire:
    """How the provider is reached: the transport (None: the network) and the patience."""

    transport: httpx.AsyncBaseTransport | None = None
    seconds: float = TOTAL_SECONDS

    def client_options(self) -> dict[str, Any]:
        """Arguments of every HTTP client for the provider."""
        return {
            "transport": CappedTransport(self.transport),
            "timeout": httpx.Timeout(self.seconds),
            "follow_redirects": False,
            "trust_env": False,
        }


@asynccontextmanager
async def told_as_unavailable(wire: Wire) -> AsyncIterator[None]:
    """Bounds the whole block in time; raises Unavailable for whatever went wrong outside."""
    try:
        async with asyncio.timeout(wire.seconds):
            yield
    except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError) as error:
        raise Unavailable(
            f"the identity provider does not answer properly: {type(error).__name__}",
            code="provider_down",
        ) from error


async def get_json(url: str, wire: Wire, bearer: str = "") -> dict[str, Any]:
    """A JSON object from the provider; raises Unavailable (`provider_down`)."""
    headers = {"accept": "application/json"}
    if bearer:
        headers["authorization"] = f"Bearer {bearer}"
    async with told_as_unavailable(wire), httpx.AsyncClient(**wire.client_options()) as client:
        answer = await client.get(url, headers=headers)
        if answer.status_code != httpx.codes.OK:
            raise ValueError(f"status {answer.status_code}")
        content = answer.json()
        if not isinstance(content, dict):
            raise ValueError("not an object")
        return content
