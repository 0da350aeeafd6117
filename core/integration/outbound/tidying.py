"""Takes deliveries out of the log that are over for long enough, with their attempts and sums."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col, select

from core.clock import Clock
from core.integration.outbound.entities import (
    Delivery,
    DeliveryAttempt,
    WebhookEndpoint,
    WebhookHour,
)
from core.integration.outbound.permitted import may_hear
from core.integration.outbound.states import CLOSED
from core.ports import Database, Everything, Jobs

JOB = "webhooks_tidy"
_EVERY = timedelta(hours=1)
_ALL = Everything("webhooks: old deliveries of every partner")
# Rows of one transaction: some ten milliseconds of SQLite's only writer.
_AT_ONCE = 500
_ROUNDS = 200
_WITHHELD = select(WebhookEndpoint.id).where(~may_hear(col(WebhookEndpoint.channel_id)))
_SUMS_KEPT = timedelta(days=35)  # the chart shows thirty


class Tidying:
    """Registers itself as the scheduled job `webhooks_tidy`."""

    def __init__(self, database: Database, clock: Clock, jobs: Jobs, kept: timedelta) -> None:
        self._database = database
        self._clock = clock
        self._kept = kept
        jobs.schedule(JOB, _EVERY, self.tidy)

    def tidy(self) -> int:
        """How many deliveries are gone; those that still wait stay, however old.

        But for what customers wrote to a number whose client has withdrawn the permission: that is
        not kept in hope of it.
        """
        now, gone = self._clock.now(), 0
        for _ in range(_ROUNDS):
            with self._database.transaction(_ALL) as session:
                some = _forget(session, now - self._kept)
            gone += some
            if some < _AT_ONCE:
                break
        with self._database.transaction(_ALL) as session:
            session.execute(delete(WebhookHour).where(col(WebhookHour.hour) < now - _SUMS_KEPT))
        return gone


def _forget(session: Session, before: datetime) -> int:
    old = (
        select(Delivery.id)
        .where(
            col(Delivery.created_at) < before,
            col(Delivery.state).in_([state.value for state in CLOSED])
            | col(Delivery.endpoint_id).in_(_WITHHELD),
        )
        .order_by(col(Delivery.created_at))
        .limit(_AT_ONCE)
    )
    ids = list(session.exec(old))
    if ids:
        session.execute(delete(DeliveryAttempt).where(col(DeliveryAttempt.delivery_id).in_(ids)))
        session.execute(delete(Delivery).where(col(Delivery.id).in_(ids)))
    return len(ids)
