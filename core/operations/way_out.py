"""The one door through which every call to the outside leaves: mails, money, Meta, webhooks.

Gateways open it around each call. It is shut while the database is a copy that nobody has
released, and it counts what became of each call. Browsers signing in are no such call: the
provider is asked only for whoever sits there.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from core.errors import HubError, OutgoingTimeout, Unavailable

HELD = "held"


class Whom(StrEnum):
    """Who is called."""

    META = "meta"
    PAYMENTS = "payments"
    MAIL = "mail"
    WEBHOOK = "webhook"
    VAT_REGISTER = "vat_register"


class Result(StrEnum):
    """What became of a call."""

    OK = "ok"
    REFUSED = "refused"  # they answered, and it was no
    UNAVAILABLE = "unavailable"  # nobody answered, or not in time
    HELD = "held"  # it was not made: the hub is a copy that waits
    FAILED = "failed"  # a fault of ours


@dataclass(slots=True)
class Call:
    """One call under way; whoever knows better than the exceptions says what became of it."""

    result: Result = Result.FAILED

    def ended(self, *, well: bool) -> None:
        self.result = Result.OK if well else Result.REFUSED


Count = Callable[[Whom, Result, float], None]


def _not_counted(_whom: Whom, _result: Result, _seconds: float) -> None:
    """For gateways whose figures nobody asks for."""


class Holds(Protocol):
    """Whether the hub is a copy that waits; see `core.operations.holding`."""

    def is_held(self) -> bool:
        """Asks the database now and then; never on an event loop."""
        ...

    def was_open_lately(self) -> bool:
        """Without asking anybody: False where it has to be asked."""
        ...


class WayOut:
    """Thread-safe."""

    def __init__(self, holding: Holds | None = None, count: Count = _not_counted) -> None:
        """Without `holding` it is always open."""
        self._holding = holding
        self._count = count

    def require_open(self) -> None:
        """Raises Unavailable (held) while the hub is a copy that nobody has released."""
        if self._holding is not None and self._holding.is_held():
            raise Unavailable(
                "this copy of the hub sends nothing until it is released", code=HELD, sent=False
            )

    @contextmanager
    def calling(self, whom: Whom) -> Iterator[Call]:
        """The call is made inside; raises Unavailable (held) instead of letting it be made."""
        with self._counted(whom) as call:
            self.require_open()
            yield call

    @asynccontextmanager
    async def calling_soon(self, whom: Whom) -> AsyncIterator[Call]:
        """The same for an event loop, which waits for the database in a thread."""
        with self._counted(whom) as call:
            if self._holding is not None and not self._holding.was_open_lately():
                await asyncio.to_thread(self.require_open)
            yield call

    @contextmanager
    def _counted(self, whom: Whom) -> Iterator[Call]:
        began = time.perf_counter()
        call = Call()
        try:
            yield call
            if call.result is Result.FAILED:
                call.result = Result.OK
        except HubError as error:
            call.result = _result_of(error)
            raise
        finally:
            self._count(whom, call.result, time.perf_counter() - began)


# For tests and tools: nothing is held, nothing counted.
OPEN = WayOut()


def _result_of(error: HubError) -> Result:
    if error.code == HELD:
        return Result.HELD
    is_silence = isinstance(error, Unavailable | OutgoingTimeout)
    return Result.UNAVAILABLE if is_silence else Result.REFUSED
