"""The movable clock of the sandbox world.

Everything in the sandbox that has a time asks this clock, and the hub in sandbox mode follows
it by polling `GET /control/clock`, so a month can pass in one request.
"""

from datetime import UTC, datetime, timedelta
from typing import Self

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, ConfigDict, model_validator


class SandboxClock:
    """Real time plus an offset; always aware UTC."""

    def __init__(self) -> None:
        self._offset = timedelta(0)

    @property
    def offset(self) -> timedelta:
        return self._offset

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    def shift(self, by: timedelta) -> None:
        self._offset += by

    def set(self, moment: datetime) -> None:
        if moment.tzinfo is None:
            raise ValueError("the sandbox clock takes aware times only")
        self._offset = moment - datetime.now(UTC)

    def reset(self) -> None:
        self._offset = timedelta(0)


class ClockChange(BaseModel):
    """One of: an absolute time, a shift in seconds (may be negative), or back to real time."""

    model_config = ConfigDict(extra="forbid")

    set: AwareDatetime | None = None
    advance_seconds: float | None = None
    reset: bool = False

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        given = [self.set is not None, self.advance_seconds is not None, self.reset]
        if sum(given) != 1:
            raise ValueError("give exactly one of set, advance_seconds, reset")
        return self


class ClockState(BaseModel):
    now: datetime
    offset_seconds: float


class ClockRoutes:
    """`/control/clock`."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock

    def router(self) -> APIRouter:
        router = APIRouter(tags=["clock"])
        router.get("/control/clock")(self.read)
        router.post("/control/clock")(self.change)
        return router

    async def read(self) -> ClockState:
        return ClockState(now=self._clock.now(), offset_seconds=self._clock.offset.total_seconds())

    async def change(self, change: ClockChange) -> ClockState:
        if change.set is not None:
            self._clock.set(change.set)
        elif change.advance_seconds is not None:
            self._clock.shift(timedelta(seconds=change.advance_seconds))
        else:
            self._clock.reset()
        return await self.read()
