"""What payments need from beside and below: invoices, and who a payer is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

from sqlmodel import Session

from core.billing.ledger import Payer
from core.billing.payments.entities import Payment, PaymentRefund
from core.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """How a payer is called, and whom to write about its money."""

    name: str
    currency: str
    emails: tuple[str, ...]
    brand: str  # of the partner, in whose name a client is written to
    is_client: bool = False
    languages: tuple[str, ...] = ()  # of the addresses, in their order; English where missing

    @property
    def people(self) -> list[tuple[str, str]]:
        """Address and language of each."""
        told = (*self.languages, *["en"] * len(self.emails))
        return list(zip(self.emails, told, strict=False))


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What an open invoice asks for; net + fee + tax is what is charged."""

    invoice_id: str
    number: str
    payer: Payer
    net: Money
    fee: Money
    tax: Money
    is_usage: bool  # its net brings the credit back to zero; otherwise it is a sale


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """What comes on top of a top-up; `fixed` goes into its invoice as it is."""

    fee: Money
    tax: Money
    fixed: dict[str, Any]


class Payers(Protocol):
    """Who stands behind a payer."""

    def contact(self, session: Session, payer: Payer) -> Contact:
        """Raises NotFound for a payer that is none of the session's partner."""
        ...


class Documents(Protocol):
    """Invoices as payments see them; every verb writes in the caller's transaction."""

    def price(self, session: Session, payer: Payer, net: Money) -> Priced:
        """What a top-up of `net` costs the payer today, and how its invoice will be taxed."""
        ...

    def due(self, session: Session, invoice_id: str) -> Due:
        """Raises NotFound, or Conflict (`invoice_not_open`) when nothing is to be paid."""
        ...

    def is_usage(self, session: Session, invoice_id: str) -> bool:
        """Whether the invoice asks for credit that was overdrawn; otherwise it is a sale."""
        ...

    def paid_gross(self, session: Session, partner_id: str) -> int:
        """Micros of all paid invoices less what their credit notes gave back."""
        ...

    def ask_before_credit(self, is_under_way: Callable[[Session, str], bool]) -> None:
        """An invoice for which this is true is not taken back."""
        ...

    def open_of(self, session: Session, payer: Payer) -> Sequence[str]:
        """Ids of the payer's invoices that are still to be paid."""
        ...

    def top_up_charged(self, session: Session, payment: Payment) -> str:
        """A paid invoice over the top-up has been issued; its id."""
        ...

    def invoice_charged(self, session: Session, payment: Payment) -> None:
        """The payment's invoice is paid."""
        ...

    def invoice_not_charged(self, session: Session, payment: Payment) -> None:
        """The payment's invoice is unpaid, and that was one more failed attempt."""
        ...

    def no_card(self, session: Session, invoice_id: str) -> None:
        """The invoice is unpaid because there was nothing to charge."""
        ...

    def tax_back(self, payment: Payment, net: Money) -> Money:
        """The tax of a part of a payment, by the rate of its invoice."""
        ...

    def tax_rate(self, session: Session, payment: Payment) -> Fraction:
        """Of the payment's invoice."""
        ...

    def went_back(self, session: Session, payment: Payment, refund: PaymentRefund) -> str:
        """A credit note over what went back has been issued, its id; or '' and the disputed
        invoice is to be paid again."""
        ...

    def came_back(self, session: Session, payment: Payment, refund: PaymentRefund) -> None:
        """The refund was not paid out after all: its credit note is answered by an invoice."""
        ...
