"""`/control/identity/…`: faults, keys, people and counters for QA and tests."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from sandbox.identity.faults import FAULTS, FaultRequest
from sandbox.identity.people import Person
from sandbox.identity.provider import Provider


class PersonChange(BaseModel):
    model_config = ConfigDict(extra="forbid")

    email: str
    name: str
    email_verified: bool = True


class KeyRotation(BaseModel):
    model_config = ConfigDict(extra="forbid")

    keep_old: bool = True


class IdentityControlRoutes:
    """What a test can change about the provider, and what it can count."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def router(self) -> APIRouter:
        router = APIRouter(prefix="/control/identity", tags=["identity control"])
        router.get("/behaviour")(self.behaviour)
        router.post("/behaviour")(self.behave)
        router.post("/rotate-keys")(self.rotate_keys)
        router.get("/people")(self.people)
        router.put("/people/{sub}")(self.put_person)
        router.get("/calls")(self.calls)
        router.delete("/calls")(self.forget_calls)
        router.delete("/sessions")(self.sign_everybody_out)
        return router

    async def behaviour(self) -> dict[str, Any]:
        faults = self._provider.faults
        return {"on": faults.left(), "seconds": faults.seconds, "known": FAULTS}

    async def behave(self, request: FaultRequest) -> dict[str, Any]:
        self._provider.faults.switch(request)
        return {"on": self._provider.faults.left(), "seconds": self._provider.faults.seconds}

    async def rotate_keys(self, rotation: KeyRotation) -> dict[str, Any]:
        return {"kid": self._provider.keys.rotate(keep_old=rotation.keep_old)}

    async def people(self) -> dict[str, Any]:
        return {"people": self._provider.people.listed()}

    async def put_person(self, sub: str, change: PersonChange) -> Person:
        return self._provider.people.put(Person(sub=sub, **change.model_dump()))

    async def calls(self) -> dict[str, Any]:
        return {"count": self._provider.calls, "last": list(self._provider.last_calls)}

    async def forget_calls(self) -> dict[str, Any]:
        self._provider.forget_calls()
        return {"count": {}}

    async def sign_everybody_out(self) -> dict[str, Any]:
        self._provider.sign_everybody_out()
        return {"sessions": 0}
