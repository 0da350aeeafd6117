"""Balances, usage and ledger entries; amounts are JSON numbers."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, RootModel, WithJsonSchema

from ui.api.partner.schemas.common import ListFrame, Told, maybe, moment, says

Amount = Annotated[Decimal, WithJsonSchema({"type": "number"})]


class BalanceRow(Told):
    """The credit in one currency."""

    currency: str = says("Currency, ISO 4217.", "EUR")
    total: Amount = says("Credit that can be spent; exact.", 249.88)


class Balances(RootModel[list[BalanceRow]]):
    """One row per currency."""


class LastRenewal(Told):
    """The last top-up; empty before the first."""

    date: str = moment("When it came in.", missing=True)
    amount: Amount = maybe("How much.", 250)


class UsagePeriod(Told):
    """Messages that were charged for in a day or a month (UTC), and the free ones."""

    period_date: str = moment("When the period begins.")
    quantity: int = says("All messages.", 120)
    paid_quantity: int = says("Those that cost something.", 100)
    free_quantity: int = says("Those that do not.", 20)
    free_tier: int = says("Free by window or allowance.", 15)
    free_entry_point: int = says("Free after a click on an ad or a page's button.", 5)
    marketing_quantity: int = says("Marketing messages.", 50)
    marketing_paid_quantity: int = says("Of these, charged.", 50)
    marketing_price: Amount = says("What they cost together.", 5.655)
    utility_quantity: int = says("Utility messages.", 40)
    utility_paid_quantity: int = says("Of these, charged.", 40)
    utility_price: Amount = says("What they cost together.", 1.824)
    authentication_quantity: int = says("Authentication messages, international too.", 10)
    authentication_paid_quantity: int = says("Of these, charged.", 10)
    authentication_price: Amount = says("What they cost together.", 0.456)
    service_quantity: int = says("Service messages.", 20)
    service_paid_quantity: int = says("Of these, charged.", 0)
    service_price: Amount = says("What they cost together.", 0)
    total_price: Amount = says("What all cost; the sum of the four prices.", 7.935)


class ClientBalance(Told):
    """What is left, and what was used."""

    balance: Amount = says("Credit that these messages are paid from.", 249.88)
    currency: str = says("Currency of all amounts, ISO 4217.", "EUR")
    last_renewal: LastRenewal = Field(description="The last top-up of that credit.")
    estimated_template_cost: Amount = says("What templates have cost this month so far.", 7.935)
    granularity: str = says("`day` or `month`.", "month")
    usage: list[UsagePeriod] = Field(description="Periods with any message, the oldest first.")


class LedgerEntryObject(Told):
    """Money moved."""

    key: str = says("Its key: the same key is the same movement.", "top_up:9Xq2")
    at: str = moment("When it was booked.")
    kind: str = says("Why it moved: top_up, usage, fee, refund, correction and so on.", "usage")
    part: str = says("Which part of the month it counts to.", "used")
    amount: Amount = says("Positive came in, negative left.", -0.1131)
    currency: str = says("Currency, ISO 4217.", "EUR")
    reverses: str = says("Key of the entry that it takes back; '' otherwise.", "")
    about: dict[str, Any] = says("Policy, rate card, messages, reason.", {"messages": 1})


class LedgerList(ListFrame):
    """A page of the ledger."""

    entries: list[LedgerEntryObject] = Field(description="The entries.")
