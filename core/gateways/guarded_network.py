"""Dials names whose every address is public, and only such; the network under `outgoing`.

A name is resolved once per connection and the checked address itself is dialled, so there is no
second look-up that could answer otherwise. The name goes on to TLS, which checks it.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from time import monotonic
from typing import Any

import httpcore

from core.errors import ConnectionFailed, NameNotFound, TargetRefused
from core.gateways.asyncio_network import AsyncioNetwork
from core.public_addresses import IpAddress, is_public, is_this_machine, read_address
from core.target_urls import TargetFault

# Looks a name up: (host, port) to addresses as texts; raises OSError. Runs in a thread of its own.
Resolve = Callable[[str, int], list[str]]


def resolve(host: str, port: int) -> list[str]:
    """The system's answer, each address once, in its order."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def checked(texts: Iterable[str], *, is_local: bool) -> list[IpAddress]:
    """The addresses, all of them public; raises TargetRefused when a single one is not.

    `is_local`: the name is one of this machine's, so loopback is meant.
    """
    addresses = []
    for text in texts:
        try:
            address = read_address(text)
        except ValueError as error:
            raise TargetRefused(why=TargetFault.NOT_PUBLIC.value, address=text) from error
        if not (is_public(address) or (is_local and is_this_machine(address))):
            raise TargetRefused(why=TargetFault.NOT_PUBLIC.value, address=text)
        addresses.append(address)
    if not addresses:
        raise NameNotFound
    return addresses


class GuardedNetwork(httpcore.AsyncNetworkBackend):
    """`httpcore` dials through this; raises our own errors, which pass through it untouched."""

    def __init__(
        self,
        *,
        local_names: Collection[str],
        resolve: Resolve = resolve,
        dial: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        """`dial` opens connections to addresses; tests count there."""
        self._local_names = frozenset(name.strip("[]") for name in local_names)
        self._resolve = resolve
        self._dial = dial or AsyncioNetwork()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connected to the first address that answers; `timeout` is for all of it together."""
        until = monotonic() + (timeout or 0)
        addresses = await self.look(host, port, timeout)
        for left in range(len(addresses), 0, -1):
            # Each address gets its share, so that a silent first one leaves time for the next.
            share = max(0.0, until - monotonic()) / left
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return await self._dial.connect_tcp(
                    str(addresses[-left]), port, timeout=share, socket_options=socket_options
                )
        raise ConnectionFailed

    async def look(self, host: str, port: int, seconds: float | None) -> list[IpAddress]:
        """The addresses of the name, checked; raises TargetRefused, NameNotFound."""
        # An address in the place of a name needs nobody to look it up; it is judged all the same.
        texts = [host] if _is_address(host) else await self._look_up(host, port, seconds)
        return checked(texts, is_local=host in self._local_names)

    async def _look_up(self, host: str, port: int, seconds: float | None) -> list[str]:
        """In a thread of its own: a look-up cannot be broken off, and may hold up nobody else."""
        loop = asyncio.get_running_loop()
        told: asyncio.Future[list[str]] = loop.create_future()
        threading.Thread(
            target=_look_up, args=(self._resolve, host, port, loop, told), daemon=True
        ).start()
        try:
            return await asyncio.wait_for(told, seconds)
        except (OSError, UnicodeError) as error:  # TimeoutError is an OSError as well
            raise NameNotFound from error


def _is_address(host: str) -> bool:
    try:
        read_address(host)
    except ValueError:
        return False
    return True


def _look_up(
    resolve: Resolve,
    host: str,
    port: int,
    loop: asyncio.AbstractEventLoop,
    told: asyncio.Future[list[str]],
) -> None:
    found: list[str] | OSError | UnicodeError
    try:
        found = resolve(host, port)
    except (OSError, UnicodeError) as error:
        found = error
    with suppress(RuntimeError):  # the loop closed: nobody waits any more
        loop.call_soon_threadsafe(_settle, told, found)


def _settle(told: asyncio.Future[list[str]], found: list[str] | OSError | UnicodeError) -> None:
    if told.done():
        return
    if isinstance(found, Exception):
        told.set_exception(found)
    else:
        told.set_result(found)
