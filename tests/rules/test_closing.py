"""A month's closing: lines, identity and rounding agree to the cent, or there is no invoice."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.billing.invoices.closing import ClosingMismatch, Month, close
from core.billing.invoices.drafts import LineKind
from core.billing.invoices.ports import UsageSum
from core.money import Money, to_minor

FOUR = Decimal(4)
CENT = 10_000
MICROS = st.integers(min_value=0, max_value=5_000_000_000)
CENTS = st.integers(min_value=-(10**6), max_value=10**6).map(lambda cents: cents * CENT)
USAGE = st.lists(
    st.builds(
        UsageSum,
        category=st.sampled_from(["marketing", "utility", "authentication", "service"]),
        market=st.sampled_from(["Germany", "India", "Other", "Brazil", "France"]),
        messages=st.integers(min_value=1, max_value=10**6),
        micros=MICROS,
    ),
    max_size=12,
).map(tuple)


@st.composite
def months(draw: st.DrawFn) -> Month:
    """Any month that the ledger could tell: starts in cents, spends in micros."""
    usage = draw(USAGE)
    used = sum(some.micros for some in usage) + draw(st.sampled_from([0, 0, CENT, -70_001]))
    start, added, refunded = draw(CENTS), abs(draw(CENTS)), abs(draw(CENTS))
    corrections = draw(st.integers(min_value=-(10**9), max_value=10**9))
    end = start + added - used - refunded + corrections
    return Month(
        currency="EUR",
        start=start,
        added=added,
        used=used,
        refunded=refunded,
        corrections=corrections,
        end=end,
        usage=usage,
        outstanding=draw(st.sampled_from([0, 0, 50 * CENT])),
    )


@given(months())
def test_the_ledger_and_the_invoice_agree_to_the_cent(month: Month) -> None:
    closing = close(month, FOUR)
    usage = [line.net.micros for line in closing.lines if line.kind is LineKind.USAGE]
    assert closing.identity.used.micros == sum(usage)
    # What the ledger holds once the rounding is posted is what the invoice says, in cents.
    assert month.end + closing.rounding.micros == closing.identity.end.micros
    assert closing.identity.end.micros % CENT == 0


@given(months())
def test_only_an_overdraft_is_payable_and_each_once(month: Month) -> None:
    closing = close(month, FOUR)
    net = sum(line.net.micros for line in closing.lines)
    overdraft = max(0, -closing.identity.end.micros - month.outstanding)
    assert closing.overdraft.micros == overdraft
    assert closing.fee == to_minor(Money(overdraft, "EUR").times(FOUR / 100))
    assert net == overdraft + closing.fee.micros


@given(months(), st.integers(min_value=-(10**9), max_value=10**9).filter(bool))
def test_a_ledger_that_does_not_add_up_gets_no_invoice(month: Month, wrong: int) -> None:
    with pytest.raises(ClosingMismatch):
        close(replace(month, end=month.end + wrong), FOUR)


def month(**values: int | tuple[UsageSum, ...]) -> Month:
    given_: dict[str, object] = dict.fromkeys(
        ("start", "added", "used", "refunded", "corrections", "end"), 0
    )
    return Month(currency="EUR", **(given_ | values))  # type: ignore[arg-type]


def test_a_month_told_in_figures() -> None:
    usage = (
        UsageSum(category="marketing", market="Germany", messages=1_000, micros=103_333_333),
        UsageSum(category="marketing", market="India", messages=10, micros=92_000),
        UsageSum(category="utility", market="Germany", messages=3, micros=166_665),
    )
    used = 103_591_998
    told = month(start=20_000_000, added=50_000_000, used=used, end=70_000_000 - used, usage=usage)
    closing = close(told, FOUR)
    lines = [(line.kind.value, line.description, line.net.minor) for line in closing.lines]
    assert lines == [
        ("usage", "Marketing messages", 10_343),
        ("usage", "Utility messages", 17),
        ("settled", "Settled with credit", -7_000),
        ("fee", "Processing fee (4 %)", 134),
    ]
    assert closing.lines[0].detail == "Germany: 1,000 · India: 10"
    assert closing.identity.end == Money(-33_600_000, "EUR")
    assert closing.rounding == Money(-8_002, "EUR")
    # Each line multiplies up, as the norm asks.
    numbered = [line.numbered(number) for number, line in enumerate(closing.lines, 1)]
    assert numbered[0].quantity == 1_010


def test_an_overdraft_that_was_invoiced_already_is_not_invoiced_again() -> None:
    told = month(start=-30_000_000, used=5_000_000, end=-35_000_000, outstanding=30_000_000)
    assert close(told, FOUR).overdraft == Money(5_000_000, "EUR")


def test_a_debt_from_a_correction_is_named() -> None:
    closing = close(month(corrections=-8_000_000, end=-8_000_000), FOUR)
    kinds = [line.kind for line in closing.lines]
    assert kinds == [LineKind.USAGE, LineKind.CORRECTION, LineKind.FEE]
    assert sum(line.net.minor for line in closing.lines) == 832


def test_a_month_of_top_ups_only_has_a_line_too() -> None:
    closing = close(month(added=50_000_000, end=50_000_000), FOUR)
    (line,) = closing.lines
    assert (line.description, line.net.micros) == ("No messages charged", 0)


def test_a_start_finer_than_a_cent_is_rounded_with_the_month() -> None:
    closing = close(month(start=1_004_999, end=1_004_999), FOUR)
    assert closing.identity.start == closing.identity.end == Money(1_000_000, "EUR")
    assert closing.rounding == Money(-4_999, "EUR")
