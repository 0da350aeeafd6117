"""What an operator's machines ask the hub: is it there, can it work, what waits.

No partner's data is in any answer.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, delete, select

from core.clock import SystemClock
from core.errors import Unavailable
from core.operations.entities import WorkerBeat
from core.operations.figures import Backlog, Figure
from core.operations.holding import Held, Holding
from core.operations.meters import Meters
from core.operations.way_out import WayOut
from core.ports import Database, Everything
from core.version import VERSION

BEAT_EVERY = timedelta(seconds=10)
# Three beats that were missed; a worker that is replaced takes less.
SILENT_AFTER = timedelta(seconds=35)
_FORGOTTEN_AFTER = timedelta(days=1)
_SCOPE = Everything("operations: heartbeats")


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Told to whoever decides where requests go; the database answered."""

    held: Held | None
    schema: str
    needed: str
    workers: int  # alive
    last_beat: datetime | None  # of any worker, ever

    @property
    def is_migrated(self) -> bool:
        return self.schema == self.needed


class Operations:
    """Never on the event loop, but for `meters`."""

    def __init__(self, database: Database, backlog: Backlog) -> None:
        self._database = database
        self._backlog = backlog
        # Machines live by the machine's time, whatever a test makes of the hub's.
        self._clock = SystemClock()
        self.holding = Holding(database, self._clock)
        self.meters = Meters()
        self.way_out = WayOut(self.holding, self.meters.call)
        self._name = f"{socket.gethostname()[:60]}-{os.getpid()}"
        self._started = self._clock.now()
        self.meters.watch(backlog.connections)
        self.meters.watch(self.figures)

    def beat(self) -> None:
        """This worker is alive; called every `BEAT_EVERY`."""
        now = self._clock.now()
        with self._database.transaction(_SCOPE) as session:
            beat = WorkerBeat(name=self._name, version=VERSION, started_at=self._started, at=now)
            session.merge(beat)
            forgotten = col(WorkerBeat.at) < now - _FORGOTTEN_AFTER
            session.exec(delete(WorkerBeat).where(forgotten))

    def leave(self) -> None:
        """This worker ends as it should; nobody need look for it."""
        with self._database.transaction(_SCOPE) as session:
            session.exec(delete(WorkerBeat).where(col(WorkerBeat.name) == self._name))

    def readiness(self) -> Readiness:
        """Raises Unavailable when the database does not answer."""
        schema, needed = self._backlog.revisions()
        beats = self._beats()
        alive_since = self._clock.now() - SILENT_AFTER
        return Readiness(
            held=self.holding.state(),
            schema=schema,
            needed=needed,
            workers=sum(at >= alive_since for at in beats),
            last_beat=max(beats, default=None),
        )

    def _beats(self) -> list[datetime]:
        with self._database.reading(_SCOPE) as session:
            return list(session.exec(select(WorkerBeat.at)))

    def figures(self) -> Iterable[Figure]:
        """What waits and whether the hub can work; that the database is away is a figure too."""
        try:
            figures = [*self._backlog.figures(self._clock.now()), *self._states()]
        except Unavailable:
            return [_is_up(0)]
        return [_is_up(1), *figures]

    def _states(self) -> Iterable[Figure]:
        told = self.readiness()
        yield Figure(
            name="hub_held",
            about="1 while this database is a restored copy that sends nothing.",
            value=float(told.held is not None),
        )
        yield Figure(
            name="hub_workers", about="Workers that are alive, of all.", value=float(told.workers)
        )
        yield Figure(
            name="hub_schema_is_current",
            about="1 while the database has the schema that this version needs.",
            value=float(told.is_migrated),
        )


def _is_up(value: float) -> Figure:
    return Figure(name="hub_database_up", about="1 while the database answers.", value=value)
