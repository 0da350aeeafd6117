"""What the balance page shows, as values; amounts are exact (micros), names are for people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from core.billing.balance.entities import StopReason
from core.billing.balance.rules import Runway
from core.money import Money


class NextStep(StrEnum):
    """What somebody should do about the balance, the most urgent first."""

    TOP_UP_NOW = "top_up_now"
    TOP_UP_SOON = "top_up_soon"
    PAY_INVOICES = "pay_invoices"
    LOOK_AT_CAPS = "look_at_caps"
    LOOK_AT_PARKED = "look_at_parked"
    SET_LEVELS = "set_levels"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditView:
    """A payer's credit now, how long it lasts, and what is to be done."""

    client_id: str
    available: Money
    pending: Money
    runway: Runway | None
    levels: tuple[Money, ...]
    stops: frozenset[StopReason]
    steps: tuple[NextStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One line of a table of usage; `id` '' sums up what is not listed."""

    id: str
    name: str
    messages: int
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Movements:
    """A month: start + added - used - fees - refunded + corrected = end, to the micro."""

    month: str
    start: Money
    added: Money
    used: Money
    fees: Money
    refunded: Money
    corrected: Money
    end: Money
    by_category: tuple[Share, ...]
    by_client: tuple[Share, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFigures:
    """A UTC day: what was used and what else moved, and the balance at its end."""

    day: date
    messages: int
    used: Money
    other: Money  # top-ups, fees, refunds and corrections together, signed
    balance: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Spend:
    """Usage of the days from `start` to before `end`, and what it is made of."""

    start: date
    end: date
    messages: int
    free_messages: int
    used: Money
    days: tuple[DayFigures, ...]
    by_category: tuple[Share, ...]
    by_client: tuple[Share, ...]
    by_number: tuple[Share, ...]
    by_market: tuple[Share, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementEntry:
    """One entry as its payer sees it: positive came in, negative left."""

    key: str
    at: datetime
    kind: str
    part: str
    amount: Money
    reverses: str
    about: dict[str, Any]

    @property
    def payment_id(self) -> str:
        """Of the payment that it belongs to, '' for others."""
        kind, _, rest = (self.reverses or self.key).partition(":")
        return rest.partition(":")[0] if kind == "payment" else str(self.about.get("payment", ""))

    @property
    def refund_id(self) -> str:
        """Of the money on its way back that it belongs to, '' for others."""
        kind, _, rest = (self.reverses or self.key).partition(":")
        return rest.partition(":")[0] if kind == "refund" else str(self.about.get("refund", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementPage:
    """Newest first; `next` is the cursor of the page behind it, '' at the end."""

    month: str
    entries: tuple[StatementEntry, ...]
    next: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthBook:
    """All of a month's entries, the oldest first, and the balance before the first of them."""

    start: Money
    entries: tuple[StatementEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageLine:
    """One message: what it cost, by which policy, card, tier and markup; `entry` is the key of
    the ledger entry that it is summed up in, '' when it was free."""

    id: int
    wamid: str
    at: datetime
    number: str
    client: str
    market: str
    category: str
    free: str
    policy: str
    card: str
    tier: int
    markup: int
    amount: Money
    entry: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UsagePage:
    """A figure of the spend and its messages, newest first; `next` is '' at the end."""

    name: str
    messages: int
    free_messages: int
    amount: Money
    lines: tuple[UsageLine, ...]
    next: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryTrace:
    """Where an entry's figure comes from; `next` goes on behind the last line, 0 at the end."""

    entry: StatementEntry
    lines: tuple[UsageLine, ...]
    next: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedRow:
    """A delivered message that could not be rated, and why."""

    id: int
    wamid: str
    number: str
    reason: str
    category: str
    parked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedPage:
    """Newest first; counts by reason stop at `counted_to`."""

    rows: tuple[ParkedRow, ...]
    counts: dict[str, int]
    counted_to: int
    next: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CapView:
    """A client's cap, and what it has used up this month."""

    client_id: str
    client: str
    cap: Money
    spent: Money
    is_reached: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCredit:
    """The credit of one client that pays for itself."""

    client_id: str
    client: str
    available: Money
