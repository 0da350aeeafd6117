"""The partner API behind the guards, on the services it calls and nothing else."""

from __future__ import annotations

from typing import Any

import httpx
from fastapi import FastAPI

from core.clock import SystemClock
from core.gateways.guarded_network import resolve
from core.gateways.outgoing import GuardedOutgoing
from core.integration.outbound.room import Room as WebhookRoom
from core.integration.outbound.service import WebhooksOut
from core.integration.settings.service import IntegrationSettings
from storage.changes import LocalFeed
from tests.services.api_world import ApiWorld
from tests.support.accounts import PlainVault
from tests.support.asgi import AsgiThread
from tests.support.outgoing import PUBLIC
from ui import guards
from ui.api import partner

BASE = "https://hub.test"


def resolved(host: str, port: int) -> list[str]:
    """Names are looked up at once, and all of them lead to a public address but this machine's."""
    return resolve(host, port) if host in ("localhost", "127.0.0.1") else [PUBLIC]


class ApiHub:
    """As far as these routes call one; further services are set by who needs them."""

    def __init__(self, world: ApiWorld, **services: Any) -> None:
        self.settings = world.room.settings
        self.clock = world.clock
        self.partner_api = world.api
        self.credentials = world.credentials
        outgoing = GuardedOutgoing(self.settings, resolve=resolved)
        self.webhooks = WebhooksOut(
            WebhookRoom(
                gate=world.gate,
                database=world.database,
                clock=world.clock,
                wall=SystemClock(),
                vault=PlainVault(),
                outgoing=outgoing,
                feed=LocalFeed(),
                settings=self.settings,
            )
        )
        nothing: Any = None
        self.integration = IntegrationSettings(
            gate=world.gate,
            clock=world.clock,
            vault=PlainVault(),
            meta=nothing,
            outgoing=outgoing,
            settings=self.settings,
        )
        vars(self).update(services)


def api_app(hub: Any) -> FastAPI:
    """The hub's application with the API alone."""
    app = FastAPI()
    guards.install(app, hub.settings)
    partner.install(app, hub)
    return app


class Program:
    """Somebody's program with an API key, or without any credential."""

    def __init__(self, transport: AsgiThread, partner_id: str, key: str = "") -> None:
        self.partner_id = partner_id
        headers = {"X-API-Key": key} if key else {}
        self.http = httpx.Client(transport=transport, base_url=BASE, headers=headers)

    def ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        """`path` below the partner's own."""
        return self.http.request(method, f"/api/v2/partners/{self.partner_id}{path}", **request)

    def get(self, path: str, **request: Any) -> httpx.Response:
        return self.ask("GET", path, **request)

    def post(self, path: str, **request: Any) -> httpx.Response:
        return self.ask("POST", path, **request)

    def patch(self, path: str, **request: Any) -> httpx.Response:
        return self.ask("PATCH", path, **request)
