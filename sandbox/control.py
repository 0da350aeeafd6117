"""QA's desk: the page at `/` and the controls that concern the whole world.

The page only presses the documented JSON routes; whatever it can do, a test can do with one
request.
"""

import re
from pathlib import Path
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response

from sandbox.html import page, text
from sandbox.identity.people import Person
from sandbox.payments.desk import desk_rows
from sandbox.world import BadSeedError, World

_BODY = Path(__file__).parent.joinpath("assets", "control.html").read_text("utf-8")
_PLACE = re.compile(r"\{(\w+)\}")


class ControlRoutes:
    """`/`, `/healthz`, `/control/seed` and `/control/reset`."""

    def __init__(self, world: World) -> None:
        self._world = world

    def router(self) -> APIRouter:
        router = APIRouter(tags=["control"])
        router.get("/")(self.desk)
        router.get("/healthz")(self.health)
        router.get("/control/seed")(self.seed)
        router.put("/control/seed")(self.put_seed)
        router.post("/control/reset")(self.reset)
        return router

    async def desk(self) -> Response:
        settings = self._world.settings
        people = "".join(_person(person) for person in self._world.identity.people.listed())
        places = desk_rows(self._world.payments) | {
            "hub_url": text(settings.hub_url),
            "webhook_url": text(settings.webhook_url),
            "stripe_webhook_url": text(settings.stripe_webhook_url),
            "issuer": text(settings.issuer),
            "people": people or "<tr><td>Nobody is seeded.</td></tr>",
        }
        # In one pass: what somebody wrote into a charge is never taken for a place.
        body = _PLACE.sub(lambda found: places.get(found[1], found[0]), _BODY)
        return page("Sandbox", body, script="control.js", wide=True)

    async def health(self) -> dict[str, str]:
        return {"status": "ok"}

    async def seed(self) -> dict[str, Any]:
        return self._world.seed

    async def put_seed(self, request: Request) -> dict[str, Any]:
        seed = await _json_object(request)
        try:
            self._world.load(seed)
        except BadSeedError as error:
            raise HTTPException(422, str(error)) from error
        return {"seeded": True, "people": len(seed.get("people", []))}

    async def reset(self) -> dict[str, Any]:
        self._world.reset()
        return {"reset": True, "now": self._world.clock.now()}


async def _json_object(request: Request) -> dict[str, Any]:
    try:
        value = await request.json()
    except ValueError as error:
        raise HTTPException(422, "The body must be JSON") from error
    if not isinstance(value, dict):
        raise HTTPException(422, "The seed must be an object")
    return value


def _person(person: Person) -> str:
    verified = "e-mail verified" if person.email_verified else "e-mail not verified"
    return (
        f"<tr><td>{text(person.name)}</td>"
        f"<td>{text(person.email)}<br><small>{verified}</small></td></tr>"
    )
