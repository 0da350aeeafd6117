"""Rate cards as CSV: what is read, and what a dry run finds odd."""

from __future__ import annotations

from datetime import date

import pytest

from core.billing.card_store import example_draft
from core.billing.markets import markets_on
from core.billing.prices import Category, Prices, Tier
from core.billing.rate_cards import CardDraft, Oddity, read_card

HEAD = "Market,Currency,Marketing,Utility,Authentication,Authentication-International,Service"
GERMANY = "Germany,EUR,0.1131,0.0456,0.0456,n/a,0.02"
TIER_HEAD = "Market,Currency,Category,From,To,Rate"
DAY = date(2026, 10, 1)


def read(*rows: str, tiers: tuple[str, ...] = (), before: Prices | None = None) -> CardDraft:
    return read_card(
        "\n".join([HEAD, *rows]),
        "\n".join([TIER_HEAD, *tiers]),
        currency="EUR",
        effective_from=DAY,
        before=before,
    )


def oddities(draft: CardDraft) -> set[Oddity]:
    """Without the markets that the little cards of these tests do not have."""
    return {f.oddity for f in draft.findings} - {Oddity.MISSING_MARKET}


def test_prices_are_exact_micros() -> None:
    draft = read(GERMANY)
    assert draft.tiers["Germany", Category.MARKETING] == (Tier(1, 113_100),)
    assert draft.tiers["Germany", Category.SERVICE] == (Tier(1, 20_000),)
    assert ("Germany", Category.AUTHENTICATION_INTERNATIONAL) not in draft.tiers
    assert oddities(draft) == set()
    assert draft.may_be_imported


def test_a_spreadsheets_byte_order_mark_and_blanks_do_no_harm() -> None:
    text = f"\ufeff{HEAD}\n Germany , EUR , 0.1131 ,0.0456,0.0456,n/a,0.02\n"
    draft = read_card(text, "", currency="EUR", effective_from=DAY)
    assert draft.tiers["Germany", Category.MARKETING] == (Tier(1, 113_100),)


def test_tiers_take_the_place_of_the_one_price() -> None:
    tiers = ("Germany,EUR,Utility,1,100,0.0456", "Germany,EUR,Utility,101,,0.04")
    draft = read(GERMANY, tiers=tiers)
    assert draft.tiers["Germany", Category.UTILITY] == (Tier(1, 45_600), Tier(101, 40_000))
    assert oddities(draft) == set()


ODD: dict[str, tuple[tuple[str, ...], tuple[str, ...], Oddity, bool]] = {
    "twice": ((GERMANY, GERMANY), (), Oddity.DUPLICATE, False),
    "unknown": ((GERMANY.replace("Germany", "Atlantis"),), (), Oddity.UNKNOWN_MARKET, True),
    "empty": ((GERMANY.replace("0.1131", ""),), (), Oddity.MISSING_CELL, True),
    "no price": ((GERMANY.replace("0.1131", "n/a"),), (), Oddity.MISSING_CELL, True),
    "silent": ((GERMANY.replace("n/a", ""),), (), Oddity.MISSING_CELL, True),
    "short": (("Germany,EUR,0.1",), (), Oddity.MISSING_CELL, True),
    "negative": ((GERMANY.replace("0.1131", "-1"),), (), Oddity.BAD_CELL, False),
    "not a number": ((GERMANY.replace("0.1131", "NaN"),), (), Oddity.BAD_CELL, False),
    "exponent": ((GERMANY.replace("0.1131", "1e3"),), (), Oddity.BAD_CELL, False),
    "huge": ((GERMANY.replace("0.1131", "99999999"),), (), Oddity.BAD_CELL, False),
    "too fine": ((GERMANY.replace("0.1131", "0.11310001"),), (), Oddity.BAD_CELL, False),
    "dollars": ((GERMANY.replace("EUR", "USD"),), (), Oddity.OTHER_CURRENCY, False),
    "gap": (
        (GERMANY,),
        ("Germany,EUR,Utility,1,100,1", "Germany,EUR,Utility,102,,1"),
        Oddity.BAD_TIER,
        False,
    ),
    "late": ((GERMANY,), ("Germany,EUR,Utility,2,,1",), Oddity.BAD_TIER, False),
    "no end": ((GERMANY,), ("Germany,EUR,Utility,1,100,1",), Oddity.BAD_TIER, False),
    "tiered marketing": ((GERMANY,), ("Germany,EUR,Marketing,1,,1",), Oddity.BAD_TIER, False),
    "words": ((GERMANY,), ("Germany,EUR,Utility,one,,1",), Oddity.BAD_TIER, False),
}


@pytest.mark.parametrize("name", ODD)
def test_a_dry_run_lists_what_is_odd(name: str) -> None:
    rows, tiers, oddity, importable = ODD[name]
    draft = read(*rows, tiers=tiers)
    assert oddities(draft) == {oddity}
    assert draft.may_be_imported is importable


def test_missing_columns_are_named() -> None:
    draft = read_card("Market,Marketing\n", "", currency="EUR", effective_from=DAY)
    (found,) = [f for f in draft.findings if f.oddity is Oddity.BAD_HEADER]
    assert found.detail == ""
    assert "utility" in found.where
    assert not draft.may_be_imported


def test_a_card_before_october_2026_has_no_service_column() -> None:
    head, row = HEAD.rsplit(",", 1)[0], GERMANY.rsplit(",", 1)[0]
    draft = read_card(f"{head}\n{row}\n", "", currency="EUR", effective_from=date(2026, 7, 1))
    assert oddities(draft) == set()


def test_jumps_since_the_card_before_are_listed() -> None:
    before = Prices(
        version="old",
        currency="EUR",
        effective_from=date(2026, 7, 1),
        tiers={
            ("Germany", Category.MARKETING): (Tier(1, 50_000),),
            ("Germany", Category.UTILITY): (Tier(1, 45_000),),
        },
    )
    draft = read(GERMANY, before=before)
    (jump,) = [f for f in draft.findings if f.oddity is Oddity.JUMP]
    assert jump.where == "Germany/marketing"
    assert jump.detail == "50000 -> 113100 micros"
    assert draft.may_be_imported


@pytest.mark.parametrize("currency", ["EUR", "USD"])
def test_the_example_cards_are_whole_and_without_oddities(currency: str) -> None:
    draft = example_draft(currency)
    assert draft.findings == ()
    assert {market for market, _ in draft.tiers} == markets_on(DAY)
