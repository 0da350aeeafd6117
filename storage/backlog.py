"""What waits in the database, counted for operators; `core.operations.figures.Backlog`.

Each statement reads an index of what is open, so a scrape costs the same whatever has been done;
only the payments are counted as often as there are some.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.pool import QueuePool
from sqlmodel import Session

from core.billing.payments.states import OPEN, PaymentStatus
from core.operations.figures import Figure
from core.ports import Everything
from storage.database import SqlDatabase
from storage.engines import is_sqlite
from storage.migrate import alembic_config
from storage.tenancy import bare_connection, vetted

_SCOPE = Everything("operations: what waits")
_COUNTED = ("ENQUEUED", "DELAYED", "PENDING", "ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
_JOB_WORDS = {"ENQUEUED": "waiting", "DELAYED": "delayed", "PENDING": "running"}
_FAILED = "failed"


# Each answers (how many, the oldest's time).
_WAITING = {
    "inbound_meta": "SELECT count(*), min(received_at) FROM inbound_webhook"
    " WHERE processed_at IS NULL",
    "inbound_payments": "SELECT count(*), min(received_at) FROM provider_webhook"
    " WHERE processed_at IS NULL",
    "outbox": "SELECT count(*), min(event.at) FROM webhook_outbox"
    " JOIN event ON event.id = webhook_outbox.event_id",
    "deliveries": "SELECT count(*), min(created_at) FROM webhook_delivery"
    " WHERE state IN ('waiting', 'retrying')",
    "unrated_messages": "SELECT count(*), min(parked_at) FROM parked_message",
    "open_payments": "SELECT count(*), min(created_at) FROM payment"  # noqa: S608
    f" WHERE status IN ({', '.join(repr(status.value) for status in sorted(OPEN))})",
}
_PAYMENTS = "SELECT status, count(*) FROM payment GROUP BY status"


class SqlBacklog:
    """Never on the event loop."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database
        script = ScriptDirectory.from_config(alembic_config())
        self._needed = script.get_current_head() or ""

    def figures(self, now: datetime) -> Iterable[Figure]:
        with self._database.reading(_SCOPE) as session:
            return [*_jobs(session, now), *_waiting(session, now), *_payments(session)]

    def connections(self) -> Iterable[Figure]:
        database = self._database
        pools = {"write": database.writer.pool}
        if database.reader is not database.writer:
            pools["read"] = database.reader.pool
        for name, pool in pools.items():
            assert isinstance(pool, QueuePool)  # noqa: S101  `storage.engines` makes no other
            yield _connections(name, "used", pool.checkedout())
            yield _connections(name, "most", pool.size())
        for reason, count in database.refusals.items():
            yield Figure(
                name="hub_database_refusals",
                about="Transactions that the database did not take: busy pool, or it was away.",
                value=float(count),
                labels={"reason": reason},
                only_grows=True,
            )

    def revisions(self) -> tuple[str, str]:
        with self._database.reading(_SCOPE) as session:
            context = MigrationContext.configure(bare_connection(session))
            return context.get_current_revision() or "", self._needed


def _connections(pool: str, state: str, value: int) -> Figure:
    return Figure(
        name="hub_database_connections",
        about="Connections of this process to the database.",
        value=float(value),
        labels={"pool": pool, "state": state},
    )


def _jobs(session: Session, now: datetime) -> Iterator[Figure]:
    table = "workflow_status" if is_sqlite(_engine(session)) else "dbos.workflow_status"
    question = (
        f"SELECT status, count(*), min(created_at) FROM {table}"  # noqa: S608
        f" WHERE status IN ({', '.join(repr(status) for status in _COUNTED)}) GROUP BY status"
    )
    found = dict.fromkeys((*_JOB_WORDS.values(), _FAILED), 0)
    oldest = 0.0
    for status, count, since in _rows(session, question):
        found[_JOB_WORDS.get(status, _FAILED)] += count
        if status == "ENQUEUED":
            oldest = max(0.0, now.timestamp() - since / 1000)
    for state, count in found.items():
        yield Figure(
            name="hub_jobs",
            about="Durable jobs; failed ones are kept for thirty days.",
            value=float(count),
            labels={"state": state},
        )
    yield Figure(
        name="hub_jobs_oldest_seconds", about="Age of the oldest job that waits.", value=oldest
    )


def _waiting(session: Session, now: datetime) -> Iterator[Figure]:
    for what, question in _WAITING.items():
        ((count, since),) = _rows(session, question)
        yield Figure(
            name="hub_waiting",
            about="Rows that somebody still has to deal with.",
            value=float(count),
            labels={"what": what},
        )
        yield Figure(
            name="hub_waiting_oldest_seconds",
            about="Age of the oldest of them.",
            value=max(0.0, (now - _time(since)).total_seconds()) if since else 0.0,
            labels={"what": what},
        )


def _payments(session: Session) -> Iterator[Figure]:
    found = dict.fromkeys((status.value for status in PaymentStatus), 0)
    found.update((str(status), count) for status, count in _rows(session, _PAYMENTS))
    for status, count in found.items():
        yield Figure(
            name="hub_payments",
            about="Payments ever made, by how they stand.",
            value=float(count),
            labels={"status": status},
        )


def _rows(session: Session, question: str) -> list[Any]:
    return list(session.execute(vetted(text(question))))


def _engine(session: Session) -> Any:
    return bare_connection(session).engine


def _time(value: Any) -> datetime:
    """SQLite answers text for what is no column."""
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return found if found.tzinfo else found.replace(tzinfo=UTC)
