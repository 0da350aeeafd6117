"""What a message costs: policies by date, markets by calling code, tiers, allowances, parking."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from core.billing.card_store import example_draft
from core.billing.markets import country_of, market_of, markets_on
from core.billing.policies import POLICIES, policy_on
from core.billing.prices import Category, Prices, Tier, card_on
from core.billing.rating import (
    Classified,
    Delivered,
    FreeReason,
    Parked,
    ParkedReason,
    Rated,
    Sender,
    classify,
    price_holds_until,
    priced,
)

SENDER = Sender(channel="oneCH", portfolio="900", timezone_id="Europe/Berlin", currency="EUR")
GERMANY = "4915112345678"
OLD, MIDDLE, NEW = (
    datetime(2025, 6, 15, tzinfo=UTC),
    datetime(2026, 9, 15, tzinfo=UTC),
    datetime(2026, 11, 15, tzinfo=UTC),
)


def card(**values: Any) -> Prices:
    prices = {
        Category.MARKETING: (Tier(1, 100_000),),
        Category.UTILITY: (Tier(1, 50_000), Tier(4, 40_000), Tier(6, 30_000)),
        Category.AUTHENTICATION: (Tier(1, 50_000), Tier(4, 45_000)),
        Category.AUTHENTICATION_INTERNATIONAL: (Tier(1, 90_000),),
        Category.SERVICE: (Tier(1, 20_000),),
    }
    given: dict[str, Any] = {
        "version": "EUR-v1",
        "currency": "EUR",
        "effective_from": date(2025, 1, 1),
        "tiers": {("Germany", category): tiers for category, tiers in prices.items()},
    }
    return Prices(**given | values)


def delivered(
    category: str, type_: str = "regular", at: datetime = NEW, **values: Any
) -> Delivered:
    model = "CBP" if at < datetime(2025, 7, 1, tzinfo=UTC) else "PMP"
    message = Delivered(
        wamid="wamid.1",
        at=at,
        recipient=GERMANY,
        category=category,
        type=type_,
        pricing_model=model,
        conversation_id="c1",
    )
    return replace(message, **values)


def rated(message: Delivered, position: int = 1) -> Rated | Parked:
    found = classify(message, SENDER, [card()])
    return found if isinstance(found, Parked) else priced(found, position, "EUR")


REGULAR, WINDOW, ENTRY = "regular", "free_customer_service", "free_entry_point"
# when, category, Meta's type, place in the month's count -> micros, why free
CHARGES: list[tuple[datetime, str, str, int, int, str]] = [
    (MIDDLE, "marketing", REGULAR, 1, 100_000, ""),
    (MIDDLE, "utility", REGULAR, 1, 50_000, ""),
    (MIDDLE, "utility", WINDOW, 1, 0, "customer_service"),
    (MIDDLE, "authentication", REGULAR, 1, 50_000, ""),
    (MIDDLE, "authentication_international", REGULAR, 1, 90_000, ""),
    (MIDDLE, "authentication-international", REGULAR, 1, 90_000, ""),
    (MIDDLE, "service", REGULAR, 5_000, 0, "service"),
    (MIDDLE, "service", WINDOW, 5_000, 0, "customer_service"),
    (MIDDLE, "marketing", ENTRY, 1, 0, "entry_point"),
    (NEW, "utility", REGULAR, 1, 50_000, ""),
    (NEW, "service", REGULAR, 1, 0, "allowance"),
    (NEW, "service", REGULAR, 1_000, 0, "allowance"),
    (NEW, "service", REGULAR, 1_001, 20_000, ""),
    (NEW, "service", ENTRY, 5_000, 0, "entry_point"),
    (NEW, "marketing", ENTRY, 1, 0, "entry_point"),
    (NEW, "utility", ENTRY, 1, 0, "entry_point"),
    (OLD, "marketing", REGULAR, 1, 100_000, ""),
    (OLD, "utility", "", 9, 50_000, ""),
    (OLD, "service", "", 1, 0, "service"),
    (OLD, "referral_conversion", "", 1, 0, "entry_point"),
]


@pytest.mark.parametrize("case", CHARGES, ids=lambda c: f"{c[0]:%Y-%m}-{c[1]}-{c[2]}-{c[3]}")
def test_a_message_costs_what_the_policy_of_its_day_says(
    case: tuple[datetime, str, str, int, int, str],
) -> None:
    at, category, type_, position, micros, free = case
    # Conversation pricing knows no tiers: nothing counts there, every message is the first.
    line = rated(delivered(category, type_, at), 1 if at is OLD else position)
    assert isinstance(line, Rated)
    assert (line.micros, line.free.value) == (micros, free)
    assert line.policy == {OLD: "CBP-2023-06", MIDDLE: "PMP-2025-07", NEW: "PMP-2026-10"}[at]
    assert line.card == ("EUR-v1" if micros else "")
    assert (line.tier > 0) == (micros > 0)


PARKED: dict[ParkedReason, Delivered] = {
    ParkedReason.NO_POLICY: delivered("marketing", at=datetime(2020, 1, 1, tzinfo=UTC)),
    ParkedReason.OTHER_MODEL: delivered("marketing", pricing_model="CBP"),
    ParkedReason.UNKNOWN_TYPE: delivered("marketing", "half_price"),
    ParkedReason.UNKNOWN_CATEGORY: delivered("group_marketing"),
    ParkedReason.UNKNOWN_MARKET: delivered("marketing", recipient="user.name"),
    ParkedReason.NO_CONVERSATION: delivered("marketing", at=OLD, conversation_id=""),
    ParkedReason.NO_CARD: delivered("marketing", at=datetime(2024, 1, 1, tzinfo=UTC)),
    ParkedReason.NO_RATE: delivered("marketing", recipient="33612345678"),
}


@pytest.mark.parametrize("reason", PARKED)
def test_what_cannot_be_rated_is_parked_with_its_reason(reason: ParkedReason) -> None:
    assert rated(PARKED[reason]) == Parked(reason)


def test_free_messages_need_no_card() -> None:
    found = classify(delivered("marketing", ENTRY), SENDER, [])
    assert not isinstance(found, Parked)
    assert found.free is FreeReason.ENTRY_POINT


def test_volume_tiers_are_marginal() -> None:
    lines = [rated(delivered("utility"), position) for position in range(1, 8)]
    found = [(line.tier, line.micros) for line in lines if isinstance(line, Rated)]
    assert found == [(1, 50_000)] * 3 + [(2, 40_000)] * 2 + [(3, 30_000)] * 2


def test_counts_are_kept_per_portfolio_market_category_and_month_of_the_wabas_zone() -> None:
    # 23:30 UTC on the last day of October is November in Berlin.
    late = delivered("utility", at=datetime(2026, 10, 31, 23, 30, tzinfo=UTC))
    found = classify(late, SENDER, [card()])
    assert not isinstance(found, Parked)
    assert found.counter == "tier:900:Germany:utility:2026-11"
    service = classify(replace(late, category="service", type=WINDOW), SENDER, [card()])
    assert not isinstance(service, Parked)
    assert service.counter == "service:oneCH:2026-11"


def test_prices_change_at_midnight_of_the_wabas_zone() -> None:
    there = replace(SENDER, timezone_id="1")  # Los Angeles
    at = datetime(2026, 10, 1, 6, 59, tzinfo=UTC)
    before = classify(delivered("service", at=at), there, [card()])
    after = classify(delivered("service", at=at.replace(hour=7)), there, [card()])
    assert not isinstance(before, Parked)
    assert not isinstance(after, Parked)
    assert (before.policy.id, after.policy.id) == ("PMP-2025-07", "PMP-2026-10")


def test_policies_follow_each_other_without_gap_or_overlap() -> None:
    for earlier, later in itertools.pairwise(POLICIES):
        assert earlier.effective_to == later.effective_from
    assert policy_on(date(2025, 6, 30)) is POLICIES[0]
    assert policy_on(date(2025, 7, 1)) is POLICIES[1]
    assert policy_on(date(2026, 10, 1)) is POLICIES[2]


def test_the_latest_card_of_the_day_counts_and_of_one_day_the_newest_version() -> None:
    first = card(version="a", effective_from=date(2026, 1, 1))
    later = card(version="b", effective_from=date(2026, 10, 1))
    again = card(version="c", effective_from=date(2026, 10, 1))
    cards = [first, later, again, card(version="usd", currency="USD")]
    assert card_on(cards, "EUR", date(2026, 9, 30)) is first
    assert card_on(cards, "EUR", date(2026, 10, 1)) is again
    assert card_on(cards, "EUR", date(2025, 12, 31)) is None


BEFORE, AFTER = date(2026, 9, 30), date(2026, 10, 1)
MARKETS: list[tuple[str, date, str | None]] = [
    (GERMANY, AFTER, "Germany"),
    ("12125550123", AFTER, "North America"),
    ("14165550123", AFTER, "North America"),
    ("17875550123", AFTER, "Rest of Latin America"),  # Puerto Rico
    ("18095550123", AFTER, "Rest of Latin America"),  # Dominican Republic
    ("18765550123", AFTER, "Rest of Latin America"),  # Jamaica
    ("12425550123", AFTER, "Other"),  # Bahamas
    ("79115550123", AFTER, "Russia"),
    ("77015550123", AFTER, "Kazakhstan"),
    ("77015550123", BEFORE, "Other"),
    ("441481000000", AFTER, "United Kingdom"),  # Guernsey shares +44
    ("8801712345678", BEFORE, "Rest of Asia Pacific"),
    ("8801712345678", AFTER, "Bangladesh"),
    ("380501234567", BEFORE, "Rest of Central & Eastern Europe"),
    ("380501234567", AFTER, "Ukraine"),
    ("3545551234", AFTER, "Other"),  # Iceland
    ("999123456", AFTER, None),
    ("", AFTER, None),
    ("1", AFTER, None),
    ("US.13491208655302741918", AFTER, None),  # a business-scoped user id
    ("٤٩١٥١", AFTER, None),
]


@pytest.mark.parametrize(("number", "day", "market"), MARKETS)
def test_a_market_follows_from_the_calling_code(number: str, day: date, market: str | None) -> None:
    assert market_of(number, day) == market


def test_nine_markets_stand_alone_since_october_2026() -> None:
    assert len(markets_on(AFTER) - markets_on(BEFORE)) == 9


def test_the_sum_of_a_month_does_not_depend_on_the_order() -> None:
    prices = [replace_version(example_draft("EUR").tiers)]
    messages = [delivered("utility", wamid=str(n), recipient=GERMANY) for n in range(2_000)]
    sums = set()
    for seed in range(5):
        random.Random(seed).shuffle(messages)  # noqa: S311
        lines = []
        for position, message in enumerate(messages, start=99_000):
            found = classify(message, SENDER, prices)
            assert not isinstance(found, Parked)
            line = priced(found, position, "EUR")
            assert isinstance(line, Rated)
            lines.append(line)
        sums.add(sum(line.micros for line in lines))
    assert len(sums) == 1


def replace_version(tiers: Any) -> Prices:
    return card(version="example", tiers=tiers)


@pytest.mark.parametrize("category", ["marketing", "utility", "authentication", "service"])
@pytest.mark.parametrize("allowance", [None, 3])
def test_a_price_holds_for_exactly_as_long_as_it_is_said_to(
    category: str, allowance: int | None
) -> None:
    found = classify(delivered(category), SENDER, [card()])
    assert isinstance(found, Classified)
    message = replace(found, policy=replace(found.policy, free_service_messages=allowance))
    for position in range(1, 12):
        until = price_holds_until(message, position) or 12
        here = priced(message, position, "EUR")
        assert all(priced(message, n, "EUR") == here for n in range(position, until + 1))
        assert until == 12 or priced(message, until + 1, "EUR") != here


@pytest.mark.parametrize("day", [date(2026, 9, 30), date(2026, 10, 1)])
@pytest.mark.parametrize("number", [GERMANY, "12125550123", "77011234567", "999", "", "49x"])
def test_the_market_follows_from_country_and_day_alone(number: str, day: date) -> None:
    country = country_of(number)
    alike = (GERMANY, "4930123456", "12125550123", "12135550123", "77011234567")
    same = {market_of(n, day) for n in alike if country and country_of(n) == country}
    assert same == ({market_of(number, day)} if country else set())
    assert (market_of(number, day) is None) == (country is None)
