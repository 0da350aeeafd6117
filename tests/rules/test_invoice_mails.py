"""The mails about invoices: all four languages, and only placeholders that are filled."""

from __future__ import annotations

import string
from datetime import date

import pytest

from core.billing.invoices.mail_texts import LANGUAGES, TEXTS, day_of, money_of, text_of

FILLED = {"number", "gross", "brand", "day"}


@pytest.mark.parametrize("kind", TEXTS)
def test_each_mail_speaks_four_languages(kind: str) -> None:
    assert tuple(TEXTS[kind]) == LANGUAGES
    assert len({text.body for text in TEXTS[kind].values()}) == len(LANGUAGES)
    for text in TEXTS[kind].values():
        named = {
            name
            for part in (text.subject, text.body)
            for _, name, _, _ in string.Formatter().parse(part)
            if name
        }
        assert named <= FILLED
        assert "number" in named
        assert text.button


def test_a_language_that_the_hub_does_not_speak_is_english() -> None:
    assert text_of("issued", "fr") is TEXTS["issued"]["en"]
    assert money_of(1_234_500_000, "EUR", "fr") == "€1,234.50"


@pytest.mark.parametrize(
    ("language", "money", "day"),
    [
        ("en", "€1,234.50", "November 3, 2026"),
        ("de", "1.234,50\xa0€", "3. November 2026"),
        ("pt_BR", "€\xa01.234,50", "3 de novembro de 2026"),
        ("es", "1.234,50\xa0€", "3 de noviembre de 2026"),
    ],
)
def test_money_and_days_are_written_as_the_language_does(
    language: str, money: str, day: str
) -> None:
    assert money_of(1_234_500_000, "EUR", language) == money
    assert day_of(date(2026, 11, 3), language) == day
