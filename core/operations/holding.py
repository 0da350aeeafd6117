"""Whether this database is a restored copy that may not act yet; asked before every call out.

The hold lies in the database itself, so it holds for every process and outlives each of them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from core.clock import Clock
from core.operations.entities import Hold
from core.ports import Database, Everything

# How long an answer is believed, in *seconds*: a release is felt within one, and thousands of
# deliveries a second ask the database once.
_BELIEVED = 1.0
_SCOPE = Everything("operations: is this database held")


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Why and since when nothing leaves."""

    reason: str
    since: datetime


class Holding:
    """Thread-safe; never on the event loop."""

    def __init__(
        self, database: Database, clock: Clock, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._clock = clock
        self._monotonic = monotonic
        self._telling = threading.Lock()
        self._believed_until = float("-inf")
        self._held: Held | None = None

    def state(self) -> Held | None:
        """Why nothing leaves; None when everything may. Raises Unavailable without a database."""
        if self._monotonic() >= self._believed_until:
            # Two may ask at once; without a database nobody waits behind another's question.
            held = self._look()
            with self._telling:
                self._held, self._believed_until = held, self._monotonic() + _BELIEVED
        return self._held

    def is_held(self) -> bool:
        return self.state() is not None

    def was_open_lately(self) -> bool:
        return self._held is None and self._monotonic() < self._believed_until

    def hold(self, reason: str) -> None:
        """From now on nothing leaves, in any process that works on this database."""
        with self._database.transaction(_SCOPE) as session:
            session.add(Hold(reason=reason, since=self._clock.now()))
        self._forget()

    def release(self) -> Held | None:
        """What waited may go; returns what held it, None when nothing did."""
        held = self._look()
        with self._database.transaction(_SCOPE) as session:
            for row in session.exec(select(Hold).where(col(Hold.released_at).is_(None))):
                row.released_at = self._clock.now()
        self._forget()
        return held

    def _look(self) -> Held | None:
        with self._database.reading(_SCOPE) as session:
            opened = select(Hold).where(col(Hold.released_at).is_(None)).order_by(col(Hold.id))
            row = session.exec(opened.limit(1)).first()
            return Held(reason=row.reason, since=row.since) if row is not None else None

    def _forget(self) -> None:
        with self._telling:
            self._believed_until = float("-inf")
