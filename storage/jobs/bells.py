"""Lets an idle queue wait until something changed, at the price of a look that costs nothing.

DBOS asks a queue with several statements at every interval; nine of ten times of an idle hub's CPU
went there. Its own loop runs here unchanged, in threads that wait on a `Bell`: at every interval
it only asks whether a workflow may wait in this queue, and lets the loop go on then. Now and then
it goes on anyway, so that a sign that was missed costs some seconds and nothing else.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Protocol

import psycopg
import structlog
from dbos import DBOS
from dbos._queue import queue_worker_thread
from sqlalchemy import Connection

from storage.engines import database_url

log = structlog.get_logger()

# The longest that a queue is not asked, in *seconds*.
LONGEST = 10.0
_CHANNEL = "hub_jobs"
_WAITS = "SELECT DISTINCT queue_name FROM {} WHERE status = 'ENQUEUED'"
_ON_SQLITE, _ON_POSTGRES = _WAITS.format("workflow_status"), _WAITS.format("dbos.workflow_status")
# How soon a broken connection is tried again, and how soon the end is noticed; in *seconds*.
_AGAIN, _LOOK = 0.5, 0.5


class Signs(Protocol):
    """What tells that a queue may hold something new."""

    def count(self, queue: str) -> int:
        """Another number than before when something may wait in it since; any thread may ask."""
        ...

    def start(self) -> None: ...

    def close(self) -> None: ...


def signs_for(url: str) -> Signs:
    """Signs of everybody who works on this database, in this process and in others."""
    parsed = database_url(url)
    if parsed.get_backend_name() == "sqlite":
        return FileSigns(str(parsed.database))
    plain = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
    return NotifiedSigns(plain)


def announce(connection: Connection) -> None:
    """Once this transaction is committed, queues are asked; SQLite's file tells by itself."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"NOTIFY {_CHANNEL}")


class FileSigns:
    """Commits after which some workflow waits: SQLite tells each connection of others' commits."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._asking = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._version = -1
        self._counts: Counter[str] = Counter()

    def start(self) -> None:
        self._connection = sqlite3.connect(self._path, check_same_thread=False)

    def count(self, queue: str) -> int:
        with self._asking:
            if self._connection is not None:
                version = self._connection.execute("PRAGMA data_version").fetchone()[0]
                if version != self._version:
                    self._version = version
                    self._counts.update(name for (name,) in self._connection.execute(_ON_SQLITE))
            return self._counts[queue]

    def close(self) -> None:
        with self._asking:
            if self._connection is not None:
                self._connection.close()
                self._connection = None


class NotifiedSigns:
    """Looks which queues hold something when `announce` says so, and by itself now and then.

    That is for what was delayed, and for what another process has made room for.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._counts: Counter[str] = Counter()
        self._breaks = 0
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="job-signs", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def count(self, queue: str) -> int:
        return self._breaks + self._counts[queue]

    def close(self) -> None:
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def _listen(self) -> None:
        while not self._closing.is_set():
            try:
                with psycopg.connect(self._url, autocommit=True, connect_timeout=5) as connection:
                    connection.execute(f"LISTEN {_CHANNEL}".encode())
                    self._breaks += 1
                    self._receive(connection)
            except psycopg.OperationalError as error:
                log.warning("job_signs_lost", error=type(error).__name__)
                self._closing.wait(_AGAIN)

    def _receive(self, connection: psycopg.Connection[tuple[object]]) -> None:
        while not self._closing.is_set():
            for _ in connection.notifies(timeout=_LOOK, stop_after=1):
                pass
            waiting = connection.execute(_ON_POSTGRES.encode()).fetchall()
            self._counts.update(str(name) for (name,) in waiting)


class Bell(threading.Event):
    """Set to end a queue's loop; its `wait` also ends, with False, when it is time to ask."""

    def __init__(
        self, signs: Signs, queue: str, running: Callable[[], int], longest: float = LONGEST
    ) -> None:
        """`running`: how many workflows of the queue run in this process."""
        super().__init__()
        self._longest = longest
        self._signs = signs
        self._queue = queue
        self._running = running
        self._seen: object = None

    def wait(self, timeout: float | None = None) -> bool:
        latest = time.monotonic() + self._longest
        while not super().wait(timeout):
            # A workflow that ended has made room for one that waits.
            now = self._signs.count(self._queue), self._running()
            if now != self._seen or time.monotonic() >= latest:
                self._seen = now
                return False
        return True


def work_queues(dbos: DBOS, signs: Signs, names: set[str]) -> None:
    """DBOS's own loop for each queue, with a bell; they end when DBOS ends its threads.

    DBOS was told to listen to none of them.
    """
    for name in sorted(names):
        queue = dbos._sys_db.get_queue(name)
        assert queue is not None, f"the queue {name} was not registered"  # noqa: S101
        bell = Bell(signs, name, partial(dbos._active_workflows_set.count_for_queue, name))
        thread = threading.Thread(
            target=queue_worker_thread, args=(bell, dbos, queue), name=f"queue-{name}", daemon=True
        )
        dbos.background_thread_stop_events.append(bell)
        dbos._background_threads.append(thread)
        thread.start()
