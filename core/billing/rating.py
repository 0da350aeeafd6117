"""What a delivered message costs: pure, exact, and with the reasons beside the figure.

Meta's `type` decides whether a message is free, never `billable`, which Meta means to drop
(contracts/meta.md section 10). Whatever cannot be rated is `Parked` with its reason: a price is
never guessed. Counts of the month come in as `position`, so that this file has no memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from core.billing.markets import market_of
from core.billing.markups import Markup, marked_up, markup_on
from core.billing.policies import RatePolicy, policy_on
from core.billing.prices import TIERED, Category, Prices, card_on
from core.billing.zones import day_and_month


class ParkedReason(StrEnum):
    """Why a message could not be rated; shown to people, who can do something about most."""

    NO_PRICING = "no_pricing"  # delivered, but no status of it carried Meta's pricing so far
    BAD_TIME = "bad_time"
    NO_POLICY = "no_policy"
    OTHER_MODEL = "other_model"  # Meta names a pricing model that is not the one of that day
    UNKNOWN_TYPE = "unknown_type"
    UNKNOWN_CATEGORY = "unknown_category"
    UNKNOWN_MARKET = "unknown_market"
    NO_CONVERSATION = "no_conversation"
    NO_CARD = "no_card"
    NO_RATE = "no_rate"  # the card has no price for this market and category


class FreeReason(StrEnum):
    """Why a message costs nothing; empty for those that cost something."""

    NONE = ""
    CUSTOMER_SERVICE = "customer_service"  # answered within the customer service window
    ENTRY_POINT = "entry_point"  # 72 hours after a click on an ad or a page button
    SERVICE = "service"  # the policy of the day does not charge service messages
    ALLOWANCE = "allowance"  # one of the month's free service messages of the number


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """A message that was first delivered or read `at`, with Meta's words about it as they came."""

    wamid: str
    at: datetime
    recipient: str  # digits with calling code
    category: str
    type: str
    pricing_model: str = "PMP"
    conversation_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """What rating must know about the number that sent it; ids are opaque."""

    channel: str
    portfolio: str
    timezone_id: str
    currency: str
    markups: tuple[Markup, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Classified:
    """Everything about a message but its place in the month's count.

    `charge_key` is charged once: the message's id, under conversation pricing the conversation's.
    `counter` names the count that `priced` needs the position of; empty where it needs none.
    """

    charge_key: str
    month: str
    market: str
    category: Category
    policy: RatePolicy
    free: FreeReason
    counter: str
    prices: Prices | None
    markup: int = 0  # hundredths of a percent


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """The line: `micros` of `currency` (never negative), and what it was rated by."""

    charge_key: str
    month: str
    market: str
    category: Category
    policy: str
    card: str
    tier: int
    free: FreeReason
    micros: int
    currency: str
    markup: int = 0  # contained in `micros`, hundredths of a percent; 0 when free


@dataclass(frozen=True, slots=True)
class Parked:
    """Kept and shown instead of a guess."""

    reason: ParkedReason


def classify(message: Delivered, sender: Sender, cards: Sequence[Prices]) -> Classified | Parked:
    """Policy, market, category and card of a message, or why it cannot be rated."""
    day, month = day_and_month(message.at, sender.timezone_id)
    policy = policy_on(day)
    if policy is None:
        return Parked(ParkedReason.NO_POLICY)
    if message.pricing_model != policy.pricing_model:
        return Parked(ParkedReason.OTHER_MODEL)
    read = _read(message, policy, day)
    if isinstance(read, ParkedReason):
        return Parked(read)
    free, category, market = read
    key = charge_key_of(policy, message.wamid, message.conversation_id)
    if not key:
        return Parked(ParkedReason.NO_CONVERSATION)
    prices = card_on(cards, sender.currency, day)
    if free is FreeReason.NONE and prices is None:
        return Parked(ParkedReason.NO_CARD)
    return Classified(
        charge_key=key,
        month=month,
        market=market,
        category=category,
        policy=policy,
        free=free,
        counter=_counter(policy, category, free, sender, market=market, month=month),
        prices=prices,
        markup=markup_on(sender.markups, day),
    )


def priced(message: Classified, position: int, currency: str) -> Rated | Parked:
    """The line of a message that is the `position`th (from 1) of its counter's month."""
    free, tier, micros, card, markup = message.free, 0, 0, "", 0
    allowance = message.policy.free_service_messages
    is_service = message.category is Category.SERVICE
    if free is FreeReason.NONE and is_service and allowance and position <= allowance:
        free = FreeReason.ALLOWANCE
    if free is FreeReason.NONE and message.prices is not None:
        # Service messages have no tiers: what they are counted for is the allowance alone.
        step = position if message.category in TIERED else 1
        found = message.prices.price(message.market, message.category, step)
        if found is None:
            return Parked(ParkedReason.NO_RATE)
        tier, micros = found
        markup = message.markup
        card = message.prices.version
    return Rated(
        charge_key=message.charge_key,
        month=message.month,
        market=message.market,
        category=message.category,
        policy=message.policy.id,
        card=card,
        tier=tier,
        free=free,
        micros=marked_up(micros, markup),
        currency=currency,
        markup=markup,
    )


def charge_key_of(policy: RatePolicy, wamid: str, conversation_id: str) -> str:
    """What is charged once; empty where Meta should have named a conversation."""
    if not policy.per_conversation:
        return wamid
    return f"conversation:{conversation_id}" if conversation_id else ""


def price_holds_until(message: Classified, position: int) -> int | None:
    """The last position that `priced` answers like `position`; None: all that follow."""
    if message.free is not FreeReason.NONE:
        return None
    allowance = message.policy.free_service_messages
    if message.category is Category.SERVICE:
        return allowance if allowance and position <= allowance else None
    if message.category not in TIERED or message.prices is None:
        return None
    return message.prices.tier_ends(message.market, message.category, position)


def _read(
    message: Delivered, policy: RatePolicy, day: date
) -> tuple[FreeReason, Category, str] | ParkedReason:
    """Meta's words in ours: why free, which category, which market."""
    free = _free_by_type(message, policy)
    if free is None:
        return ParkedReason.UNKNOWN_TYPE
    category = _CATEGORIES.get(message.category)
    if category is None:
        return ParkedReason.UNKNOWN_CATEGORY
    market = market_of(message.recipient, day)
    if market is None:
        return ParkedReason.UNKNOWN_MARKET
    if free is FreeReason.NONE and category is Category.SERVICE and not policy.charges_service:
        free = FreeReason.SERVICE
    return free, category, market


def _free_by_type(message: Delivered, policy: RatePolicy) -> FreeReason | None:
    """None: a type that nobody knows what it means for the price."""
    if policy.per_conversation and message.category in _FREE_CONVERSATIONS:
        return _FREE_CONVERSATIONS[message.category]
    # Conversation pricing told no type for most of its time: what is not free there is charged.
    told = message.type or ("regular" if policy.per_conversation else "")
    return _TYPES.get(told)


def _counter(
    policy: RatePolicy,
    category: Category,
    free: FreeReason,
    sender: Sender,
    *,
    market: str,
    month: str,
) -> str:
    if category is Category.SERVICE and policy.charges_service:
        # Nobody knows how Meta flags the free thousand, so in-window ones use it up as well.
        is_counted = free is not FreeReason.ENTRY_POINT
        return f"service:{sender.channel}:{month}" if is_counted else ""
    if category in TIERED and free is FreeReason.NONE and not policy.per_conversation:
        return f"tier:{sender.portfolio}:{market}:{category}:{month}"
    return ""


_TYPES = {
    "regular": FreeReason.NONE,
    "free_customer_service": FreeReason.CUSTOMER_SERVICE,
    "free_entry_point": FreeReason.ENTRY_POINT,
}
_FREE_CONVERSATIONS = {
    "service": FreeReason.SERVICE,  # since 2024-11-01, and nothing older ever arrives
    "referral_conversion": FreeReason.ENTRY_POINT,
}
# Others that Meta prints (group and lite messages, AI) have prices of their own, on no card here.
_CATEGORIES = {category.value: category for category in Category} | {
    "authentication_international": Category.AUTHENTICATION_INTERNATIONAL,
    "referral_conversion": Category.SERVICE,
}
