"""Under which names the hub answers, and whose word counts about the browser behind a proxy.

Host names are compared exactly. Forwarded headers are taken from configured proxies only and
never reach the application: links are made of the configured base URL alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from core.settings import Settings
from ui.guards.answers import refuse

Headers = list[tuple[bytes, bytes]]

_HOST = re.compile(
    r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)(?::(?P<port>\d{1,5}))?"
)
_DEFAULT_PORTS = {"80", "443"}

# Headers with which a request could claim to be another one. NiceGUI puts X-Forwarded-Prefix
# before the address of every script it loads.
_STRIPPED = frozenset(
    {
        *(b"forwarded", b"x-real-ip", b"x-original-url", b"x-rewrite-url"),
        *(b"x-http-method", b"x-http-method-override", b"x-method-override"),
        *(b"x-host", b"x-original-host"),
    }
)


class HostGuard:
    """ASGI middleware: 400 for a foreign host, forwarded headers applied or thrown away."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._hosts = AllowedHosts(settings)
        self._proxies = [ip_network(proxy, strict=False) for proxy in settings.trusted_proxies]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        if not self._hosts.allow(scope["headers"]):
            await refuse(scope, receive, send, 400, "This host name is not served here.")
            return
        told = _forwarded(scope["headers"]) if self._comes_from_proxy(scope) else {}
        scope = dict(scope, headers=[h for h in scope["headers"] if not _is_stripped(h[0])])
        if (proto := told.get("proto")) is not None:
            if proto not in ("http", "https"):
                await refuse(scope, receive, send, 400, "X-Forwarded-Proto is not understood.")
                return
            scope["scheme"] = _scheme(scope["type"], proto)
        if chain := told.get("for"):
            scope["client"] = (_nearest_stranger(chain, self._proxies), 0)
        await self._app(scope, receive, send)

    def _comes_from_proxy(self, scope: Scope) -> bool:
        client = scope.get("client")
        return client is not None and is_in(client[0], self._proxies)


class AllowedHosts:
    """The names of `allowed_hosts` and of the base URL, with the ports the hub is reached under."""

    def __init__(self, settings: Settings) -> None:
        base = urlsplit(settings.base_url)
        known_ports = {str(settings.port), str(base.port or ""), *_DEFAULT_PORTS, ""}
        self._exact: set[str] = set()
        for entry in [*settings.allowed_hosts, base.netloc]:
            name, port = split_host(entry.lower()) or ("", "")
            if name:
                self._exact |= {f"{name}:{p}" for p in ([port] if port else known_ports)}

    def allow(self, headers: Iterable[tuple[bytes, bytes]]) -> bool:
        """True for exactly one Host header that names the hub."""
        hosts = [value for name, value in headers if name == b"host"]
        if len(hosts) != 1:
            return False
        split = split_host(hosts[0].decode("latin-1").lower())
        return split is not None and f"{split[0]}:{split[1]}" in self._exact


def split_host(text: str) -> tuple[str, str] | None:
    """(name, port or "") of a Host header; None where it is anything but that."""
    match = _HOST.fullmatch(text)
    return (match["name"], match["port"] or "") if match else None


def _is_stripped(name: bytes) -> bool:
    return name in _STRIPPED or name.startswith(b"x-forwarded")


def _forwarded(headers: Headers) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in headers:
        if name in (b"x-forwarded-for", b"x-forwarded-proto"):
            key = name.decode().rpartition("-")[2]
            text = value.decode("latin-1")
            found[key] = f"{found[key]},{text}" if key in found else text
    if "proto" in found:
        found["proto"] = found["proto"].rpartition(",")[2].strip().lower()
    return found


def _nearest_stranger(chain: str, proxies: list[IPv4Network | IPv6Network]) -> str:
    """The last address of the chain that is not ours: what stands before it, anybody may write."""
    addresses = [part.strip() for part in chain.split(",")]
    for address in reversed(addresses):
        if not is_in(address, proxies):
            return address[:45] if _is_address(address) else "unknown"
    return addresses[0][:45]


def is_in(address: str, networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    """Whether it is an address, and one of these networks has it."""
    return _is_address(address) and any(ip_address(address) in network for network in networks)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _scheme(kind: str, proto: str) -> str:
    if kind == "http":
        return proto
    return "wss" if proto == "https" else "ws"
