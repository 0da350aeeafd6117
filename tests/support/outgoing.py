"""The guarded client on a network of a test's own: names, dials that are counted, certificates."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpcore
import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from core.gateways.asyncio_network import AsyncioNetwork
from core.gateways.outgoing import GuardedOutgoing
from core.settings import Settings

PUBLIC = "93.184.216.34"
HOST = "hooks.partner-ok.com"
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class CountingDial(httpcore.AsyncNetworkBackend):
    """Leads every public address to one port of this machine, and keeps what was dialled."""

    def __init__(self, port: int = 0) -> None:
        self.port = port
        self.dialled: list[tuple[str, int]] = []
        self._real = AsyncioNetwork()

    async def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *_: Any, **options: Any
    ) -> httpcore.AsyncNetworkStream:
        self.dialled.append((host, port))
        if not self.port:
            raise httpcore.ConnectError("nobody listens")
        return await self._real.connect_tcp("127.0.0.1", self.port, timeout=timeout)


class Names:
    """Answers of a DNS server, one after the other; the last one stays."""

    def __init__(self, answers: Iterable[Iterable[str]] = ((PUBLIC,),)) -> None:
        self._answers = [list(answer) for answer in answers]
        self.asked = 0

    def __call__(self, _host: str, _port: int) -> list[str]:
        answer = self._answers[min(self.asked, len(self._answers) - 1)]
        self.asked += 1
        return answer


def outgoing(
    dial: CountingDial,
    names: Callable[[str, int], list[str]] | None = None,
    *,
    certificates: ssl.SSLContext | None = None,
    **settings: Any,
) -> GuardedOutgoing:
    """As in production, unless `settings` say otherwise."""
    values: dict[str, Any] = {"mode": "production"} | settings
    return GuardedOutgoing(
        Settings(_env_file=None, **values),  # type: ignore[call-arg]
        resolve=names or Names(),
        dial=dial,
        certificates=certificates or authorities(),
    )


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def certificates(host: str = HOST, *, days: int = 1) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a server shows for `host`, and what a client must trust to believe it."""
    return _certificates(host, days)


@cache
def authorities() -> ssl.SSLContext:
    """Whom the hub trusts; loaded once, since that takes longer than most tests."""
    return httpx.create_ssl_context(trust_env=False)


@cache
def _certificates(host: str, days: int) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    ends = datetime.now(UTC) + timedelta(days=days)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(ends - timedelta(days=9))
        .not_valid_after(ends)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with TemporaryDirectory() as folder:
        (file := Path(folder) / "both.pem").write_bytes(pem + private)
        server.load_cert_chain(file)
    return server, ssl.create_default_context(cadata=pem.decode())
