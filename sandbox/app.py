"""The sandbox as one ASGI app and one process: web on one port, SMTP on another."""

import contextlib
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import APIRouter, FastAPI
from fastapi.staticfiles import StaticFiles

from sandbox.clock import ClockRoutes
from sandbox.control import ControlRoutes
from sandbox.identity.authorize_routes import AuthorizeRoutes
from sandbox.identity.control_routes import IdentityControlRoutes
from sandbox.identity.logout_routes import LogoutRoutes
from sandbox.identity.metadata_routes import MetadataRoutes
from sandbox.identity.token_routes import TokenRoutes
from sandbox.mail_routes import MailRoutes
from sandbox.mailbox import MailServer
from sandbox.meta.api import build_router
from sandbox.partner_site import PartnerSite
from sandbox.payments.api import build_api
from sandbox.payments.control import PaymentsControl
from sandbox.payments.pages import HolderPages
from sandbox.receiver import ReceiverRoutes
from sandbox.settings import SandboxSettings
from sandbox.vies import ViesRoutes
from sandbox.world import World

ASSETS = Path(__file__).parent / "assets"
# What still hangs when the process is told to stop (a receiver, a slow token) is cut off then.
SECONDS_TO_STOP = 2


def create_app(settings: SandboxSettings, seed: dict[str, Any]) -> FastAPI:
    """The whole outside world with this seed; SMTP listens while the app's lifespan runs."""
    world = World(settings, seed)
    server = MailServer(world.mailbox, loopback_hosts(settings.host), settings.smtp_port)

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await server.start()
        try:
            yield
        finally:
            await server.stop()
            await world.close()

    # FastAPI's own documentation pages load their scripts from elsewhere.
    app = FastAPI(title="Partner Hub sandbox", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.world, app.state.mail_server = world, server
    for router in _routers(world):
        app.include_router(router)
    app.mount("/sandbox-assets", StaticFiles(directory=ASSETS))
    app.include_router(build_router(world.meta))
    return app


def run(settings: SandboxSettings, seed: dict[str, Any]) -> None:
    """Serve until SIGINT or SIGTERM, then stop cleanly."""
    hosts = loopback_hosts(settings.host)
    sockets = _listen(hosts, settings.port)
    # SMTP listens later, inside the loop; a busy port shall be said now and in one sentence.
    for probe in _listen(hosts, settings.smtp_port):
        probe.close()
    # uvicorn sends a caught signal to the process again when it is done; it has been obeyed.
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, lambda *_: None)
    config = uvicorn.Config(
        create_app(settings, seed),
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=SECONDS_TO_STOP,
    )
    uvicorn.Server(config).run(sockets=sockets)


def loopback_hosts(host: str) -> list[str]:
    """The addresses to listen on: `localhost` may mean 127.0.0.1 or ::1 for a client."""
    if host in ("127.0.0.1", "localhost"):
        return ["127.0.0.1", "::1"] if _has_ipv6_loopback() else ["127.0.0.1"]
    return [host]


def _routers(world: World) -> list[APIRouter]:
    provider = world.identity
    return [
        ControlRoutes(world).router(),
        ClockRoutes(world.clock).router(),
        MetadataRoutes(provider).router(),
        AuthorizeRoutes(provider).router(),
        TokenRoutes(provider).router(),
        LogoutRoutes(provider).router(),
        IdentityControlRoutes(provider).router(),
        MailRoutes(world.mailbox).router(),
        ReceiverRoutes(world.receivers).router(),
        PartnerSite(world.settings).router(),
        ViesRoutes(world.vat_registers, world.clock).router(),
        PaymentsControl(world.payments).router(),
        HolderPages(world.payments).router(),
        build_api(world.payments),
    ]


def _has_ipv6_loopback() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def _listen(hosts: list[str], port: int) -> list[socket.socket]:
    try:
        return [_bound(host, port) for host in hosts]
    except OSError as error:
        sys.exit(
            f"The sandbox cannot listen on port {port} ({error.strerror}). Stop what runs there, or"
            " move the sandbox: docs/sandbox.md, Settings."
        )


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    return listener
