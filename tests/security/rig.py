"""A hub behind its guards, the sandbox's identity provider, and browsers that know both.

All in one process and without sockets: the hub stands at https://hub.test, so cookies and headers
are those of production. A provider's misbehaviour is switched on by name (`misbehave`).
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from html import unescape
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import httpx
from fastapi import FastAPI, Request
from nicegui import ui
from nicegui.testing.general import nicegui_reset_globals

from core.access import Gate, Principal
from core.clock import OffsetClock
from core.hub import Hub
from core.partners.service import Partners
from core.partners.sign_in import Browser as SessionBrowser
from core.partners.sign_in import SignIn
from core.partners.users import Users
from core.settings import Settings
from sandbox.app import create_app as create_sandbox
from sandbox.identity.faults import FaultRequest
from sandbox.identity.provider import Provider as SandboxProvider
from sandbox.settings import SandboxSettings
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from storage.jobs_inline import InlineJobs
from tests.support.accounts import PlainVault
from tests.support.twins import FakeMailer
from ui import guards, login, sessions
from ui.guards.sockets import release_sockets
from ui.oidc.fetching import Wire
from ui.oidc.provider import Provider

HUB = "https://hub.test"
ISSUER = "http://localhost:8083/identity"
SECRET = "a-secret/with+signs and blanks"
PEOPLE = [
    {"sub": "ada", "email": "ada@acme.example", "name": "Ada Owner"},
    {"sub": "ben", "email": "ben@acme.example", "name": "Ben Member"},
    {"sub": "eve", "email": "eve@evil.example", "name": "Eve Stranger"},
]


def settings_for_tests(**changes: Any) -> Settings:
    return Settings(
        _env_file=None,
        **{
            "base_url": HUB,
            "allowed_hosts": [],
            "oidc_issuer": ISSUER,
            "oidc_client_secret": SECRET,
        }
        | changes,
    )


@dataclass(kw_only=True)
class Rig:
    """The hub and its world; `wire` is how the hub reaches the provider."""

    settings: Settings
    database: SqlDatabase
    feed: LocalFeed = field(default_factory=LocalFeed)
    clock: OffsetClock = field(default_factory=OffsetClock)
    app: FastAPI = field(init=False)
    sandbox: FastAPI = field(init=False)
    hub: Hub = field(init=False)
    oidc: Provider = field(init=False)
    jobs: InlineJobs = field(init=False)
    mailer: FakeMailer = field(init=False)
    partner_id: str = field(init=False)

    def __post_init__(self) -> None:
        self.prepare()

    def prepare(self) -> None:
        """The world for the settings in force, with one partner and two invitations to it."""
        self.sandbox = _sandbox(self.settings.base_url)
        self.identity.load(PEOPLE)
        gate = Gate(self.database, self.clock, fresh_for=self.settings.fresh_sign_in or None)
        self.jobs, self.mailer = InlineJobs(), FakeMailer()
        nothing = cast(Any, None)
        self.hub = Hub(
            settings=self.settings,
            clock=self.clock,
            feed=self.feed,
            blobs=nothing,
            sign_in=SignIn(self.database, self.clock, PlainVault(), self.settings),
            partners=Partners(gate, self.database, self.clock),
            users=Users(
                gate=gate,
                database=self.database,
                clock=self.clock,
                jobs=self.jobs,
                mailer=self.mailer,
                settings=self.settings,
            ),
            profile=nothing,
            whereabouts=nothing,
            accounts=nothing,
            templates=nothing,
            assets=nothing,
            regions=nothing,
            audit=nothing,
            cancelling=nothing,
            onboarding=nothing,
            billing=nothing,
            inbound=nothing,
            integration=nothing,
            webhooks=nothing,
            credentials=nothing,
            partner_api=nothing,
            subscriptions=nothing,
            support=nothing,
            desk=nothing,
        )
        partner = self.hub.partners.create_partner(brand_name="Acme")
        self.partner_id = partner.id
        for person in PEOPLE[:2]:
            self.hub.partners.invite_first_owner(partner.id, email=person["email"])

    @property
    def identity(self) -> SandboxProvider:
        identity: SandboxProvider = self.sandbox.state.world.identity
        return identity

    @property
    def pages(self) -> sessions.OpenPages:
        pages: sessions.OpenPages = self.app.state.open_pages
        return pages

    def session_of(self, sub: str) -> tuple[str, Principal]:
        """A session as the login would make it: (cookie secret, principal)."""
        person = next(each for each in PEOPLE if each["sub"] == sub)
        claims = person | {"iss": ISSUER, "email_verified": True}
        return self.hub.sign_in.complete(claims, "", SessionBrowser(user_agent="test"))

    def misbehave(self, *faults: str, times: int | None = None) -> None:
        self.identity.faults.switch(FaultRequest(faults=list(faults), times=times, seconds=60))

    def build(self, wire: Wire | None = None) -> None:
        """The hub's app as `main.py` puts it together, with one page that wants a login."""
        self.app = FastAPI()
        guards.install(self.app, self.settings)
        transport = httpx.ASGITransport(app=self.sandbox)
        self.oidc = Provider(self.settings, self.clock, wire or Wire(transport))
        login.install(self.app, self.hub, self.oidc)
        _pages(self.app, self.hub)
        ui.run_with(self.app, show_welcome_message=False, gzip_middleware_factory=None)

    def browser(self) -> Browser:
        return Browser(rig=self)


@dataclass(kw_only=True)
class Browser:
    """Cookies of the hub and of the provider, and the steps that a person takes."""

    rig: Rig
    hub: httpx.AsyncClient = field(init=False)
    provider: httpx.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        hub = httpx.ASGITransport(app=self.rig.app, client=("198.51.100.7", 1))
        self.hub = httpx.AsyncClient(transport=hub, base_url=self.rig.settings.base_url)
        sandbox = httpx.ASGITransport(app=self.rig.sandbox)
        self.provider = httpx.AsyncClient(transport=sandbox, base_url="http://localhost:8083")

    @property
    def session(self) -> str | None:
        return self.hub.cookies.get("__Host-hub")

    async def post(self, path: str, **form: str) -> httpx.Response:
        """A form of one of the hub's own pages."""
        headers = {"origin": self.rig.settings.origin}
        return await self.hub.post(path, data=form, headers=headers)

    async def start(self, next_path: str = "/", **form: str) -> str:
        """The address at the provider that "Sign in" leads to."""
        answer = await self.post("/login/start", next=next_path, **form)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def authorize(self, url: str, sub: str = "ada") -> str:
        """The way back that the provider answers with, after the person said who they are."""
        page = await self.provider.get(url)
        if page.status_code == 303:
            return page.headers["location"]
        ticket = re.search(r'name="request" value="([^"]+)"', page.text)
        assert ticket, page.text
        form = {"request": ticket[1], "sub": sub} if sub else {"request": ticket[1], "deny": "1"}
        answer = await self.provider.post("/identity/sign-in", data=form)
        return answer.headers["location"]

    async def come_back(self, callback: str) -> httpx.Response:
        assert callback.startswith(f"{self.rig.settings.base_url}/login/callback?"), callback
        return await self.hub.get(callback)

    async def sign_in(self, sub: str = "ada", next_path: str = "/") -> httpx.Response:
        return await self.come_back(await self.authorize(await self.start(next_path), sub))

    async def is_signed_in(self) -> bool:
        """Whether a page that wants a login answers with the page."""
        return (await self.hub.get("/accounts")).status_code == 200


def onward(answer: httpx.Response) -> str:
    """Where the page after signing out leads to by itself."""
    assert answer.status_code == 200
    found = re.search(r'content="0;url=([^"]+)"', answer.text)
    assert found
    return unescape(found[1])


@cache
def _sandbox(hub_url: str) -> FastAPI:
    """Made once, since its keys take their time; each rig begins with nobody signed in."""
    settings = SandboxSettings(hub_url=hub_url, oidc_client_secret=SECRET)
    return create_sandbox(settings, {"people": PEOPLE})


def query_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def _pages(app: FastAPI, hub: Hub) -> None:
    @ui.page("/accounts", language="en-GB")
    async def accounts(request: Request) -> Any:
        who = await sessions.current(hub, request)
        if who is None:
            return sessions.sign_in_first(request)
        ui.label(f"Accounts of {who.name}")
        return None

    @ui.page("/onboarding/{partner_id}", language="en-GB")
    async def onboarding(request: Request, partner_id: str) -> None:
        ui.label(f"Cookies: {sorted(request.cookies)}")

    @app.post("/webhooks/meta")
    async def hook(request: Request) -> dict[str, int]:
        return {"received": len(await request.body())}

    @app.post("/api/v2/echo")
    async def echo(request: Request) -> dict[str, Any]:
        body = await request.body()
        address = request.client.host if request.client else ""
        headers = {name: value for name, value in request.headers.items() if name != "host"}
        return {
            "received": len(body),
            "client": address,
            "scheme": request.url.scheme,
            "headers": headers,
        }


@asynccontextmanager
async def running(rig: Rig, wire: Wire | None = None) -> AsyncIterator[Rig]:
    """The rig with NiceGUI started, and with NiceGUI as it was afterwards."""
    with nicegui_reset_globals():
        rig.build(wire)
        try:
            async with rig.app.router.lifespan_context(rig.app):
                yield rig
        finally:
            release_sockets()
