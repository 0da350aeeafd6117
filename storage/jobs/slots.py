"""Locks that die with their process: worker slots, and the one that runs the schedule.

SQLite has one machine, so a file lock does; on PostgreSQL it is an advisory lock on a connection of
its own. Both are gone the moment the process is, also by SIGKILL.
"""

from __future__ import annotations

import fcntl
import os
import threading
from pathlib import Path
from typing import Protocol

import psycopg
import structlog

from storage.engines import database_url

log = structlog.get_logger()

# The first key of our advisory locks, so that they never meet somebody else's.
_CLASS = 0x48554221


class Slots(Protocol):
    """Numbered locks of which each is held by at most one process."""

    def take(self, number: int) -> bool:
        """Whether this process holds the lock now; never waits."""
        ...

    def give_back(self, number: int) -> None: ...

    def close(self) -> None:
        """All locks are given back."""
        ...


def slots_for(url: str) -> Slots:
    """The locks of everybody who works on this database."""
    parsed = database_url(url)
    if parsed.get_backend_name() == "sqlite":
        return FileSlots(Path(f"{parsed.database}.slots"))
    plain = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
    return AdvisorySlots(plain)


class FileSlots:
    """One locked file per number, in a folder beside the database."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._held: dict[int, int] = {}
        self._one_at_a_time = threading.RLock()

    def take(self, number: int) -> bool:
        with self._one_at_a_time:
            return number in self._held or self._lock(number)

    def _lock(self, number: int) -> bool:
        file = os.open(self._folder / str(number), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self._held[number] = file
        return True

    def give_back(self, number: int) -> None:
        if (file := self._held.pop(number, None)) is not None:
            os.close(file)

    def close(self) -> None:
        for number in list(self._held):
            self.give_back(number)


class AdvisorySlots:
    """PostgreSQL's session locks; a broken connection has lost them all and takes them again."""

    def __init__(self, url: str, *, group: int = _CLASS) -> None:
        """`group`: locks of another one never meet these."""
        self._url = url
        self._group = group
        self._connection: psycopg.Connection[tuple[bool]] | None = None
        self._held: set[int] = set()
        self._one_at_a_time = threading.RLock()

    def take(self, number: int) -> bool:
        with self._one_at_a_time:
            return self._lock(number)

    def _lock(self, number: int) -> bool:
        try:
            if number in self._held:
                self._alive().execute("SELECT true")  # still held if who holds it still answers
                return True
            answer = self._alive().execute(
                "SELECT pg_try_advisory_lock(%s, %s)", (self._group, number)
            )
            row = answer.fetchone()
        except psycopg.OperationalError:
            self._lost()
            return False
        if row is None or not row[0]:
            return False
        self._held.add(number)
        return True

    def give_back(self, number: int) -> None:
        with self._one_at_a_time:
            if number not in self._held:
                return
            self._held.discard(number)
            try:
                self._alive().execute("SELECT pg_advisory_unlock(%s, %s)", (self._group, number))
            except psycopg.OperationalError:
                self._lost()  # and with the connection the lock

    def close(self) -> None:
        self._held.clear()
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _alive(self) -> psycopg.Connection[tuple[bool]]:
        if self._connection is None:
            self._connection = psycopg.connect(
                self._url, autocommit=True, connect_timeout=5, keepalives_idle=10
            )
        return self._connection

    def _lost(self) -> None:
        if self._held:
            log.warning("slots_lost", slots=sorted(self._held))
        self.close()
