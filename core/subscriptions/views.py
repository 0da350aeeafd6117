"""What pages see of a subscription: values, detached from any session.

Money is before VAT unless it is called `gross`; days are those of the billing zone (`zone`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from core.billing.payments.views import CardView
from core.money import Money
from core.subscriptions.states import (
    CancelReason,
    ChangeKind,
    ChangeStatus,
    PlanName,
    SubscriptionState,
    Tier,
    UpgradeStatus,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteLine:
    """A line, word for word as its invoice has it."""

    description: str
    detail: str
    net: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class NextInvoice:
    """The next regular invoices, plan and licences together, as they would be issued today."""

    on: date
    lines: tuple[QuoteLine, ...]
    net: Money
    tax: Money
    gross: Money
    tax_note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenceRow:
    """A licensed number; `next_tier` from `next_from` on, where a smaller one is planned."""

    channel_id: str
    phone_number: str
    name: str
    client_name: str
    tier: Tier
    price: Money  # a month
    since: datetime
    next_tier: Tier | None
    next_from: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenceSum:
    """All numbers of one tier."""

    tier: Tier
    numbers: int
    price: Money
    total: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """One entry of the history; what does not apply is None or ''."""

    id: str
    at: datetime
    kind: ChangeKind
    status: ChangeStatus
    from_plan: PlanName | None
    to_plan: PlanName | None
    channel_id: str
    phone_number: str  # of a licence's number
    from_tier: Tier | None
    to_tier: Tier | None
    effective_on: date | None
    actor_name: str  # '' where the hub itself did it
    invoice_id: str
    invoice_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UpgradeView:
    """An upgrade that was begun; `payment_id` leads to the confirmation where one is needed."""

    id: str
    status: UpgradeStatus
    to_plan: PlanName
    gross: Money
    decline_code: str  # the provider's word
    payment_id: str
    invoice_id: str
    invoice_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The subscription as it stands; `ends_on` and `period_last` are last days, included."""

    plan: PlanName
    state: SubscriptionState
    price: Money  # a month
    currency: str
    zone: str
    period_first: date
    period_last: date
    next_plan: PlanName | None
    next_plan_on: date | None
    ends_on: date | None
    cancel_reason: CancelReason | None
    is_unpaid: bool  # a plan invoice is: no new clients meanwhile
    open_change: UpgradeView | None
    last_day_invoice: NextInvoice | None  # what was added this month; None: nothing
    next_invoice: NextInvoice | None  # None: nothing will be invoiced any more
    licences: tuple[LicenceSum, ...]
    may_downgrade_self: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOffer:
    """A plan to compare; `answers_first`: support answers its partners before others."""

    plan: PlanName
    price: Money
    is_current: bool
    tiers: tuple[Tier, ...]
    answers_first: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UpgradeQuote:
    """The invoice that will be issued, and what the card will be charged; good until
    `valid_until`. `card`: the primary one; `cards`: all that could be charged instead."""

    token: str
    from_plan: PlanName
    to_plan: PlanName
    lines: tuple[QuoteLine, ...]
    net: Money
    tax: Money
    gross: Money
    tax_note: str
    applies_at: datetime
    valid_until: datetime
    days_left: int  # today included
    days_of_period: int
    next_invoice: NextInvoice
    card: CardView | None
    cards: tuple[CardView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TierPreview:
    """`pro_rata`: on the last day's invoice of this month, for the rest of it; `monthly`: each
    month from the next one on."""

    channel_id: str
    from_tier: Tier
    to_tier: Tier
    effective_on: date
    pro_rata: Money
    monthly: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class UnpaidInvoice:
    """What has to be paid first."""

    invoice_id: str
    number: str
    gross: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelPreview:
    """`ends_on`: the last day, included; `numbers`: digits of the first of the active ones.

    `to_month_end`: notice runs on to the end of the calendar month in which it is over.
    """

    ends_on: date
    notice_days: int
    to_month_end: bool
    active_numbers: int
    numbers: tuple[str, ...]
    unpaid: tuple[UnpaidInvoice, ...]
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DowngradePreview:
    """`against`: licences that the smaller plan does not have; they are to be changed before."""

    to: PlanName
    effective_on: date
    price: Money
    new_price: Money
    saves: Money  # a month
    against: tuple[LicenceRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the desk shows of a partner's subscription."""

    plan: PlanName
    state: SubscriptionState
    next_plan: PlanName | None
    next_plan_on: date | None
    ends_on: date | None
    is_unpaid: bool
    numbers: int  # licensed
    answers_first: bool
