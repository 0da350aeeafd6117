"""Billing as pages see it, and how its parts are put together on their ports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from sqlmodel import Session

from core.access import Gate
from core.billing.balance import limits
from core.billing.balance.entities import StopReason
from core.billing.balance.insights import Insights
from core.billing.balance.mails import BalanceMails
from core.billing.balance.ports import Numbers
from core.billing.balance.service import Balances
from core.billing.balance.watch import Watch
from core.billing.card_import import CardImport
from core.billing.card_store import RateCards
from core.billing.client_page.service import ClientPages
from core.billing.invoices.ports import OutboundSwitch, PayerBook, Press, VatRegister
from core.billing.invoices.service import Invoices, Outside
from core.billing.invoices.statement import Statement
from core.billing.ledger import Payer
from core.billing.metering import Metering
from core.billing.pay_links.links import PayLinks
from core.billing.payments.documents import InvoiceDesk
from core.billing.payments.port import PaymentProvider
from core.billing.payments.ports import Payers
from core.billing.payments.service import Payments
from core.billing.ports import UsageBook
from core.billing.renewal.service import Renewals
from core.billing.statement_file import StatementFiles
from core.clock import Clock
from core.ports import Blobs, Database, Jobs, Mailer
from core.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Billing:
    """What pages and routes call."""

    balance: Balances
    insights: Insights
    invoices: Invoices
    payments: Payments
    renewal: Renewals
    statements: StatementFiles
    client_page: ClientPages


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingPorts:
    """Everything that money needs from outside of this room."""

    gate: Gate
    database: Database
    clock: Clock
    jobs: Jobs
    settings: Settings
    mailer: Mailer
    blobs: Blobs
    provider: PaymentProvider
    press: Press
    statement_press: Callable[[Statement], bytes]
    register: VatRegister
    usage: UsageBook
    numbers: Numbers
    payers: PayerBook
    contacts: Payers


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyRoom:
    """Billing, and what the intake and the operator's commands need of it."""

    billing: Billing
    metering: Metering
    cards: CardImport
    watch: Watch


def put_together(ports: BillingPorts) -> MoneyRoom:
    """All parts on their ports; durable work is registered, `ports.jobs` must not have begun."""
    watch = Watch(ports.clock, ports.numbers, ports.jobs)
    _watch_balances(ports, watch)
    cards = RateCards(ports.clock)
    metering = Metering(ports.clock, ports.usage, cards, watch)
    invoices = _invoices(ports, watch)
    payments = Payments(
        gate=ports.gate,
        database=ports.database,
        clock=ports.clock,
        jobs=ports.jobs,
        provider=ports.provider,
        invoices=InvoiceDesk(invoices.issuing, invoices.changing),
        payers=ports.contacts,
        mailer=ports.mailer,
        settings=ports.settings,
        moved=watch.moved,
    )
    balances = Balances(ports.gate, ports.clock, ports.numbers, watch)
    renewal = Renewals(payments)
    watch.followers.append(renewal.balances_moved)
    return MoneyRoom(
        billing=Billing(
            balance=balances,
            insights=Insights(ports.gate, ports.clock, ports.numbers),
            invoices=invoices,
            payments=payments,
            renewal=renewal,
            statements=StatementFiles(balances, invoices, ports.statement_press),
            client_page=ClientPages(payments, invoices, renewal),
        ),
        metering=metering,
        cards=CardImport(ports.database, ports.clock, cards, metering, ports.jobs),
        watch=watch,
    )


def _watch_balances(ports: BillingPorts, watch: Watch) -> None:
    BalanceMails(
        database=ports.database,
        people=ports.contacts,
        links=PayLinks(ports.clock, ports.settings),
        mailer=ports.mailer,
        jobs=ports.jobs,
        base_url=ports.settings.base_url,
    )
    begin = partial(limits.begin_month, ports.database, ports.clock, watch)
    ports.jobs.schedule("begin_month", timedelta(hours=1), begin)


def _invoices(ports: BillingPorts, watch: Watch) -> Invoices:
    stops = watch.stops

    def stop(session: Session, payer: Payer) -> bool:
        return stops.stop_outbound(session, payer, StopReason.DUNNING)

    def resume(session: Session, payer: Payer) -> bool:
        return stops.resume_outbound(session, payer, StopReason.DUNNING)

    return Invoices(
        gate=ports.gate,
        database=ports.database,
        clock=ports.clock,
        jobs=ports.jobs,
        settings=ports.settings,
        outside=Outside(
            mailer=ports.mailer,
            blobs=ports.blobs,
            press=ports.press,
            register=ports.register,
            book=ports.payers,
        ),
        outbound=OutboundSwitch(stop=stop, resume=resume),
        moved=watch.moved,
    )
