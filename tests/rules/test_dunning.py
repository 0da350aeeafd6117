"""When an unpaid invoice is charged again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.billing.invoices.dunning import next_attempt, planned
from core.billing.invoices.statuses import ALLOWED, InvoiceStatus, first_status, require_move
from core.errors import Conflict

ISSUED = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
SCHEDULE = tuple(timedelta(days=day) for day in (1, 3, 7, 14))


@pytest.mark.parametrize(
    ("failed_after", "again_on"),
    [
        (timedelta(), 1),
        (timedelta(hours=23), 1),
        (timedelta(days=1), 3),  # the try of that day itself has failed
        (timedelta(days=2), 3),
        (timedelta(days=3, minutes=1), 7),
        (timedelta(days=13), 14),
        (timedelta(days=14), None),
        (timedelta(days=40), None),
    ],
)
def test_the_next_charge_follows_the_schedule(
    failed_after: timedelta, again_on: int | None
) -> None:
    expected = None if again_on is None else ISSUED + timedelta(days=again_on)
    assert next_attempt(ISSUED, SCHEDULE, ISSUED + failed_after) == expected


def test_tries_in_between_use_up_none() -> None:
    tries = [next_attempt(ISSUED, SCHEDULE, ISSUED + timedelta(hours=h)) for h in range(20)]
    assert set(tries) == {ISSUED + timedelta(days=1)}


def test_a_schedule_of_nothing_stops_at_once() -> None:
    assert next_attempt(ISSUED, (), ISSUED) is None
    assert planned(ISSUED, SCHEDULE)[-1] == ISSUED + timedelta(days=14)


@pytest.mark.parametrize("old", InvoiceStatus)
@pytest.mark.parametrize("new", InvoiceStatus)
def test_only_moves_of_the_table_are_made(old: InvoiceStatus, new: InvoiceStatus) -> None:
    if new in ALLOWED[old]:
        require_move("1", old, new)
        return
    with pytest.raises(Conflict):
        require_move("1", old, new)


def test_nothing_leads_out_of_void_and_nothing_into_a_credit_note() -> None:
    assert not ALLOWED[InvoiceStatus.VOID]
    assert all(InvoiceStatus.CREDIT_NOTE not in moves for moves in ALLOWED.values())


def test_what_has_nothing_to_pay_is_paid() -> None:
    assert first_status(is_credit_note=False, payable_micros=0) is InvoiceStatus.PAID
    assert first_status(is_credit_note=False, payable_micros=1) is InvoiceStatus.PENDING
    assert first_status(is_credit_note=True, payable_micros=1) is InvoiceStatus.CREDIT_NOTE
