"""What every verb of payments works with: the ports, the names of the durable work, two doors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from core.access import Gate, Permission, Principal
from core.billing.ledger import Payer
from core.billing.pay_links.links import PayLinks
from core.billing.payments.entities import Card, Payment
from core.billing.payments.port import PaymentProvider
from core.billing.payments.ports import Documents, Payers
from core.billing.payments.states import Purpose
from core.clock import Clock
from core.errors import NotFound
from core.events import EventType, record
from core.money import Money
from core.ports import Database, Everything, Jobs, Mailer, Tenant
from core.settings import Settings

# Names of the durable work.
PAYMENT_JOB = "payment"
REFUND_JOB = "payment_refund"
CARD_JOB = "payment_card_forgotten"
WEBHOOK_JOB = "provider_webhook"
MAIL_JOB = "payment_mail"

BY_PROVIDER = Everything("payments: the provider names its own ids, not partners")
SWEEP = Everything("payments: a schedule looks after every partner's payments")

# Told in the transaction that ends a payment, or that brings a new card in.
Follower = Callable[[Session, Payment], None]
CardFollower = Callable[[Session, Payer], None]
Moved = Callable[[Session, Payer, Money], object]


def nobody(_session: Session, _payer: Payer, _change: Money) -> None:
    """Nobody watches the credit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """The ports, and who follows how payments end."""

    gate: Gate
    database: Database
    clock: Clock
    jobs: Jobs
    provider: PaymentProvider
    invoices: Documents
    payers: Payers
    mailer: Mailer
    settings: Settings
    links: PayLinks
    followers: dict[Purpose, list[Follower]] = field(
        default_factory=lambda: {purpose: [] for purpose in Purpose}
    )
    card_followers: list[CardFollower] = field(default_factory=list)
    # Told behind each change of a payer's credit, in its transaction (`balance.watch`).
    moved: Moved = nobody

    def now(self) -> datetime:
        return self.clock.now()

    @contextmanager
    def acting(
        self, who: Principal, client_id: str = "", *, fresh: bool = False
    ) -> Iterator[tuple[Session, Payer]]:
        """An owner's transaction on one of the partner's payers; raises what the gate raises.

        What a card is charged for, or will be, is `fresh`.
        """
        with self.gate.writing(who, Permission.BILLING, fresh=fresh) as session:
            yield session, self.payer(session, who, client_id)

    @contextmanager
    def watching(
        self, who: Principal, client_id: str = "", *, fresh: bool = False
    ) -> Iterator[tuple[Session, Payer]]:
        """The same for reading."""
        with self.gate.reading(who, Permission.BILLING, fresh=fresh) as session:
            yield session, self.payer(session, who, client_id)

    def payer(self, session: Session, who: Principal, client_id: str) -> Payer:
        """Raises NotFound for a client that is not the partner's."""
        payer = Payer(partner_id=who.tenant.partner_id, client_id=client_id)
        self.payers.contact(session, payer)
        return payer

    @contextmanager
    def writing(self, partner_id: str) -> Iterator[Session]:
        """The hub's own transaction on a partner's rows."""
        with self.database.transaction(Tenant(partner_id)) as session:
            yield session

    @contextmanager
    def reading(self, partner_id: str) -> Iterator[Session]:
        """The hub's own look at a partner's rows."""
        with self.database.reading(Tenant(partner_id)) as session:
            yield session

    def tell(
        self,
        session: Session,
        type_: EventType,
        payer: Payer,
        subject: tuple[str, str],
        *,
        actor: str = "hub",
        key: str | None = None,
        **data: Any,
    ) -> None:
        """Record an event about the payer's money; `data` names the client where there is one."""
        if payer.client_id:
            data["client_id"] = payer.client_id
        record(
            session,
            self.clock,
            type_,
            partner_id=payer.partner_id,
            subject=subject,
            actor=actor,
            data=data,
            key=key,
        )

    def mail(
        self, session: Session, kind: str, payer: Payer, key: str, **values: str | int
    ) -> None:
        """Have a mail sent to whom the payer's money concerns; the same key is sent once."""
        args = (kind, payer.partner_id, payer.client_id, key, values)
        self.jobs.enqueue(session, MAIL_JOB, *args, key=f"{MAIL_JOB}:{key}")


def payer_key(payer: Payer) -> str:
    """The payer in one word, for unique keys."""
    return f"{payer.partner_id}:{payer.client_id}"


def locked_payment(session: Session, payment_id: str) -> Payment:
    """The payment as it is now; nobody else changes it until the commit. Raises NotFound."""
    found = select(Payment).where(Payment.id == payment_id)
    fresh = found.with_for_update().execution_options(populate_existing=True)
    payment = session.exec(fresh).first()
    if payment is None:
        raise NotFound(payment_id=payment_id)
    return payment


def live_cards(session: Session, payer: Payer) -> list[Card]:
    """The payer's cards, the primary one first, then in their order."""
    found = select(Card).where(
        Card.partner_id == payer.partner_id,
        Card.client_id == payer.client_id,
        col(Card.removed_at).is_(None),
    )
    cards = session.exec(found.order_by(col(Card.position), col(Card.added_at))).all()
    return sorted(cards, key=lambda card: not card.is_primary)
