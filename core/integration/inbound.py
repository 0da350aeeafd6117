"""Works off Meta's webhooks that the intake has stored.

The stored body is the queue: it is open until a worker has applied all of it in one transaction.
A body that names accounts the hub does not know yet stays open and is tried again for as long as
Meta itself would repeat it.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from core.accounts.apply_updates import apply_updates
from core.accounts.meta_updates import updates_in
from core.accounts.readings import Readings
from core.accounts.update import TargetKind, Update
from core.billing.metering import Metering
from core.clock import Clock
from core.errors import HubError
from core.events import EventType
from core.integration.entities import InboundWebhook
from core.onboarding.room import PARTNER_ADDED_JOB
from core.ports import Database, Everything, Jobs

log = structlog.get_logger()

_ALL = Everything("inbound webhooks name Meta's ids, not partners")
_BATCH = 50
_BATCH_BYTES = 512 * 1024  # of bodies, about a thousand statuses
# Meta repeats an unanswered webhook for up to seven days; so long may an account take to appear.
_PATIENCE = timedelta(days=7)
_BACK_OFF = [timedelta(seconds=s) for s in (2, 5, 15, 60, 300, 1800, 3600)]


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
    ) -> None:
        """Without `metering` messages are charged to nobody."""
        self._database = database
        self._clock = clock
        self._jobs = jobs
        self._readings = readings
        self._metering = metering
        self._most = _BATCH

    def work_off(self, *, is_told: bool = False) -> int:
        """Apply what is due; returns how many bodies were looked at.

        `is_told`: something was stored a moment ago, so there is no need to look first.
        One transaction for a batch; when that fails each body gets its own, so that one that
        cannot be applied holds up nobody and keeps its error.
        """
        if not is_told and not self._is_anything_due():
            return 0
        try:
            with self._database.transaction(_ALL) as session:
                due = list(session.exec(self._due().with_for_update(skip_locked=True)))
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
            some = select(InboundWebhook.id).where(*self._is_due()).limit(1)
            return session.exec(some).first() is not None

    def _one_by_one(self) -> int:
        with self._database.reading(_ALL) as session:
            ids = [webhook.id for webhook in session.exec(self._due())]
        for webhook_id in ids:
            try:
                with self._database.transaction(_ALL) as session:
                    webhook = session.get(InboundWebhook, webhook_id)
                    if webhook is not None and webhook.processed_at is None:
                        self._apply_all(session, [webhook])
            except HubError:
                raise
            except Exception as error:
                log.exception("inbound_failed", webhook_id=webhook_id)
                self._postpone_failed(webhook_id, error)
        return len(ids)

    def _due(self) -> SelectOfScalar[InboundWebhook]:
        return (
            select(InboundWebhook)
            .where(*self._is_due())
            .order_by(col(InboundWebhook.next_try_at), col(InboundWebhook.id))
            .limit(self._most)
        )

    def _is_due(self) -> tuple[ColumnElement[bool], ...]:
        now = self._clock.now()
        return col(InboundWebhook.processed_at).is_(None), col(InboundWebhook.next_try_at) <= now

    def _apply_all(self, session: Session, webhooks: list[InboundWebhook]) -> None:
        bodies = [parsed(webhook.body) for webhook in webhooks]
        waiting = [
            self._apply(session, webhook, body)
            for webhook, body in zip(webhooks, bodies, strict=True)
        ]
        # Money comes last: a hot partner's balance is locked from there to the commit.
        unmetered = self._metering.take(session, bodies) if self._metering else [0] * len(bodies)
        for webhook, unknown, messages in zip(webhooks, waiting, unmetered, strict=True):
            self._close(webhook, unknown + messages)
        # A body may tell of a thousand messages: then fewer of them, and the lock is held shortly.
        size = sum(len(webhook.body) for webhook in webhooks)
        self._most = min(_BATCH, max(1, len(webhooks) * _BATCH_BYTES // max(1, size)))

    def _apply(self, session: Session, webhook: InboundWebhook, body: dict[str, Any]) -> int:
        """How many updates wait for an account that is not known yet."""
        updates = list(updates_in(body))
        applied = apply_updates(session, self._clock, updates)
        for waba_id in sorted(applied.reread):
            self._readings.request(session, waba_id)
        for update in updates:
            if update.event is EventType.PARTNER_ADDED and webhook.tries == 0:
                self._tell_onboarding(session, webhook, update)
        # A WABA that was only just shared belongs to an onboarding; that one is not waited for.
        return sum(u.event is not EventType.PARTNER_ADDED for u in applied.unknown)

    def _close(self, webhook: InboundWebhook, waiting: int) -> None:
        now = self._clock.now()
        webhook.waiting = waiting
        webhook.tries += 1
        if waiting == 0:
            webhook.processed_at, webhook.error = now, ""
        elif now - webhook.received_at > _PATIENCE:
            webhook.processed_at, webhook.error = now, "unknown account"
        else:
            webhook.next_try_at = now + _back_off(webhook.tries)

    def _postpone_failed(self, webhook_id: int | None, error: Exception) -> None:
        with self._database.transaction(_ALL) as session:
            webhook = session.get(InboundWebhook, webhook_id)
            if webhook is not None:
                webhook.tries += 1
                webhook.error = f"{type(error).__name__}: {error}"[:2000]
                webhook.next_try_at = self._clock.now() + _back_off(webhook.tries)

    def _tell_onboarding(self, session: Session, webhook: InboundWebhook, update: Update) -> None:
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
    value = json.loads(body)
    return value if isinstance(value, dict) else {}


def _back_off(tries: int) -> timedelta:
    return _BACK_OFF[min(tries, len(_BACK_OFF)) - 1]
