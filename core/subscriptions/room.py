"""What every verb of subscriptions works with: the ports, the rooms below, the doors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from core.access import Gate, Permission, Principal
from core.billing.invoices.issuing import Issuing
from core.billing.ledger import Payer
from core.billing.payments.service import Payments
from core.clock import Clock
from core.errors import Conflict
from core.events import EventType
from core.ports import Database, Everything, Jobs, Tenant
from core.settings import Settings
from core.subscriptions.entities import PlanChange, Subscription
from core.subscriptions.finding import begin, find, fresh, locked
from core.subscriptions.months import day_of
from core.subscriptions.prices import Prices, prices_at
from core.subscriptions.states import ChangeKind, ChangeStatus

SWEEP = Everything("subscriptions: a schedule looks after every partner's plan")


@dataclass(frozen=True, kw_only=True)
class Room:
    """One per process."""

    gate: Gate
    database: Database
    clock: Clock
    jobs: Jobs
    settings: Settings
    issuing: Issuing
    payments: Payments

    @cached_property
    def zone(self) -> tzinfo:
        """Whose days and months count."""
        name = self.settings.billing_zone
        return UTC if name == "UTC" else ZoneInfo(name)

    def now(self) -> datetime:
        return self.clock.now()

    def today(self) -> date:
        return day_of(self.clock.now(), self.zone)

    @contextmanager
    def acting(
        self, who: Principal, *, fresh: bool = False
    ) -> Iterator[tuple[Session, Subscription]]:
        """An owner's transaction on the partner's subscription, locked; `fresh` where it costs."""
        with self.gate.writing(who, Permission.BILLING, fresh=fresh) as session:
            yield session, self.held(session, who.tenant.partner_id)

    @contextmanager
    def watching(self, who: Principal) -> Iterator[tuple[Session, Subscription]]:
        """The same for reading; the first look makes the subscription."""
        partner_id = who.tenant.partner_id
        with self.gate.reading(who, Permission.BILLING) as session:
            known = find(session, partner_id)
            if known is not None:
                yield session, known
                return
        with self.writing(partner_id) as session:
            self.held(session, partner_id)
        with self.gate.reading(who, Permission.BILLING) as session:
            made = find(session, partner_id)
            if made is None:
                raise Conflict(code="no_subscription", partner_id=partner_id)
            yield session, made

    @contextmanager
    def writing(self, partner_id: str) -> Iterator[Session]:
        """The hub's own transaction on a partner's rows."""
        with self.database.transaction(Tenant(partner_id)) as session:
            yield session

    def held(self, session: Session, partner_id: str) -> Subscription:
        """The subscription as it is now, locked; made when there is none. Raises NotFound."""
        known = locked(session, partner_id)
        return known or begin(session, partner_id, now=self.now(), today=self.today())

    def found(self, session: Session, partner_id: str) -> Subscription:
        """The subscription, not locked; as it would begin today when there is none yet."""
        if (known := find(session, partner_id)) is not None:
            return known
        return fresh(partner_id, now=self.now(), today=self.today())

    def currency(self, session: Session, partner_id: str) -> str:
        payer = Payer(partner_id=partner_id)
        return self.payments.room.payers.contact(session, payer).currency

    def prices(self, session: Session, partner_id: str, at: datetime | None = None) -> Prices:
        """Those that count now, or then, in the partner's currency."""
        return prices_at(session, self.currency(session, partner_id), at or self.now())

    def note(
        self,
        session: Session,
        subscription: Subscription,
        kind: ChangeKind,
        status: ChangeStatus,
        *,
        actor: str,
        **values: Any,
    ) -> PlanChange:
        """A new entry of the history; the subscription is another version now."""
        now = self.now()
        if kind is not ChangeKind.TIER:  # which changes nothing that was quoted
            subscription.version += 1
        subscription.changed_at = now
        change = PlanChange(
            partner_id=subscription.partner_id,
            kind=kind.value,
            status=status.value,
            at=now,
            ended_at=now if status is ChangeStatus.DONE else None,
            actor=actor,
            **values,
        )
        session.add(change)
        session.flush()
        return change

    def tell(
        self,
        session: Session,
        type_: EventType,
        partner_id: str,
        *,
        subject: tuple[str, str] | None = None,
        actor: str = "hub",
        data: dict[str, Any] | None = None,
    ) -> None:
        """Open pages hear of it after the commit."""
        about = subject or ("subscription", partner_id)
        payer = Payer(partner_id=partner_id)
        self.payments.room.tell(session, type_, payer, about, actor=actor, **(data or {}))

    def mail(
        self, session: Session, kind: str, partner_id: str, key: str, **values: str | int
    ) -> None:
        """Owners are written to; the same key is sent once."""
        self.payments.room.mail(session, kind, Payer(partner_id=partner_id), key, **values)
