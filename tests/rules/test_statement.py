"""A statement adds up, and shows every movement."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pdf_oxide
import pypdf
import pytest

from core.billing.invoices.paper.statement import statement_pdf
from core.billing.invoices.statement import Movement, Statement
from core.money import Money
from tests.support.invoices import BRAND, BUYERS, OCTOBER, SELLER, euros


def statement(count: int, each: str = "-0.0456") -> Statement:
    balance, movements = euros("5000"), []
    for number in range(count):
        balance += euros(each)
        movements.append(
            Movement(
                at=datetime(2026, 10, 1, tzinfo=UTC) + timedelta(minutes=number),
                kind="usage",
                description=f"Marketing · Germany · Bäckerei {number} 東京",
                amount=euros(each),
                balance=balance,
            )
        )
    return Statement(
        period=OCTOBER, seller=SELLER, payer=BUYERS["domestic"], brand=BRAND,
        start=euros("5000"), end=balance, movements=tuple(movements),
    )  # fmt: skip


def pages(pdf: bytes) -> list[str]:
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    return [" ".join(page.extract_text().split()) for page in reader.pages]


def test_movements_that_do_not_add_up_are_refused() -> None:
    sound = statement(3)
    with pytest.raises(ValueError, match="lead to"):
        replace(sound, end=sound.end + euros("0.01"))
    first, *rest = sound.movements
    wrong = replace(first, balance=first.balance + Money(1, "EUR"))
    with pytest.raises(ValueError, match="should be"):
        replace(sound, movements=(wrong, *rest))


def test_every_movement_stands_once_and_the_balance_is_carried() -> None:
    texts = pages(statement_pdf(statement(120)))
    assert len(texts) == 3
    whole = " ".join(texts)
    assert re.findall(r"Bäckerei (\d+) ", whole) == [str(number) for number in range(120)]
    assert "Balance at the start 5,000.0000" in texts[0]
    assert "Balance at the end 4,994.5280" in texts[-1]
    assert texts[0].split("Carried forward ")[1][:10] == texts[1].split("Brought forward ")[1][:10]


def test_figures_have_as_many_decimals_as_the_finest_needs() -> None:
    assert "4,990.00" in pages(statement_pdf(statement(1, "-10")))[0]
    assert "4,999.999999" in pages(statement_pdf(statement(1, "-0.000001")))[0]


def test_a_month_without_movements_has_a_statement() -> None:
    (text,) = pages(statement_pdf(statement(0)))
    assert "Balance at the end 5,000.00" in text


def test_a_statement_is_pdf_a_3_and_the_same_bytes_each_time() -> None:
    made = statement_pdf(statement(60))
    assert pdf_oxide.PdfDocument.from_bytes(made).validate_pdf_a("3b")["valid"]
    assert made == statement_pdf(statement(60))
