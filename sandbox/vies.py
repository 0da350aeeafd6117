"""The VAT registers of the member states, as the Commission's REST API shows them.

Every number of a known state is registered until somebody says otherwise on `/control/vies`, where
states can also be taken down.
"""

from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict

from sandbox.clock import SandboxClock

STATES = frozenset(
    "AT BE BG CY CZ DE DK EE EL ES FI FR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK XI".split()
)


class ViesChange(BaseModel):
    """What is given replaces what was; IDs with their prefix."""

    model_config = ConfigDict(extra="forbid")

    unavailable: list[str] | None = None  # states whose register does not answer
    unregistered: list[str] | None = None


@dataclass(slots=True)
class Registers:
    """Which states are down, which IDs nobody has; `asked` is the journal."""

    unavailable: set[str] = field(default_factory=set)
    unregistered: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def reset(self) -> None:
        self.unavailable.clear()
        self.unregistered.clear()
        self.asked.clear()

    def shown(self) -> dict[str, list[str]]:
        return {
            "unavailable": sorted(self.unavailable),
            "unregistered": sorted(self.unregistered),
            "asked": list(self.asked),
        }


class ViesRoutes:
    """`/vies/rest-api/check-vat-number` and `/control/vies`."""

    def __init__(self, registers: Registers, clock: SandboxClock) -> None:
        self._registers = registers
        self._clock = clock

    def router(self) -> APIRouter:
        router = APIRouter(tags=["vies"])
        router.post("/vies/rest-api/check-vat-number")(self.check)
        router.get("/control/vies")(self.read)
        router.post("/control/vies")(self.change)
        return router

    async def check(self, request: Request) -> dict[str, Any]:
        try:
            asked = await request.json()
        except ValueError:
            return _error("INVALID_INPUT")
        state, number = (
            (str(asked.get(name, "")) for name in ("countryCode", "vatNumber"))
            if isinstance(asked, dict)
            else ("", "")
        )
        self._registers.asked.append(state + number)
        if state not in STATES or not number.isalnum():
            return _error("INVALID_INPUT")
        if state in self._registers.unavailable:
            return _error("MS_UNAVAILABLE")
        return {
            "countryCode": state,
            "vatNumber": number,
            "requestDate": self._clock.now().isoformat(),
            "valid": state + number not in self._registers.unregistered,
            "requestIdentifier": "",
            "name": "---",
            "address": "---",
        }

    async def read(self) -> dict[str, list[str]]:
        return self._registers.shown()

    async def change(self, change: ViesChange) -> dict[str, list[str]]:
        if change.unavailable is not None:
            self._registers.unavailable = set(change.unavailable)
        if change.unregistered is not None:
            self._registers.unregistered = set(change.unregistered)
        return self._registers.shown()


def _error(name: str) -> dict[str, Any]:
    return {"actionSucceed": False, "errorWrappers": [{"error": name}]}
