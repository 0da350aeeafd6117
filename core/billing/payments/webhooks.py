"""What the provider tells: verified, stored, answered; acted on by durable work afterwards.

A webhook is a hint to look: late, doubled and disordered ones end in the state that the provider
has now. Only disputes are believed as told.
"""

from __future__ import annotations

import structlog
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from core.billing.payments.card_pages import CardPages
from core.billing.payments.cards import Cards
from core.billing.payments.charging import Charging
from core.billing.payments.disputing import Disputing
from core.billing.payments.entities import (
    Card,
    CardPageVisit,
    Payment,
    ProviderWebhook,
)
from core.billing.payments.port import ProviderEventType
from core.billing.payments.refunds_seen import RefundsSeen
from core.billing.payments.room import BY_PROVIDER, WEBHOOK_JOB, Room
from core.errors import NotFound
from core.ports import Steps

log = structlog.get_logger()

_CHARGES = {
    ProviderEventType.CHARGE_SUCCEEDED,
    ProviderEventType.CHARGE_FAILED,
    ProviderEventType.CHARGE_ACTION,
    ProviderEventType.CHARGE_PROCESSING,
    ProviderEventType.CHARGE_CANCELLED,
}


_REFUNDS = {
    ProviderEventType.REFUNDED,
    ProviderEventType.REFUND_CREATED,
    ProviderEventType.REFUND_UPDATED,
    ProviderEventType.REFUND_FAILED,
    ProviderEventType.CHARGE_REFUND_UPDATED,
}


class Webhooks:
    """`take` for the route, `work` for the job."""

    def __init__(  # one part per kind of news
        self,
        room: Room,
        *,
        cards: Cards,
        pages: CardPages,
        charging: Charging,
        refunds: RefundsSeen,
        disputing: Disputing,
    ) -> None:
        self._room = room
        self._cards = cards
        self._pages = pages
        self._charging = charging
        self._refunds = refunds
        self._disputing = disputing

    def take(self, body: bytes, signature: str) -> bool:
        """The event is on disk and will be worked on; False: it was known already.

        Raises BadSignature, and Unavailable when it could not be stored.
        """
        event = self._room.provider.read_event(body, signature)
        with self._room.database.transaction(BY_PROVIDER) as session:
            webhook = ProviderWebhook(
                id=event.id,
                type=event.type[:64],
                object_id=event.object_id[:255],
                reference=event.reference[:255],
                facts=event.facts,
                body=body,
                received_at=self._room.now(),
            )
            try:
                with session.begin_nested():
                    session.add(webhook)
            except IntegrityError:
                return False
            key = f"{WEBHOOK_JOB}:{event.id}"
            self._room.jobs.enqueue(session, WEBHOOK_JOB, event.id, key=key)
            return True

    def work(self, steps: Steps, event_id: str) -> None:
        """Durable work: what the event is about is looked at."""
        steps.run("process", self.process, event_id)

    def process(self, event_id: str) -> None:
        """Repeatable; raises Unavailable when the provider could not be asked."""
        with self._room.database.reading(BY_PROVIDER) as session:
            webhook = session.get(ProviderWebhook, event_id)
        if webhook is None or webhook.processed_at is not None:
            return
        self._act(webhook)
        with self._room.database.transaction(BY_PROVIDER) as session:
            session.get_one(ProviderWebhook, event_id).processed_at = self._room.now()

    def _act(self, webhook: ProviderWebhook) -> None:
        kind, facts = webhook.type, webhook.facts
        if kind in (ProviderEventType.CARD_ADDED, ProviderEventType.CARD_PAGE_EXPIRED):
            self._page(webhook)
        elif kind == ProviderEventType.CARD_CHANGED:
            self._card_changed(webhook.object_id)
        elif kind == ProviderEventType.CARD_REMOVED:
            self._card_removed(webhook.object_id)
        elif (payment := self._payment(webhook)) is None:
            log.info("webhook_of_nobody", event_id=webhook.id, type=kind)
        elif kind in _CHARGES:
            self._charging.advance(payment.partner_id, payment.id)
        elif kind == ProviderEventType.DISPUTE_OPENED:
            self._disputing.opened(payment.partner_id, payment.id, facts.get("reason", ""))
        elif kind == ProviderEventType.DISPUTE_CLOSED:
            is_lost = facts.get("status") == "lost"
            self._disputing.closed(payment.partner_id, payment.id, is_lost=is_lost)
        elif kind in _REFUNDS:
            self._refunds.look(payment)

    def _payment(self, webhook: ProviderWebhook) -> Payment | None:
        """By the hub's id where the event names it, or by the provider's."""
        by = (Payment.provider_id == webhook.object_id) | (Payment.id == webhook.reference)
        with self._room.database.reading(BY_PROVIDER) as session:
            return session.exec(select(Payment).where(by)).first()

    def _page(self, webhook: ProviderWebhook) -> None:
        found = select(CardPageVisit).where(CardPageVisit.page_id == webhook.object_id)
        with self._room.database.reading(BY_PROVIDER) as session:
            visit = session.exec(found).first()
        if visit is None:
            return
        if webhook.type == ProviderEventType.CARD_PAGE_EXPIRED:
            self._pages.end_visit(visit.partner_id, visit.id)
        else:
            self._pages.finish_visit(visit.partner_id, visit.id)

    def _card_changed(self, provider_id: str) -> None:
        """Banks send new expiry dates for the same number."""
        card = self._card(provider_id)
        if card is None:
            return
        try:
            facts = self._room.provider.card(provider_id)
        except NotFound:
            return
        with self._room.writing(card.partner_id) as session:
            fresh = session.get_one(Card, card.id)
            fresh.exp_month, fresh.exp_year = facts.exp_month, facts.exp_year
            fresh.brand, fresh.last4 = facts.brand, facts.last4

    def _card_removed(self, provider_id: str) -> None:
        card = self._card(provider_id)
        if card is None:
            return
        with self._room.writing(card.partner_id) as session:
            fresh = session.get_one(Card, card.id)
            if fresh.removed_at is None:
                self._cards.drop(session, fresh, actor="provider")

    def _card(self, provider_id: str) -> Card | None:
        found = select(Card).where(Card.provider_id == provider_id, col(Card.removed_at).is_(None))
        with self._room.database.reading(BY_PROVIDER) as session:
            return session.exec(found).first()
