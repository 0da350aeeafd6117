"""Which process drains which webhook endpoint: locks that die with their process.

SQLite has one writer and so one drain for all endpoints; on PostgreSQL workers share them.
"""

from __future__ import annotations

from zlib import crc32

from storage.engines import database_url
from storage.jobs.slots import AdvisorySlots, Slots, slots_for

# Beside the slots of workers, which count from one; and a class of locks of their own.
_SQLITE_LOCK = 1000
_CLASS = 0x48554222


class SqlDrainLocks:
    """`core.integration.outbound.ports.DrainLocks`."""

    def __init__(self, url: str) -> None:
        parsed = database_url(url)
        self._is_sqlite = parsed.get_backend_name() == "sqlite"
        plain = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
        self._slots: Slots = (
            slots_for(url) if self._is_sqlite else AdvisorySlots(plain, group=_CLASS)
        )

    def take(self, endpoint_id: str) -> bool:
        """Two endpoints may share a lock: then one process drains both, or neither."""
        return self._slots.take(self._number(endpoint_id))

    def give_back(self, endpoint_id: str) -> None:
        """On SQLite the lock of all of them is kept to the end."""
        if not self._is_sqlite:
            self._slots.give_back(self._number(endpoint_id))

    def close(self) -> None:
        self._slots.close()

    def _number(self, endpoint_id: str) -> int:
        return _SQLITE_LOCK if self._is_sqlite else crc32(endpoint_id.encode()) >> 1
