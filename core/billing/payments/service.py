"""Payments as sentences: cards, top-ups, invoices, refunds, and the net under all of them.

No verb calls the provider inside a transaction. What a person waits for is begun here and ends in
durable work; open pages hear of it by events.
"""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session, select

from core.access import Gate, Principal
from core.billing.invoices.ports import COLLECT_JOB
from core.billing.pay_links.links import PayLinks
from core.billing.payments.card_pages import CardPages
from core.billing.payments.cards import Cards, Needs
from core.billing.payments.charging import Charging
from core.billing.payments.collecting import Collecting
from core.billing.payments.confirming import Confirming
from core.billing.payments.disputing import Disputing
from core.billing.payments.listing import Listing
from core.billing.payments.mails import Mailing
from core.billing.payments.port import PaymentProvider
from core.billing.payments.ports import Documents, Payers
from core.billing.payments.reconciling import Agreement, Reconciling
from core.billing.payments.refunding import Refunding
from core.billing.payments.refunds_seen import RefundsSeen
from core.billing.payments.room import (
    CARD_JOB,
    MAIL_JOB,
    PAYMENT_JOB,
    REFUND_JOB,
    SWEEP,
    WEBHOOK_JOB,
    CardFollower,
    Follower,
    Moved,
    Room,
    nobody,
)
from core.billing.payments.settling import Settling
from core.billing.payments.states import Purpose
from core.billing.payments.top_ups import TopUps
from core.billing.payments.webhooks import Webhooks
from core.clock import Clock
from core.partners.entities import Partner
from core.ports import Database, Jobs, Mailer
from core.settings import Settings

# The provider allows 100 calls a second; each payment makes one or two and then waits.
_PAYMENTS_AT_ONCE = 16
_MAILS_AT_ONCE = 4


class Payments:
    """The parts by the names of their verbs; see the files.

    `cards`, `make_primary`, `remove_card`; `add_card`, `open_card_page`, `card_entered`;
    `quote_top_up`, `top_up`, `payment`, `payments`; `list_payments`, `refunds`,
    `payment_of_refund`; `confirm`, `look_again`, `give_up`; `pay_invoice`; `refundable`, `refund`,
    `refund_for`; `take_webhook`. For slices above, after their own gate: `send_to_card_page`,
    `came_back`, `quote_for`, `top_up_for`, `confirm_for`, `look_for`, `give_up_for`.
    """

    def __init__(  # noqa: PLR0913  the ports, by name
        self,
        *,
        gate: Gate,
        database: Database,
        clock: Clock,
        jobs: Jobs,
        provider: PaymentProvider,
        invoices: Documents,
        payers: Payers,
        mailer: Mailer,
        settings: Settings,
        moved: Moved | None = None,
    ) -> None:
        """Makes the durable work known to `jobs`, which must not have been started yet.

        `moved` (`balance.watch.Watch.moved`) is told of every change of a credit.
        """
        self.room = room = Room(
            gate=gate,
            database=database,
            clock=clock,
            jobs=jobs,
            provider=provider,
            invoices=invoices,
            payers=payers,
            mailer=mailer,
            settings=settings,
            links=PayLinks(clock, settings),
            moved=moved or nobody,
        )
        settling = Settling(room)
        charging = Charging(room, settling)
        refunding = Refunding(room)
        cards = Cards(room)
        pages = CardPages(room, cards)
        collecting = Collecting(room)
        webhooks = Webhooks(
            room,
            cards=cards,
            pages=pages,
            charging=charging,
            refunds=RefundsSeen(room, charging, refunding),
            disputing=Disputing(room),
        )
        reconciling = Reconciling(
            room, charging=charging, refunding=refunding, pages=pages, webhooks=webhooks
        )
        self._cards, self._reconciling = cards, reconciling
        top_ups, confirming = TopUps(room), Confirming(room, charging)
        listing = Listing(room)

        self.cards, self.make_primary = cards.cards, cards.make_primary
        self.remove_card, self.has_card = cards.remove_card, cards.has_card
        self.add_card, self.open_card_page = pages.add_card, pages.open_card_page
        self.card_entered = pages.card_entered
        self.send_to_card_page, self.came_back = pages.send_to_card_page, pages.came_back
        self.quote_top_up, self.top_up = top_ups.quote_top_up, top_ups.top_up
        self.quote_for, self.top_up_for = top_ups.quote_for, top_ups.top_up_for
        self.payment, self.payments = top_ups.payment, top_ups.payments
        self.list_payments = listing.list_payments
        self.payment_of_refund, self.refunds = listing.payment_of_refund, listing.refunds
        self.confirm, self.look_again = confirming.confirm, confirming.look_again
        self.give_up, self.give_up_for = confirming.give_up, confirming.give_up_for
        self.confirm_for, self.look_for = confirming.confirm_for, confirming.look_for
        self.pay_invoice, self.pay_for = collecting.pay_invoice, collecting.pay_for
        self.make_primary_for, self.remove_for = cards.make_primary_for, cards.remove_for
        self.refundable, self.refund = refunding.refundable, refunding.refund
        self.refund_for = refunding.refund_for
        self.take_webhook, self.reconcile = webhooks.take, reconciling.reconcile
        self.warn_of_expiry = cards.warn_of_expiry

        jobs.register(PAYMENT_JOB, charging.work, concurrency=_PAYMENTS_AT_ONCE)
        jobs.register(REFUND_JOB, refunding.work)
        jobs.register(CARD_JOB, cards.forget)
        jobs.register(WEBHOOK_JOB, webhooks.work)
        jobs.register(COLLECT_JOB, collecting.collect)
        jobs.register(MAIL_JOB, Mailing(room).work, concurrency=_MAILS_AT_ONCE)
        jobs.schedule("payments_reconcile", timedelta(minutes=1), reconciling.reconcile)
        jobs.schedule("cards_expiring", timedelta(hours=24), cards.warn_of_expiry)

    def agreement(self, who: Principal) -> Agreement:
        """The three books, for the owner's page."""
        with self.room.watching(who) as (session, payer):
            return self._reconciling.agreement(session, payer.partner_id)

    def agreement_of(self, session: Session, partner_id: str) -> Agreement:
        """The three books of one partner, in the caller's transaction."""
        return self._reconciling.agreement(session, partner_id)

    def agreements(self) -> dict[str, Agreement]:
        """The three books by partner, for the operator's prompt."""
        with self.room.database.reading(SWEEP) as session:
            ids = session.exec(select(Partner.id).order_by(Partner.id)).all()
            return {id_: self._reconciling.agreement(session, id_) for id_ in ids}

    def follow(self, purpose: Purpose, follower: Follower) -> None:
        """Call `follower` in each transaction that ends a payment of this purpose."""
        self.room.followers[purpose].append(follower)

    def follow_cards(self, follower: CardFollower) -> None:
        """Call `follower` in each transaction that brings a new card in."""
        self.room.card_followers.append(follower)

    def needs_card(self, needs: Needs) -> None:
        """Ask `needs` before a payer's last card is removed."""
        self._cards.needed_by.append(needs)
