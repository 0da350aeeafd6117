"""Which VAT an invoice bears, from both countries, the VAT ID and the day."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from core.billing.invoices.tax import EU, TaxCategory, UnknownRate, treatment
from core.billing.invoices.vat_rates import STANDARD_RATES, standard_rate

TODAY = date(2026, 11, 1)

# seller, buyer, its VAT ID is valid -> category, percent
CASES = [
    ("DE", "DE", True, "S", 19),
    ("DE", "DE", False, "S", 19),
    ("DE", "PL", True, "AE", 0),
    ("DE", "PL", False, "S", 19),  # the seller's rate, not the buyer's 23
    ("DE", "US", False, "O", 0),
    ("DE", "US", True, "O", 0),
    ("DE", "CH", True, "O", 0),
    ("DE", "GB", True, "O", 0),  # outside since 2021
    ("DE", "XI", True, "O", 0),  # Northern Ireland is inside for goods only
    ("DE", "IM", True, "O", 0),  # counts as the United Kingdom
    ("DE", "MC", True, "AE", 0),  # Monaco counts as France
    ("DE", "MC", False, "S", 19),
    ("FR", "MC", True, "S", 20),  # so for a French seller it is home
    ("DE", "GR", True, "AE", 0),
    ("DE", "EL", True, "AE", 0),  # as Greek VAT IDs begin
    ("EL", "GR", False, "S", 24),
    ("DE", "NO", True, "O", 0),  # the internal market, but not its VAT
    ("DE", "AX", True, "O", 0),  # Åland is outside the Union's VAT territory
    ("DE", "SM", True, "O", 0),
    ("DE", "GP", True, "O", 0),  # French overseas departments, too
    ("IE", "DE", False, "S", 23),
    ("FI", "FI", True, "S", Fraction("25.5")),
    ("CH", "CH", False, "S", Fraction("8.1")),
    ("CH", "DE", True, "O", 0),  # a seller outside charges nobody else
    ("US", "DE", True, "O", 0),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}-{case[1]}-{case[2]}")
def test_countries_and_vat_id_decide(case: tuple[str, str, bool, str, Fraction]) -> None:
    seller, buyer, is_valid, category, percent = case
    found = treatment(seller, buyer, vat_id_is_valid=is_valid, on=TODAY)
    assert (found.category.value, found.rate * 100) == (category, percent)


def test_who_charges_nothing_says_why() -> None:
    for buyer in ("PL", "US"):
        found = treatment("DE", buyer, vat_id_is_valid=True, on=TODAY)
        assert found.sentence
        assert found.code == f"VATEX-EU-{found.category.value}"
    home = treatment("DE", "DE", vat_id_is_valid=True, on=TODAY)
    assert not home.sentence
    assert not home.code


def test_reverse_charge_is_named_as_the_directive_wants_it() -> None:
    found = treatment("DE", "FR", vat_id_is_valid=True, on=TODAY)
    assert found.category is TaxCategory.REVERSE_CHARGE
    assert found.sentence.startswith("Reverse charge")


@pytest.mark.parametrize(
    ("country", "on", "percent"),
    [
        ("DE", date(2020, 6, 30), 19),
        ("DE", date(2020, 7, 1), 16),
        ("DE", date(2020, 12, 31), 16),
        ("DE", date(2021, 1, 1), 19),
        ("EE", date(2025, 6, 30), 22),
        ("EE", date(2025, 7, 1), 24),
        ("SK", date(2024, 12, 31), 20),
        ("SK", date(2025, 1, 1), 23),
        ("RO", date(2025, 7, 31), 19),
        ("RO", date(2025, 8, 1), 21),
    ],
)
def test_a_rate_is_in_force_from_its_day_on(country: str, on: date, percent: int) -> None:
    assert standard_rate(country, on) == Fraction(percent, 100)


def test_every_state_of_the_union_has_a_rate() -> None:
    assert len(EU) == 27
    for country in EU:
        rate = standard_rate(country, TODAY)
        assert rate is not None
        assert Fraction(15, 100) <= rate <= Fraction(27, 100)  # Article 97: at least 15 %


def test_steps_are_in_order_of_their_days_the_newest_first() -> None:
    for steps in STANDARD_RATES.values():
        days = [since for since, _ in steps]
        assert days == sorted(days, reverse=True)


def test_a_rate_that_nobody_knows_is_never_guessed() -> None:
    with pytest.raises(UnknownRate, match="BR"):
        treatment("BR", "BR", vat_id_is_valid=False, on=TODAY)
    with pytest.raises(UnknownRate):
        treatment("DE", "DE", vat_id_is_valid=False, on=date(2019, 12, 31))
