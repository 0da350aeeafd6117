"""How numbers, money and times read to a person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.money import Money
from ui import format as words

NOW = datetime(2026, 3, 3, 14, 5, 9, tzinfo=UTC)
BERLIN = words.zone("Europe/Berlin")


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        ("0", "EUR", "0.00 EUR"),
        ("1234567.5", "USD", "1,234,567.50 USD"),
        ("-12.3", "EUR", "-12.30 EUR"),
        ("-0.004", "EUR", "-0.004 EUR"),
        ("0.0636", "USD", "0.0636 USD"),
        ("0.000001", "EUR", "0.000001 EUR"),
    ],
)
def test_money_has_its_currency_and_the_minus_in_front(
    amount: str, currency: str, shown: str
) -> None:
    assert words.money(Money.of(amount, currency)) == shown


@pytest.mark.parametrize(
    ("digits", "shown"),
    [
        ("4915112345678", "+49 1511 2345678"),
        ("+5511987654321", "+55 11 98765-4321"),
        ("12125550123", "+1 212-555-0123"),
        ("999", "999"),
        ("", ""),
        ("not a number", "not a number"),
    ],
)
def test_phone_numbers_are_grouped_by_country(digits: str, shown: str) -> None:
    assert words.phone(digits) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("TIER_250", "250 / 24 h"),
        ("TIER_2K", "2,000 / 24 h"),
        ("TIER_100K", "100,000 / 24 h"),
        ("10000", "10,000 / 24 h"),
        ("TIER_UNLIMITED", "Unlimited"),
        ("", "Unknown"),
        ("TIER_NOT_SET", "TIER_NOT_SET"),
    ],
)
def test_limits_are_messages_a_day(value: str, shown: str) -> None:
    assert words.limit(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("GREEN", "High"),
        ("yellow", "Medium"),
        ("RED", "Low"),
        ("UNKNOWN", "Unknown"),
        ("", "Unknown"),
    ],
)
def test_quality_is_a_word(value: str, shown: str) -> None:
    assert words.quality(value) == shown


def test_a_quality_that_nobody_knows_yet_is_shown_as_it_is() -> None:
    assert words.quality("PURPLE") == "PURPLE"


@pytest.mark.parametrize(
    ("ago", "shown"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=5), "5 min ago"),
        (timedelta(minutes=-90), "in 1 h"),
        (timedelta(hours=3), "3 h ago"),
        (timedelta(hours=20), "yesterday"),
        (timedelta(days=-1), "tomorrow"),
        (timedelta(days=3), "3 days ago"),
        (timedelta(days=40), "22 Jan 2026"),
    ],
)
def test_time_is_told_from_now(ago: timedelta, shown: str) -> None:
    assert words.relative(NOW - ago, NOW) == shown


def test_yesterday_is_the_persons_yesterday() -> None:
    late = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)  # already the 3rd in Berlin
    assert words.relative(late, NOW) == "yesterday"
    assert words.relative(late, NOW, BERLIN) == "14 h ago"


def test_the_exact_time_is_in_the_persons_zone() -> None:
    assert words.exact(NOW, BERLIN) == "3 Mar 2026, 15:05:09 CET"
    assert words.exact(NOW) == "3 Mar 2026, 14:05:09 UTC"


@pytest.mark.parametrize("name", ["", "Nowhere/Land", "../../etc/passwd", "a" * 300])
def test_an_unknown_zone_is_utc(name: str) -> None:
    assert words.exact(NOW, words.zone(name)).endswith("UTC")


def test_counts_know_one_and_many() -> None:
    assert words.count(1, "number") == "1 number"
    assert words.count(1200, "number") == "1,200 numbers"
    assert words.count(2, "entry", "entries") == "2 entries"
