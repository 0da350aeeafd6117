"""The list of invoices: pages, filters, totals, expenses; other partners' are not there."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session

from core.billing.invoices.document import InvoiceKind
from core.billing.invoices.listing import InvoiceQuery
from core.billing.invoices.statuses import InvoiceStatus
from core.clock import FixedClock
from core.errors import NotFound
from core.money import Money
from storage.database import SqlDatabase
from tests.services.invoices_world import World, build, eur


@pytest.fixture
def world(database: SqlDatabase, clock: FixedClock) -> World:
    """Three months: top-ups, a plan that is open, one that was credited, a client's."""
    world = build(database, clock)
    clock.advance(datetime(2026, 9, 10, tzinfo=UTC) - clock.now())
    world.top_up("100", "t1")
    world.top_up("100", "t2")  # at the same moment
    clock.advance(timedelta(days=30))
    world.plan("p1")
    wrong = world.plan("p2")
    clock.advance(timedelta(days=30))
    world.top_up("50", "t3", payer=world.client)

    def credit(session: Session) -> None:
        world.invoices.changing.credit(session, wrong.id, "c1", "twice")

    world.act(credit)
    return world


def numbers(world: World, **values: object) -> list[int]:
    """Counts within the year, in the order of the list."""
    page = world.invoices.invoices(world.who, InvoiceQuery(**values))  # type: ignore[arg-type]
    return [int(row.number[-6:]) for row in page.rows]


def test_the_newest_come_first_and_every_page_goes_on(world: World) -> None:
    every = numbers(world)
    assert sorted(every) == [1, 2, 3, 4, 5, 6]
    assert set(every[:2]) == {5, 6}
    seen: list[str] = []
    cursor = ""
    while True:
        query = InvoiceQuery(size=1, cursor=cursor)
        page = world.invoices.invoices(world.who, query)
        seen += [row.number for row in page.rows]
        cursor = page.next_cursor
        if not cursor:
            break
    assert [int(number[-6:]) for number in seen] == every


@pytest.mark.parametrize("cursor", ["x", "é", "AAAA", "0" * 5000, "MjAyNi0xMS0yMg"])
def test_a_forged_cursor_is_the_first_page(world: World, cursor: str) -> None:
    assert len(numbers(world, cursor=cursor)) == 6


def test_filters(world: World) -> None:
    assert set(numbers(world, statuses=(InvoiceStatus.PAID,))) == {1, 2, 5}
    assert numbers(world, statuses=(InvoiceStatus.PENDING,)) == [3]
    assert set(numbers(world, statuses=(InvoiceStatus.VOID, InvoiceStatus.CREDIT_NOTE))) == {4, 6}
    assert set(numbers(world, kinds=(InvoiceKind.PLAN,))) == {3, 4}
    assert numbers(world, client_id=world.client.client_id) == [5]
    assert set(numbers(world, client_id="")) == {1, 2, 3, 4, 6}
    assert set(numbers(world, first=date(2026, 10, 10), last=date(2026, 10, 10))) == {3, 4}
    assert numbers(world, text=" 2026-000002 ") == [2]
    assert set(numbers(world, text="ACME")) == {1, 2, 3, 4, 6}
    assert numbers(world, text="client") == [5]
    for odd in ("%", "\x00", "\ud800", "x" * 10_000):
        assert set(numbers(world, text=odd)) <= {1, 2, 3, 4, 5, 6}
    assert numbers(world, text="_") == []


def test_totals_are_those_of_the_filters(world: World) -> None:
    page = world.invoices.invoices(world.who, InvoiceQuery(size=1))
    told = [(total.status.value, total.number, total.gross) for total in page.totals]
    assert told == [
        ("pending", 1, eur("595")),
        ("paid", 3, eur("123.76") + eur("123.76") + eur("61.88")),
        ("void", 1, eur("595")),
        ("credit_note", 1, eur("595")),
    ]
    page = world.invoices.invoices(world.who, InvoiceQuery(kinds=(InvoiceKind.CLOSING,)))
    assert (page.rows, page.totals) == ((), ())


def test_clients_are_named(world: World) -> None:
    page = world.invoices.invoices(world.who, InvoiceQuery())
    assert list(page.client_names) == [world.client.client_id]


def test_expenses_by_month_and_kind(world: World) -> None:
    found = world.invoices.expenses(world.who)
    told = [(one.month, one.kind.value, one.gross) for one in found]
    assert told == [
        ("2026-09", "top_up", eur("247.52")),
        ("2026-10", "plan", eur("1190")),
        ("2026-11", "plan", Money(-595_000_000, "EUR")),
        ("2026-11", "top_up", eur("61.88")),
    ]
    assert {one.month for one in world.invoices.expenses(world.who, months=1)} == {"2026-11"}


def test_a_foreign_invoice_is_unknown(
    world: World, database: SqlDatabase, clock: FixedClock
) -> None:
    other = build(database, clock)
    (foreign,) = [i for i in world.all() if i.number.endswith("1")]
    for invoice_id in (foreign.id, "nothingIN", ""):
        with pytest.raises(NotFound):
            other.invoices.invoice(other.who, invoice_id)
        with pytest.raises(NotFound):
            other.invoices.pdf(other.who, invoice_id)
    assert numbers(other) == []
    assert other.invoices.expenses(other.who) == []
    view = world.invoices.invoice(world.who, foreign.id)
    assert [line.kind for line in view.lines] == ["credit", "fee"]
