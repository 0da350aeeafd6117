"""Works off Meta's webhooks that the intake has stored.

The stored body is the queue: it is open until a worker has applied all of it in one transaction.
A body that names accounts the hub does not know yet stays open and is tried again for as long as
Meta itself would repeat it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
import structlog
from sqlalchemy import bindparam, select, update
from sqlmodel import Session, col

from core.accounts.apply_updates import apply_updates
from core.accounts.meta_updates import updates_in
from core.accounts.readings import Readings
from core.accounts.update import TargetKind, Update
from core.billing.metering import Metering
from core.clock import Clock
from core.errors import HubError
from core.events import EventType
from core.integration.entities import InboundWebhook
from core.integration.outbound.forwarding import Forwarding
from core.onboarding.room import PARTNER_ADDED_JOB
from core.partners.solution import FIELD, take_told
from core.ports import Database, Everything, Jobs

log = structlog.get_logger()

_ALL = Everything("inbound webhooks name Meta's ids, not partners")
_BATCH = 50
_BATCH_BYTES = 1024 * 1024  # of bodies, about four thousand statuses
# Meta repeats an unanswered webhook for up to seven days; so long may an account take to appear.
_PATIENCE = timedelta(days=7)
_BACK_OFF = [timedelta(seconds=s) for s in (2, 5, 15, 60, 300, 1800, 3600)]

_Table: Any = InboundWebhook.__table__  # type: ignore[attr-defined]
_IS_DUE = (
    col(InboundWebhook.processed_at).is_(None),
    col(InboundWebhook.next_try_at) <= bindparam("now", type_=_Table.c.next_try_at.type),
)
_COLUMNS = [
    _Table.c[name] for name in ("id", "body_hash", "body", "received_at", "waiting", "tries")
]
_DUE = (
    select(*_COLUMNS)
    .where(*_IS_DUE)
    .order_by(_Table.c.next_try_at, _Table.c.id)
    .limit(bindparam("most"))
)
_TAKEN = _DUE.with_for_update(skip_locked=True)
_ANY = select(_Table.c.id).where(*_IS_DUE).limit(1)
_ONE = select(*_COLUMNS).where(_Table.c.id == bindparam("id"), _Table.c.processed_at.is_(None))
_CLOSE = update(_Table).where(_Table.c.id == bindparam("of"))
_SOLUTIONS = FIELD.encode()


@dataclass(frozen=True, slots=True)
class _Open:
    """A body to apply; plain values, for the queue is the busiest of all tables."""

    id: int
    body_hash: str
    body: bytes
    received_at: datetime
    waiting: int
    tries: int


class Inbound:
    """Called by worker threads; several may work at once on PostgreSQL."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        jobs: Jobs,
        readings: Readings,
        *,
        metering: Metering | None = None,
        forwarding: Forwarding | None = None,
    ) -> None:
        """Without `metering` messages are charged to nobody, without `forwarding` kept here."""
        self._database = database
        self._clock = clock
        self._jobs = jobs
        self._readings = readings
        self._metering = metering
        self._forwarding = forwarding
        self._most = _BATCH

    @property
    def most(self) -> int:
        """Bodies in the next batch; when fewer were due, no more are waiting."""
        return self._most

    def work_off(self, *, is_told: bool = False) -> int:
        """Apply what is due; returns how many bodies were looked at.

        `is_told`: something was stored a moment ago, so there is no need to look first.
        One transaction for a batch; when that fails each body gets its own, so that one that
        cannot be applied holds up nobody and keeps its error.
        """
        if not is_told and not self._is_anything_due():
            return 0
        try:
            # The stored body is on the disk: what a power cut undoes is applied again.
            with self._database.transaction(_ALL, waits_for_disk=False) as session:
                asked = {"now": self._clock.now(), "most": self._most}
                due = [_Open(*row) for row in session.execute(_TAKEN, asked)]
                self._apply_all(session, due)
                return len(due)
        except HubError:
            raise
        except Exception:
            log.exception("inbound_batch_failed")
            return self._one_by_one()

    def _is_anything_due(self) -> bool:
        """Asked several times a second, so without a write lock."""
        with self._database.reading(_ALL) as session:
            return session.execute(_ANY, {"now": self._clock.now()}).first() is not None

    def _one_by_one(self) -> int:
        with self._database.reading(_ALL) as session:
            asked = {"now": self._clock.now(), "most": self._most}
            ids = [int(row.id) for row in session.execute(_DUE, asked)]
        for webhook_id in ids:
            try:
                with self._database.transaction(_ALL) as session:
                    webhook = session.execute(_ONE, {"id": webhook_id}).first()
                    if webhook is not None:
                        self._apply_all(session, [_Open(*webhook)])
            except HubError:
                raise
            except Exception as error:
                log.exception("inbound_failed", webhook_id=webhook_id)
                self._postpone_failed(webhook_id, error)
        return len(ids)

    def _apply_all(self, session: Session, webhooks: list[_Open]) -> None:
        if not webhooks:
            return
        bodies = [parsed(webhook.body) for webhook in webhooks]
        for webhook, body in zip(webhooks, bodies, strict=True):
            if _SOLUTIONS in webhook.body:  # rare, and seldom looked for in vain
                take_told(session, self._clock, body)
        waiting = [
            self._apply(session, webhook, body)
            for webhook, body in zip(webhooks, bodies, strict=True)
        ]
        if self._forwarding is not None:
            # What still waits for an account was passed on when it was applied for the first time.
            new = [each for each in zip(webhooks, bodies, strict=True) if not each[0].waiting]
            self._forwarding.take(session, [(webhook.body, body) for webhook, body in new])
        # Money comes last: a hot partner's balance is locked from there to the commit.
        unmetered = self._metering.take(session, bodies) if self._metering else [0] * len(bodies)
        closed = [
            self._closed(webhook, unknown + messages)
            for webhook, unknown, messages in zip(webhooks, waiting, unmetered, strict=True)
        ]
        session.execute(_CLOSE, closed)
        # A body may tell of a thousand messages: then fewer of them, and the lock is held shortly.
        size = sum(len(webhook.body) for webhook in webhooks)
        self._most = min(_BATCH, max(1, len(webhooks) * _BATCH_BYTES // size))

    def _apply(self, session: Session, webhook: _Open, body: dict[str, Any]) -> int:
        """How many updates wait for an account that is not known yet."""
        updates = list(updates_in(body))
        applied = apply_updates(session, self._clock, updates)
        for waba_id in sorted(applied.reread):
            self._readings.request(session, waba_id)
        for told in updates:
            if told.event is EventType.PARTNER_ADDED and webhook.tries == 0:
                self._tell_onboarding(session, webhook, told)
        # A WABA that was only just shared belongs to an onboarding; that one is not waited for.
        return sum(u.event is not EventType.PARTNER_ADDED for u in applied.unknown)

    def _closed(self, webhook: _Open, waiting: int) -> dict[str, Any]:
        """The queue's mark: done, given up or to be tried again."""
        now, tries = self._clock.now(), webhook.tries + 1
        mark = {"of": webhook.id, "waiting": waiting, "tries": tries, "next_try_at": now}
        if waiting == 0:
            return mark | {"processed_at": now, "error": ""}
        if now - webhook.received_at > _PATIENCE:
            return mark | {"processed_at": now, "error": "unknown account"}
        return mark | {"processed_at": None, "error": "", "next_try_at": now + _back_off(tries)}

    def _postpone_failed(self, webhook_id: int, error: Exception) -> None:
        with self._database.transaction(_ALL) as session:
            webhook = session.get(InboundWebhook, webhook_id)
            if webhook is not None:
                webhook.tries += 1
                webhook.error = f"{type(error).__name__}: {error}"[:2000]
                webhook.next_try_at = self._clock.now() + _back_off(webhook.tries)

    def _tell_onboarding(self, session: Session, webhook: _Open, update: Update) -> None:
        """A client shared a WABA; an onboarding that lost the browser's message waits for this."""
        if update.target.kind is not TargetKind.WABA:
            return
        info: dict[str, Any] = update.detail.get("waba_info") or {}
        self._jobs.enqueue(
            session,
            PARTNER_ADDED_JOB,
            update.target.id,
            str(info.get("owner_business_id") or ""),
            str(info.get("solution_id") or ""),
            update.at,
            key=f"{PARTNER_ADDED_JOB}:{webhook.body_hash}:{update.target.id}",
        )


def parsed(body: bytes) -> dict[str, Any]:
    """The body as an object; what is not one was refused by the intake, so it is empty here."""
    value = orjson.loads(body)
    return value if isinstance(value, dict) else {}


def _back_off(tries: int) -> timedelta:
    return _BACK_OFF[min(tries, len(_BACK_OFF)) - 1]
