"""The mails about payments, cards, auto-renewal and balances: four languages, values that exist."""

from __future__ import annotations

import string
from datetime import UTC, datetime
from typing import Any

import pytest

from core.billing.balance import mail_texts as balance
from core.billing.payments import mail_texts as payments
from core.billing.payments.mail_text import LANGUAGES
from core.money import Money

_MONEY = {"amount", "name", "brand"}
# What the sender of each kind fills in beside these (`Room.mail`).
_FILLED = {
    "confirm": _MONEY,
    "top_up_done": _MONEY,
    "refund_done": _MONEY,
    "refund_failed": _MONEY,
    "page_link": {"name", "brand"},
    "card_expiring": {"name", "brand", "card", "last4", "expiry"},
    "dispute_opened": _MONEY,
    "dispute_won": _MONEY,
    "dispute_lost": _MONEY,
    "auto_renewal_failed": _MONEY | {"next"},
    "auto_renewal_last_try": _MONEY | {"next"},
    "auto_renewal_stopped": {"name", "brand"},
    "auto_renewal_ceiling": _MONEY,
    "plan_upgraded": _MONEY | {"plan"},
    "plan_downgrade_planned": {"name", "brand", "plan", "day"},
    "plan_downgraded": {"name", "brand", "plan"},
    "plan_cancelled": {"name", "brand", "day"},
    "plan_cancel_withdrawn": {"name", "brand"},
    "plan_ended": {"name", "brand"},
}


def _named(*parts: str) -> set[str]:
    return {name for part in parts for _, name, _, _ in string.Formatter().parse(part) if name}


@pytest.mark.parametrize("kind", payments.TEXTS)
def test_each_mail_about_payments_speaks_four_languages(kind: str) -> None:
    told = payments.TEXTS[kind]
    assert tuple(told) == LANGUAGES
    assert len({text.body for text in told.values()}) == len(LANGUAGES)
    assert len({text.button for text in told.values()}) == len(LANGUAGES)
    wanted = _named(told["en"].subject, told["en"].body)
    for text in told.values():
        assert _named(text.subject, text.body) == wanted <= _FILLED[kind]
        values = dict.fromkeys(_FILLED[kind], "x")
        assert "{" not in text.subject.format(**values) + text.body.format(**values) + text.button
        # Who and what happened, then what to do.
        assert text.body.count("\n\n") == 1
        assert "{name}" in text.body


def test_every_kind_of_mail_about_payments_is_filled_in_somewhere() -> None:
    assert set(_FILLED) == set(payments.TEXTS)


@pytest.mark.parametrize("kind", balance.TEXTS)
def test_each_mail_about_a_balance_speaks_four_languages(kind: str) -> None:
    told = balance.TEXTS[kind]
    assert tuple(told) == balance.LANGUAGES == tuple(balance.BUTTON) == LANGUAGES
    assert len({text.body for text in told.values()}) == len(LANGUAGES)
    wanted = _named(told["en"].subject, told["en"].body)
    for text in told.values():
        assert _named(text.subject, text.body) == wanted <= {"amount", "level", "name"}


@pytest.mark.parametrize(
    ("language", "money", "moment"),
    [
        ("en", "€1,234.50", "Nov 3, 2026, 2:05:00\u202fPM"),
        ("de", "1.234,50\xa0€", "03.11.2026, 14:05:00"),
        ("pt_BR", "€\xa01.234,50", "3 de nov. de 2026 14:05:00"),
        ("es", "1.234,50\xa0€", "3 nov 2026, 14:05:00"),
        ("fr", "€1,234.50", "Nov 3, 2026, 2:05:00\u202fPM"),
    ],
)
def test_money_and_moments_are_written_as_the_language_does(
    language: str, money: str, moment: str
) -> None:
    at: Any = datetime(2026, 11, 3, 14, 5, tzinfo=UTC)
    assert payments.amount_in_words(Money.of("1234.50", "EUR"), language) == money
    assert payments.moment_in_words(at, language) == moment


def test_what_is_left_is_never_overstated() -> None:
    assert balance.money_of(12_349_999, "EUR", "en") == "€12.34"
    assert balance.money_of(-1, "EUR", "en") == "-€0.01"
    assert payments.text_of("confirm", "fr") is payments.TEXTS["confirm"]["en"]
