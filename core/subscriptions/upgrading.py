"""To a larger plan: charged first, then switched and invoiced in the transaction that learns of it.

The subscription's row is locked from the look at it to the intent: one open upgrade per partner,
whoever clicks where. Whatever the charge comes to, the change ends once, with its payment.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlmodel import Session, select

from core.access import Principal
from core.billing.ledger import Payer
from core.billing.payments.entities import Card, Payment
from core.billing.payments.ports import Priced
from core.billing.payments.room import payer_key
from core.billing.payments.states import PaymentStatus, Purpose
from core.billing.payments.top_ups import enqueue, insert, new_payment, usable_card, usable_cards
from core.billing.payments.views import card_view
from core.errors import Conflict, NotFound
from core.events import EventType
from core.money import Money
from core.subscriptions.billing import Billing
from core.subscriptions.entities import PlanChange, Subscription
from core.subscriptions.finding import change_of, close, locked
from core.subscriptions.forecast import with_plan
from core.subscriptions.months import Month, day_of
from core.subscriptions.quoting import (
    Quoted,
    draft_of,
    is_sealed,
    quoted,
    read_token,
    require_upgradable,
)
from core.subscriptions.room import Room
from core.subscriptions.showing import quote_lines, upgrade_view
from core.subscriptions.states import ChangeKind, ChangeStatus, PlanName
from core.subscriptions.views import UpgradeQuote, UpgradeView


class Upgrading:
    """Verbs of owners, and the follower of their payments."""

    def __init__(self, room: Room, billing: Billing) -> None:
        self._room = room
        self._billing = billing
        room.payments.follow(Purpose.PLAN, self.ended)

    def quote_upgrade(self, who: Principal, to: PlanName) -> UpgradeQuote:
        """What upgrading now would cost. Raises Conflict: already_on_plan, not_an_upgrade,
        upgrade_under_way, subscription_cancelled, subscription_ended."""
        with self._room.watching(who) as (session, subscription):
            require_upgradable(session, subscription, to)
            fresh = quoted(self._room, session, subscription, to, self._room.now())
            return self._shown(session, subscription, fresh)

    def upgrade(self, who: Principal, token: str, card_id: str) -> UpgradeView:
        """The charge that was quoted is under way; the same quote again gives the same upgrade.

        Raises Conflict: quote_expired, quote_changed (look at the new one), and as
        `quote_upgrade`; card_expired; NotFound for a card that is not the partner's; InvalidInput
        (`bad_quote`) for a token that is none.
        """
        asked = read_token(token)
        with self._room.acting(who, fresh=True) as (session, subscription):
            if known := _of_token(session, token):
                return upgrade_view(session, known)
            require_upgradable(session, subscription, asked.to)
            # A month that has just begun is invoiced with the plan that it began with.
            self._billing.catch_up(session, subscription)
            self._require_fresh(asked.at)
            fresh = quoted(self._room, session, subscription, asked.to, asked.at)
            if not is_sealed(fresh, token):
                raise Conflict(code="quote_changed")
            return self._begin(session, subscription, fresh, card_id, who.person_id)

    def upgrade_state(self, who: Principal, change_id: str) -> UpgradeView:
        """How the upgrade stands; raises NotFound."""
        with self._room.watching(who) as (session, _):
            return upgrade_view(session, change_of(session, change_id))

    def upgrade_of_payment(self, who: Principal, payment_id: str) -> UpgradeView:
        """The upgrade that a payment is for; raises NotFound."""
        with self._room.watching(who) as (session, _):
            found = select(PlanChange).where(PlanChange.payment_id == payment_id)
            change = session.exec(found).first() if payment_id else None
            if change is None:
                raise NotFound(payment_id=payment_id)
            return upgrade_view(session, change)

    def give_up_upgrade(self, who: Principal, change_id: str) -> UpgradeView:
        """Nothing will be charged for it. Raises NotFound, Conflict (`too_late`), Unavailable."""
        with self._room.watching(who) as (session, _):
            payment_id = change_of(session, change_id).payment_id
        self._room.payments.give_up(who, payment_id)
        return self.upgrade_state(who, change_id)

    def ended(self, session: Session, payment: Payment) -> None:
        """Called in the transaction in which a payment for a plan ends."""
        subscription = locked(session, payment.partner_id)
        change = session.exec(
            select(PlanChange)
            .where(PlanChange.payment_id == payment.id)
            .execution_options(populate_existing=True)
        ).one()
        if subscription is None:
            raise Conflict(code="no_subscription", partner_id=payment.partner_id)
        if payment.status == PaymentStatus.SUCCEEDED:
            self._switch(session, subscription, change, payment)
            return
        was_given_up = payment.status == PaymentStatus.CANCELLED and not payment.decline_code
        status = ChangeStatus.WITHDRAWN if was_given_up else ChangeStatus.DECLINED
        close(change, status, self._room.now())
        self._tell(session, EventType.UPGRADE_FAILED, change, code=payment.decline_code)

    def _require_fresh(self, at: datetime) -> None:
        room, now = self._room, self._room.now()
        if not at <= now < at + room.settings.upgrade_quote_lifetime:
            raise Conflict(code="quote_expired")
        if Month.of(day_of(at, room.zone)) != Month.of(room.today()):
            # It is for days of a month that is over.
            raise Conflict(code="quote_changed")

    def _begin(
        self,
        session: Session,
        subscription: Subscription,
        fresh: Quoted,
        card_id: str,
        actor: str,
    ) -> UpgradeView:
        room, payer = self._room, Payer(partner_id=subscription.partner_id)
        card = usable_card(session, payer, card_id, room.now())
        totals = fresh.figures.totals
        zero = Money(0, totals.net.currency)
        payment = new_payment(
            room.payments.room,
            payer,
            [card],  # the one that was shown, and no other
            net=totals.net,
            priced=Priced(fee=zero, tax=totals.tax, fixed=fresh.figures.fixed),
            purpose=Purpose.PLAN,
            actor=actor,
        )
        payment.slot = f"{Purpose.PLAN}:{payer_key(payer)}"
        insert(session, payment, "upgrade_under_way")
        change = room.note(
            session,
            subscription,
            ChangeKind.UPGRADE,
            ChangeStatus.CHARGING,
            actor=actor,
            from_plan=fresh.from_plan.value,
            to_plan=fresh.to_plan.value,
            effective_on=day_of(fresh.at, room.zone),
            quote=fresh.draft.facts["upgrade"],
            token=fresh.token,
            slot=subscription.partner_id,
            payment_id=payment.id,
        )
        self._tell(session, EventType.UPGRADE_STARTED, change)
        enqueue(room.payments.room, session, payment)
        return upgrade_view(session, change)

    def _switch(
        self, session: Session, subscription: Subscription, change: PlanChange, payment: Payment
    ) -> None:
        """The plan is the larger one, and the invoice says what was quoted, as paid."""
        room, card = self._room, session.get(Card, payment.card_id)
        subscription.plan = change.to_plan
        subscription.version += 1
        subscription.changed_at = room.now()
        terms = f"Charged to {card.brand.title()} ending in {card.last4}." if card else ""
        draft = replace(
            draft_of(subscription.partner_id, change.quote),
            key=f"payment:{payment.id}",
            payment_id=payment.id,
            fixed=payment.fixed,
            gross=payment.money(payment.gross),
            terms=terms,
        )
        close(change, ChangeStatus.DONE, room.now())
        payment.invoice_id = change.invoice_id = room.issuing.issue(session, draft).id
        self._tell(session, EventType.PLAN_CHANGED, change)
        key = f"plan_upgraded:{change.id}"
        micros, plan = payment.gross, change.to_plan.title()
        room.mail(session, "plan_upgraded", subscription.partner_id, key, micros=micros, plan=plan)

    def _shown(self, session: Session, subscription: Subscription, fresh: Quoted) -> UpgradeQuote:
        room, totals = self._room, fresh.figures.totals
        payer, now = Payer(partner_id=subscription.partner_id), room.now()
        cards = tuple(card_view(card, now) for card in usable_cards(session, payer, now))
        return UpgradeQuote(
            token=fresh.token,
            from_plan=fresh.from_plan,
            to_plan=fresh.to_plan,
            lines=quote_lines(fresh.figures),
            net=totals.net,
            tax=totals.tax,
            gross=totals.gross,
            tax_note=fresh.figures.tax.treatment.sentence,
            applies_at=fresh.at,
            valid_until=fresh.at + room.settings.upgrade_quote_lifetime,
            days_left=fresh.left,
            days_of_period=fresh.days,
            next_invoice=with_plan(room, session, subscription, fresh.to_plan),
            card=cards[0] if cards else None,
            cards=cards,
        )

    def _tell(self, session: Session, type_: EventType, change: PlanChange, code: str = "") -> None:
        told = {
            "change_id": change.id,
            "from": change.from_plan,
            "to": change.to_plan,
            "invoice_id": change.invoice_id,
            "code": code,
        }
        self._room.tell(session, type_, change.partner_id, actor=change.actor, data=told)


def _of_token(session: Session, token: str) -> PlanChange | None:
    return session.exec(select(PlanChange).where(PlanChange.token == token)).first()
