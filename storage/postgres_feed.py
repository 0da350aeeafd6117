"""The change feed between processes: PostgreSQL's LISTEN and NOTIFY on connections of their own.

Notices go out after the commit that they tell of. A process whose connection broke tells its
subscribers so when it is back (`RECONNECTED`): what came meanwhile is lost, so pages reload once.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import structlog

from core.ports import Notice
from storage.changes import LocalFeed, Receiver
from storage.engines import database_url

log = structlog.get_logger()

CHANNEL = "hub_changes"
# PostgreSQL takes at most 7,999 bytes in one NOTIFY.
PAYLOAD = 7900
# For every partner: something may have been missed.
RECONNECTED = Notice(partner_id="", type="feed_reconnected", subject_type="feed", subject_id="")
# How soon a broken connection is tried again, and how soon `close` is noticed; in *seconds*.
_AGAIN, _LOOK = 0.5, 0.5


@contextmanager
def feed_for(url: str) -> Iterator[LocalFeed | PostgresFeed]:
    """SQLite is for one process; on PostgreSQL every process hears of every change."""
    if url.startswith("sqlite"):
        yield LocalFeed()
        return
    feed = PostgresFeed(url)
    try:
        yield feed
    finally:
        feed.close()


class PostgresFeed:
    """`core.ports.ChangeFeed`; listens from the first `subscribe` on."""

    def __init__(self, url: str) -> None:
        plain = database_url(url).set(drivername="postgresql")
        self._url = plain.render_as_string(hide_password=False)
        self._local = LocalFeed()
        self._sending = threading.Lock()
        self._sender: psycopg.Connection[tuple[object]] | None = None
        self._closing = threading.Event()
        self._listening = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def publish(self, notices: list[Notice]) -> None:
        """Tell every process, this one included; never raises, for the change is committed."""
        with self._sending:
            for payload in payloads(notices):
                if not (self._notify(payload) or self._notify(payload)):
                    log.warning("changes_not_told", notices=len(notices))
                    return

    def subscribe(self, receive: Receiver) -> Callable[[], None]:
        """Notices of transactions committed after this returned are received."""
        unsubscribe = self._local.subscribe(receive)
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._listen, name="feed", daemon=True)
                self._thread.start()
        self._listening.wait(timeout=5)
        return unsubscribe

    def close(self) -> None:
        self._closing.set()
        if self._thread is not None:
            self._thread.join(timeout=10)
        with self._sending:
            self._drop_sender()

    def _notify(self, payload: str) -> bool:
        try:
            if self._sender is None:
                self._sender = psycopg.connect(self._url, autocommit=True, connect_timeout=5)
            self._sender.execute("SELECT pg_notify(%s, %s)", (CHANNEL, payload))
        except psycopg.OperationalError:
            # A pooled connection that the server closed: the second try has a new one.
            self._drop_sender()
            return False
        return True

    def _drop_sender(self) -> None:
        if self._sender is not None:
            self._sender.close()
            self._sender = None

    def _listen(self) -> None:
        first = True
        while not self._closing.is_set():
            try:
                with psycopg.connect(self._url, autocommit=True, connect_timeout=5) as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    self._listening.set()
                    if not first:
                        self._local.publish([RECONNECTED])
                    first = False
                    self._receive(connection)
            except psycopg.OperationalError as error:
                log.warning("feed_lost", error=type(error).__name__)
                self._closing.wait(_AGAIN)

    def _receive(self, connection: psycopg.Connection[tuple[object]]) -> None:
        while not self._closing.is_set():
            for note in connection.notifies(timeout=_LOOK):
                self._local.publish([Notice(*fields) for fields in json.loads(note.payload)])
                if self._closing.is_set():
                    return


def payloads(notices: list[Notice]) -> Iterator[str]:
    """The notices as texts that one NOTIFY takes each; their order stays."""
    batch: list[str] = []
    size = 0
    for notice in notices:
        fields = [notice.partner_id, notice.type, notice.subject_type, notice.subject_id]
        entry = json.dumps(fields)
        if batch and size + len(entry) + 2 > PAYLOAD:
            yield f"[{','.join(batch)}]"
            batch, size = [], 0
        batch.append(entry)
        size += len(entry) + 1
    if batch:
        yield f"[{','.join(batch)}]"
