"""An invoice that does not add up cannot be made."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.billing.invoices.document import (
    DocumentLine,
    Identity,
    InvoiceKind,
    Payment,
    TaxBreakdown,
    decimal,
    simple_line,
    sum_up,
)
from core.billing.invoices.parties import Party
from core.money import Money
from tests.support.invoices import OCTOBER_IDENTITY, TAX_CASES, euros, invoice, treatment_of

CENTS = st.integers(min_value=-10_000_000, max_value=10_000_000)


@given(st.lists(CENTS, min_size=1, max_size=20), st.sampled_from(TAX_CASES))
def test_totals_agree_for_any_lines(cents: list[int], case: str) -> None:
    lines = [simple_line(i, "x", Money(cent * 10_000, "EUR")) for i, cent in enumerate(cents, 1)]
    tax, totals = sum_up(lines, treatment_of(case))
    assert totals.net.minor == sum(cents)
    assert totals.gross == totals.net + tax.tax
    assert totals.payable == totals.gross
    exact = Decimal(sum(cents)) * treatment_of(case).rate.numerator
    assert abs(totals.tax.minor - exact / treatment_of(case).rate.denominator) <= Decimal("0.5")


def test_tax_is_rounded_half_up_once() -> None:
    lines = [simple_line(i, "x", euros("0.50")) for i in (1, 2, 3)]  # each alone would be 0.10
    tax, totals = sum_up(lines, treatment_of("domestic"))
    assert tax.tax == euros("0.29")  # 1.50 × 19 % = 0.285
    assert totals.gross == euros("1.79")


def test_what_was_paid_before_is_not_payable() -> None:
    lines = [simple_line(1, "x", euros("100.00"))]
    _, totals = sum_up(lines, treatment_of("domestic"), prepaid=euros("119.00"))
    assert totals.payable == euros("0.00")


@pytest.mark.parametrize(
    ("quantity", "price", "base", "net"),
    [("3", "0.335", "1", "1.01"), ("9512", "1031.78", "9512", "1031.78"), ("-1", "5", "1", "-5")],
)
def test_a_line_is_quantity_times_price(quantity: str, price: str, base: str, net: str) -> None:
    values = {
        "quantity": Decimal(quantity),
        "unit_price": Decimal(price),
        "price_base": Decimal(base),
    }
    made = DocumentLine(number="1", description="x", net=euros(net), **values)
    assert made.net == euros(net)
    with pytest.raises(ValueError, match="quantity × price"):
        DocumentLine(number="1", description="x", net=euros(net) + euros("0.01"), **values)


def test_a_price_is_never_negative() -> None:
    with pytest.raises(ValueError, match="never negative"):
        DocumentLine(number="1", description="x", net=euros("-5"), unit_price=Decimal(-5))


def test_what_is_taken_off_has_a_negative_quantity() -> None:
    line = simple_line(1, "Settled with credit", euros("-12.34"))
    assert (line.quantity, line.unit_price) == (Decimal(-1), Decimal("12.34"))


def test_wrong_tax_is_refused() -> None:
    with pytest.raises(ValueError, match="is not"):
        TaxBreakdown(treatment=treatment_of("domestic"), base=euros("100"), tax=euros("19.01"))


def test_totals_of_other_lines_are_refused() -> None:
    document = invoice(InvoiceKind.LICENCES)
    with pytest.raises(ValueError, match="sum of the lines"):
        replace(document, lines=document.lines[:1])


def test_amounts_finer_than_a_cent_are_refused() -> None:
    lines = [DocumentLine(number="1", description="x", net=euros("0.01"),
                          unit_price=Decimal("0.0071"))]  # fmt: skip
    _, totals = sum_up(lines, treatment_of("domestic"))
    with pytest.raises(ValueError, match="finer than a cent"):
        replace(totals, prepaid=euros("0.001"), payable=totals.gross - euros("0.001"))


def test_what_is_payable_says_until_when() -> None:
    with pytest.raises(ValueError, match="BR-CO-25"):
        invoice(InvoiceKind.PLAN, due=None, payment=Payment())


def test_only_a_credit_note_names_the_invoice_before_it() -> None:
    with pytest.raises(ValueError, match="credit note"):
        invoice(InvoiceKind.CREDIT_NOTE, preceding=None)
    with pytest.raises(ValueError, match="credit note"):
        invoice(InvoiceKind.PLAN, preceding=invoice(InvoiceKind.CREDIT_NOTE).preceding)


def test_a_number_and_a_line_are_mandatory() -> None:
    with pytest.raises(ValueError, match="BR-02"):
        invoice(InvoiceKind.PLAN, number="")


def test_the_months_movements_lead_from_start_to_end() -> None:
    with pytest.raises(ValueError, match="do not lead"):
        replace(OCTOBER_IDENTITY, end=OCTOBER_IDENTITY.end + euros("0.01"))
    with pytest.raises(ValueError, match="do not lead"):
        Identity(
            start=euros("0"), added=euros("0"), used=euros("0"), refunded=euros("0"),
            corrections=euros("0"), end=Money(0, "USD"),
        )  # fmt: skip


@pytest.mark.parametrize("country", ["", "Germany", "de", "D1", "DEU"])
def test_a_country_is_two_letters(country: str) -> None:
    with pytest.raises(ValueError, match="country"):
        Party(legal_name="x", country=country)


def test_a_party_has_a_name() -> None:
    with pytest.raises(ValueError, match="name"):
        Party(legal_name="  ", country="DE")


@pytest.mark.parametrize(
    ("amount", "told"), [("5", "5.00"), ("5.1", "5.10"), ("0.0456", "0.0456"), ("1000", "1000.00")]
)
def test_money_becomes_an_exact_decimal(amount: str, told: str) -> None:
    assert str(decimal(euros(amount))) == told
