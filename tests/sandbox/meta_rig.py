"""One sandbox Meta in memory: a clock that the test moves and a hub that records webhooks."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from fastapi import FastAPI

from sandbox.meta.api import build_router
from sandbox.meta.world import MetaWorld

CALLBACK = "http://hub.test/webhooks/meta"
WABA, PHONE, BUSINESS, SOLUTION = "31", "41", "51", "61"
SEED: dict[str, Any] = {
    "solutions": [
        {"id": SOLUTION, "name": "Acme", "status": "ACTIVE"},
        {"id": "62", "name": "Old", "status": "DEACTIVATED"},
    ],
    "credit_lines": [{"id": "71"}],
    "wabas": [
        {
            "id": WABA,
            "name": "Bäckerei Sonne",
            "business_id": BUSINESS,
            "business_name": "Sonne GmbH",
            "solution_id": SOLUTION,
            "access_token": "client-token",
            "templates": [{"id": "81", "name": "order_update"}],
            "phone_numbers": [{"id": PHONE, "display_phone_number": "+4915234455667"}],
        }
    ],
}


@dataclass(frozen=True)
class RigSettings:
    public_url: str = "http://localhost:8083"
    app_id: str = "1001"
    app_secret: str = "app-secret"
    config_id: str = "2002"
    verify_token: str = "verify-me"
    system_user_token: str = "system-token"
    business_id: str = "500"
    webhook_url: str = CALLBACK


@dataclass
class RigClock:
    time: datetime = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def move(self, **by: float) -> None:
        self.time += timedelta(**by)


@dataclass
class RigHub:
    """Answers as a hub would; `statuses` are used up first."""

    statuses: list[int] = field(default_factory=list)
    requests: list[httpx.Request] = field(default_factory=list)
    token: str = "verify-me"

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            query = request.url.params
            known = query["hub.verify_token"] == self.token
            return httpx.Response(200 if known else 403, text=query["hub.challenge"])
        self.requests.append(request)
        return httpx.Response(self.statuses.pop(0) if self.statuses else 200)

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(request.content) for request in self.requests]

    @property
    def changes(self) -> list[tuple[str, str, Any]]:
        """(entry id, field, value) of everything received."""
        return [
            (entry["id"], change["field"], change["value"])
            for body in self.bodies
            for entry in body["entry"]
            for change in entry["changes"]
        ]


class Rig:
    """A loaded world, its routes and a client that speaks with the client's token."""

    def __init__(self) -> None:
        self.clock, self.hub, self.settings = RigClock(), RigHub(), RigSettings()
        transport = httpx.MockTransport(self.hub)
        self.world = MetaWorld(self.settings, self.clock, transport)
        self.world.load(SEED)
        app = FastAPI()
        app.include_router(build_router(self.world))
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://localhost:8083"
        )
        self.token = "client-token"

    @property
    def app_token(self) -> str:
        return f"{self.settings.app_id}|{self.settings.app_secret}"

    async def graph(self, method: str, path: str, token: str | None = None, **given: Any) -> Any:
        """One Graph call; parameters go into the query of a GET and the body of the others."""
        bearer = {"Authorization": f"Bearer {self.token if token is None else token}"}
        extra = {"params": given} if method != "POST" else {"json": given} if given else {}
        return await self.client.request(method, f"/v26.0/{path}", headers=bearer, **extra)

    async def get(self, path: str, token: str | None = None, **query: Any) -> Any:
        return (await self.graph("GET", path, token, **query)).json()

    async def post(self, path: str, token: str | None = None, **body: Any) -> Any:
        return (await self.graph("POST", path, token, **body)).json()

    async def code_of(self, path: str, token: str | None = None, **body: Any) -> int:
        """The error code of a POST that must be refused."""
        return int((await self.post(path, token, **body))["error"]["code"])

    async def control(self, path: str, **body: Any) -> Any:
        answer = await self.client.post(f"/control/meta/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def open_popup(self, setup: Any = None, **query: Any) -> httpx.Response:
        given = {
            "client_id": self.settings.app_id,
            "config_id": self.settings.config_id,
            "origin": "http://localhost:8082",
            "cb": "f1",
            "extras": json.dumps({"setup": setup or {}}),
        }
        return await self.client.get("/v26.0/dialog/oauth", params=given | query)

    async def sign_up(self, ending: str = "finish", setup: Any = None, **query: Any) -> Any:
        """Through the popup to its end; what the popup would hand over."""
        page = await self.open_popup(setup, **query)
        session = page.headers["location"]
        result = (await self.client.post(f"{session}/finish", json={"ending": ending})).json()
        await self.client.post(f"{session}/done")
        return result

    async def exchange(self, code: str, **changes: Any) -> Any:
        """The answer to the code exchange."""
        given = {
            "client_id": self.settings.app_id,
            "client_secret": self.settings.app_secret,
            "code": code,
        }
        answer = await self.client.get("/v26.0/oauth/access_token", params=given | changes)
        return answer.json()
