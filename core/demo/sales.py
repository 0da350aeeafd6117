"""What demo payers have bought: charged cards and their invoices, as payments and invoices write
them, at the time of a clock in the past. No provider and no mail server hears of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlmodel import Session, col, select

from core.billing.balance.watch import Watch
from core.billing.invoices.changing import Changing
from core.billing.invoices.entities import Invoice
from core.billing.invoices.issuing import Issuing
from core.billing.invoices.month_end import MonthEnd
from core.billing.invoices.month_facts import Span, payers_with_movements
from core.billing.invoices.ports import COLLECT_JOB, PDF_JOB, OutboundSwitch, PayerBook
from core.billing.invoices.terms import Terms
from core.billing.ledger import Payer
from core.billing.payments.card_pages import PROVIDER
from core.billing.payments.documents import InvoiceDesk
from core.billing.payments.entities import Card, Payment, PaymentCustomer
from core.billing.payments.port import Charge, ChargeStatus
from core.billing.payments.ports import Priced
from core.billing.payments.room import Room, payer_key
from core.billing.payments.settling import Settling
from core.billing.payments.states import Purpose
from core.billing.payments.top_ups import new_payment, next_token, start
from core.billing.renewal.firing import held
from core.clock import FixedClock
from core.demo.outside import BRANDS, demo_card
from core.demo.plans import PastPlans
from core.demo.world import DemoPartner
from core.money import Money
from core.partners.entities import BillingModel
from core.ports import Jobs

_CARD_LIVES = timedelta(days=400)


class Sales:
    """Top-ups that succeeded and months that were closed, in the caller's transaction."""

    def __init__(  # the ports of two rooms
        self, past: FixedClock, watch: Watch, room: Room, payers: PayerBook, terms: Terms
    ) -> None:
        jobs: Any = _Files(room.jobs)
        issuing = Issuing(past, jobs, payers, terms)
        switch = OutboundSwitch(stop=_nobody, resume=_nobody)
        desk = InvoiceDesk(issuing, Changing(past, jobs, issuing, switch))
        self._past = past
        self._room = replace(room, clock=past, jobs=jobs, invoices=desk, moved=watch.moved)
        self._settling = Settling(self._room)
        self._month_end = MonthEnd(room.database, past, issuing, watch.moved)
        self.plans = PastPlans(self._room, issuing, self._pay)

    def top_up(self, session: Session, payer: Payer, net: Money) -> None:
        """Charged to a card that has been removed since: nothing is charged to it again."""
        payment = start(
            self._room,
            session,
            payer,
            [self._card(session, payer)],
            net=net,
            priced=self._room.invoices.price(session, payer, net),
            purpose=Purpose.TOP_UP,
            token=next_token(session, payer, Purpose.TOP_UP),
            actor="demo",
        )
        self._charged(session, payment)

    def _pay(self, session: Session, invoice: Invoice) -> None:
        """An open invoice of a partner is paid, with the same card."""
        due = self._room.invoices.due(session, invoice.id)
        payment = new_payment(
            self._room,
            due.payer,
            [self._card(session, due.payer)],
            net=due.net,
            priced=Priced(fee=due.fee, tax=due.tax, fixed={}),
            purpose=Purpose.INVOICE,
            actor="demo",
        )
        payment.invoice_id, payment.slot = due.invoice_id, f"invoice:{due.invoice_id}"
        session.add(payment)
        session.flush()
        self._charged(session, payment)

    def _charged(self, session: Session, payment: Payment) -> None:
        charge = Charge(
            id=f"pi_demo_{payment.id}",
            status=ChargeStatus.SUCCEEDED,
            amount=payment.money(payment.gross),
            reference=payment.id,
            card_id=payment.provider_card,
        )
        self._settling.take(session, payment, charge, attempt=payment.attempt)
        session.flush()

    def close_month(self, session: Session) -> None:
        """The month before the clock's has its closings."""
        now = self._past.now()
        span = Span(now.year, now.month).before
        for payer, currency in payers_with_movements(session, span):
            self._month_end.close_in(session, payer, currency, span)

    def give_card(self, session: Session, partner: DemoPartner) -> None:
        """A card that the sandbox's provider knows; nothing is topped up with it by itself."""
        payer, known = Payer(partner_id=partner.id), demo_card(partner)
        now = self._past.now()
        customer = PaymentCustomer(
            partner_id=partner.id,
            provider=PROVIDER,
            provider_id=known["customer"],
            name=partner.name,
            created_at=now,
        )
        session.add(customer)
        session.flush()
        card = Card(
            partner_id=partner.id,
            customer_id=customer.id,
            provider_id=known["id"],
            brand=BRANDS[partner.id],
            last4=known["number"][-4:],
            exp_month=known["exp_month"],
            exp_year=known["exp_year"],
            country="US",
            primary_of=payer_key(payer),
            live_key=f"{payer_key(payer)}:{known['id']}",
            position=0,
            added_at=now,
        )
        session.add(card)
        session.flush()
        if partner.billing_model == BillingModel.PARTNER_PAID:
            held(self._room, session, payer).is_paused = True

    def _card(self, session: Session, payer: Payer) -> Card:
        found = select(Card).where(
            Card.partner_id == payer.partner_id,
            Card.client_id == payer.client_id,
            col(Card.removed_at).is_not(None),
        )
        if card := session.exec(found).first():
            return card
        now, expires = self._past.now(), self._past.now() + _CARD_LIVES
        whose = payer.client_id or payer.partner_id
        customer = PaymentCustomer(
            partner_id=payer.partner_id,
            client_id=payer.client_id,
            # Another provider's word: the first real card makes a customer of its own.
            provider=_DEMO,
            provider_id=f"cus_demo_{whose}",
            created_at=now,
        )
        session.add(customer)
        session.flush()
        card = Card(
            partner_id=payer.partner_id,
            client_id=payer.client_id,
            customer_id=customer.id,
            provider_id=f"pm_demo_{whose}",
            brand="visa",
            last4="4242",
            exp_month=expires.month,
            exp_year=expires.year,
            position=0,
            added_at=now,
            removed_at=now,
        )
        session.add(card)
        session.flush()
        return card


PastSales = Callable[[FixedClock, Watch], Sales]
_DEMO = f"{PROVIDER}-demo"


class _Files:
    """Jobs for what is long past: files are drawn and bills collected, but no mail is written."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs

    def enqueue(self, session: Session, name: str, *args: Any, key: str, delay: float = 0) -> None:
        if name in (PDF_JOB, COLLECT_JOB):
            self._jobs.enqueue(session, name, *args, key=key, delay=delay)


def _nobody(_session: Session, _payer: Payer) -> None:
    """Outbound was never stopped for this."""
