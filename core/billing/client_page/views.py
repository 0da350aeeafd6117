"""What a client's own page shows: values, detached from any session."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from core.billing.invoices.details import DetailsForm
from core.billing.invoices.entities import Invoice
from core.billing.payments.views import CardView, PaymentView
from core.money import Money


@dataclass(frozen=True, slots=True)
class PageKey:
    """Which link opened the page, and the secret that this browser has of it."""

    link_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageBrand:
    """In whose name the client is spoken to."""

    partner_id: str
    name: str
    color: str
    logo_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalState:
    """Automatic top-ups; `threshold` and `top_up` are the figures in force."""

    is_on: bool
    threshold: Money
    top_up: Money
    stopped_itself: bool
    failures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientMoney:
    """All that the page shows. `waiting`: payments that the client has to confirm at its bank."""

    link_id: str
    brand: PageBrand
    client_id: str
    name: str
    language: str
    available: Money
    pending: Money
    is_stopped: bool  # template messages are switched off
    cards: tuple[CardView, ...]
    waiting: tuple[PaymentView, ...]
    under_way: bool  # a charge has not ended yet
    newest: PaymentView | None
    invoices: tuple[Invoice, ...]
    renewal: RenewalState
    details: DetailsForm | None
    expires_at: datetime
