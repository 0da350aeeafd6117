"""Invoices, auto-renewal and the subscription."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema

from core.billing.renewal.entities import Mode
from ui.api.partner.schemas.balances import Amount
from ui.api.partner.schemas.common import ListFrame, Told, maybe, moment, says

# In full units or with the currency's digits; as a number or, exact, as a text.
Figure = (
    Annotated[int, Field(ge=1, le=1_000_000_000)]
    | (
        Annotated[
            Decimal,
            Field(gt=0, le=1_000_000_000, max_digits=12, decimal_places=2),
            WithJsonSchema({"type": "string", "pattern": r"^[1-9][0-9]{0,8}(\.[0-9]{1,2})?$"}),
        ]
    )
)


def day(description: str, *, missing: bool = False) -> Any:
    """A date."""
    kind = maybe if missing else says
    return kind(description, "2026-11-30", json_schema_extra={"format": "date"})


class InvoiceObject(Told):
    """An invoice or a credit note."""

    id: str = says("The hub's id.", "hG3kQ0aZIN")
    number: str = says("Its number, gapless per issuer and year.", "R-2026-000123")
    kind: str = says("plan, licences, top_up, closing or credit_note.", "plan")
    status: str = says("pending, unpaid, paid, void or credit_note.", "paid")
    client_id: str = says("The client that pays it; '' where the partner does.", "")
    buyer_name: str = says("Whom it is for.", "Acme GmbH")
    currency: str = says("Currency, ISO 4217.", "EUR")
    net: Amount = says("Before VAT.", 500)
    tax: Amount = says("VAT.", 95)
    gross: Amount = says("With VAT.", 595)
    prepaid: Amount = says("Paid before it was issued.", 0)
    payable: Amount = says("What is left to pay.", 595)
    issued_at: str = moment("When it was issued.")
    due_on: str = day("Until when it is to be paid.", missing=True)
    period_first: str = day("First day that it is about.", missing=True)
    period_last: str = day("Last day that it is about.", missing=True)
    paid_at: str = moment("When it was paid.", missing=True)
    credits_id: str = maybe("Of a credit note: the invoice that it takes back.", "hG3kQ0aZIN")
    has_pdf: bool = says("Whether its PDF is there.", True)


class InvoiceList(ListFrame):
    """A page of invoices."""

    invoices: list[InvoiceObject] = Field(description="The invoices, the newest first.")


class InvoiceLineObject(Told):
    """A line of an invoice."""

    position: int = says("Its place, from 1.", 1)
    kind: str = says("What it is about.", "plan")
    description: str = says("What it says.", "Growth plan")
    detail: str = says("What it says below.", "November 2026")
    quantity: str = says("How many, an exact decimal.", "1")
    unit: str = says("Of what.", "MON")
    unit_price: str = says("Price of one, an exact decimal.", "500")
    net: Amount = says("Before VAT.", 500)


class InvoiceDetails(InvoiceObject):
    """An invoice with its lines."""

    lines: list[InvoiceLineObject] = Field(description="Its lines.")
    credit_note_ids: list[str] = says("Credit notes that take it back.", [])


class AutoRenewal(Told):
    """When the credit is topped up by itself, and by how much."""

    mode: str = says("`recommended` or `own` figures are in force.", "recommended")
    is_paused: bool = says("Nothing is topped up by itself.", False)
    is_prepaid: bool = says("False: this payer has no credit to top up.", True)
    has_card: bool = says("Whether there is a card to charge.", True)
    currency: str = says("Currency of all amounts, ISO 4217.", "EUR")
    threshold: Amount = says("At or below this balance.", 200)
    top_up: Amount = says("By so much.", 250)
    recommended_threshold: Amount = says("Made of last month's spend.", 200)
    recommended_top_up: Amount = says("Made of last month's spend.", 250)
    ceiling: Amount = maybe("Most that a month may be topped up by; left out: no limit.", 1000)
    topped_up_this_month: Amount = says("So far.", 250)
    failures: int = says("Charges in a row that failed.", 0)
    next_try_at: str = moment("When a failed charge is tried again.", missing=True)
    stopped_at: str = moment("When it stopped itself.", missing=True)


class AutoRenewalChange(Told):
    """What is to change; missing and null leave a value as it is."""

    mode: Mode | None = maybe("`recommended` or `own`.", "own")
    threshold: Figure | None = maybe("Own threshold.", 200)
    top_up: Figure | None = maybe("Own top-up, at least half the threshold.", 250)
    ceiling: Figure | Literal[""] | None = maybe("Ceiling of a month; empty: none.", 1000)
    is_paused: bool | None = maybe("True pauses it, false starts it again.", False)


class LicenceSumObject(Told):
    """Numbers with one licence."""

    tier: str = says("regular, premium or high_throughput.", "regular")
    numbers: int = says("How many.", 3)
    price: Amount = says("Of one, a month.", 25)
    total: Amount = says("Of all, a month.", 75)


class NextInvoiceObject(Told):
    """The next regular invoices together, as they would be issued today."""

    on: str = day("When.")
    net: Amount = says("Before VAT.", 575)
    tax: Amount = says("VAT.", 109.25)
    gross: Amount = says("With VAT.", 684.25)


class SubscriptionObject(Told):
    """The partner's plan."""

    plan: str = says("growth or premium.", "growth")
    state: str = says("How it stands.", "active")
    currency: str = says("Currency of all amounts, ISO 4217.", "EUR")
    price: Amount = says("A month, before VAT.", 500)
    period_first: str = day("First day of the period.")
    period_last: str = day("Last day of the period.")
    next_plan: str = maybe("The plan from the next period on, where it changes.", "premium")
    next_plan_on: str = day("From when.", missing=True)
    ends_on: str = day("Last day, where it was cancelled.", missing=True)
    is_unpaid: bool = says("A plan invoice is unpaid: no new clients meanwhile.", False)
    licences: list[LicenceSumObject] = Field(description="Numbers by their licence.")
    next_invoice: NextInvoiceObject | None = maybe("Left out: nothing follows.", None)
