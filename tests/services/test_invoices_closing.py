"""Month closing: ledger and invoices agree after any movements, once per payer and month."""

from __future__ import annotations

import itertools
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import func, select

from core.billing.entities import AccountKind, EntryKind, LedgerEntry, MessageUsage
from core.billing.invoices.drafts import LineKind
from core.billing.invoices.entities import Invoice, InvoiceLine
from core.billing.invoices.month_facts import Span
from core.billing.invoices.statuses import InvoiceStatus
from core.billing.ledger import InsufficientCredit, Ledger, Movement, Payer
from core.clock import FixedClock
from core.errors import Conflict
from core.money import Money
from core.partners.entities import Partner
from core.ports import Tenant
from storage.database import SqlDatabase
from tests.factories import make_number, make_person
from tests.services.invoices_world import ALL, World, build, eur
from tests.services.test_ledger import balances_agree

CATEGORIES = ("marketing", "utility", "service")


@pytest.fixture
def world(database: SqlDatabase, clock: FixedClock) -> World:
    return build(database, clock)


class Books:
    """What happens to the credits of a world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.count = 0
        with world.database.transaction(ALL) as session:
            partner = session.get_one(Partner, world.payer.partner_id)
            self.channel_id = make_number(session, partner).id

    def move(self, verb: str, payer: Payer, amount: Money, **more: Any) -> bool:
        self.count += 1
        key = f"m{self.count}"
        with self.world.database.transaction(Tenant(payer.partner_id)) as session:
            ledger = Ledger(session, self.world.clock)
            return bool(getattr(ledger, verb)(payer, amount, key, **more))

    def use(self, payer: Payer, category: str, market: str, micros: int) -> None:
        """One message, as metering books it."""
        self.count += 1
        entry = f"usage:{self.count}"
        clock = self.world.clock
        with self.world.database.transaction(ALL) as session:
            usage = Movement(
                key=entry,
                kind=EntryKind.USAGE,
                payer=payer,
                debit=AccountKind.CREDIT,
                credit=AccountKind.USAGE,
                amount=Money(micros, "EUR"),
            )
            Ledger(session, clock).post([usage])
            session.add(
                MessageUsage(
                    partner_id=payer.partner_id,
                    charge_key=entry,
                    wamid=entry,
                    channel_id=self.channel_id,
                    client_id=payer.client_id,
                    at=clock.now(),
                    month="2026-11",
                    market=market,
                    category=category,
                    policy="PMP",
                    currency="EUR",
                    micros=micros,
                    entry_key=entry,
                )
            )

    def reverse_last_usage(self) -> None:
        with self.world.database.transaction(ALL) as session:
            newest = select(LedgerEntry.key).where(
                LedgerEntry.kind == EntryKind.USAGE,
                LedgerEntry.key.not_in(  # type: ignore[attr-defined]
                    select(LedgerEntry.reverses).where(LedgerEntry.reverses.is_not(None))  # type: ignore[union-attr]
                ),
            )
            keys = list(session.exec(newest))
            if keys:
                Ledger(session, self.world.clock).reverse(keys[-1], "not delivered")

    def credit(self, payer: Payer) -> int:
        with self.world.database.reading(ALL) as session:
            return Ledger(session, self.world.clock).credit_of(payer, "EUR").available.micros

    def pay(self, invoice: Invoice) -> None:
        """The overdraft is paid: as payments do it."""
        world = self.world

        def settle(session: Any) -> None:
            parts = world.invoices.changing.parts(session, invoice.id)
            if parts.net.micros:
                Ledger(session, world.clock).top_up(parts.payer, parts.net, f"paid:{invoice.id}")
            world.invoices.changing.mark_paid(session, invoice.id, f"pay:{invoice.id}")

        world.act(settle)


def first_of_next_month(world: World) -> None:
    now = world.clock.now()
    turn = (now.replace(day=1, hour=0, minute=0) + timedelta(days=32)).replace(day=1)
    world.clock.advance(turn + timedelta(minutes=11) - now)


def closings(world: World, payer: Payer) -> list[Invoice]:
    return [i for i in world.all() if i.kind == "closing" and i.client_id == payer.client_id]


def lines(world: World, invoice: Invoice) -> list[InvoiceLine]:
    with world.database.reading(ALL) as session:
        found = select(InvoiceLine).where(InvoiceLine.invoice_id == invoice.id)
        return list(session.exec(found.order_by(InvoiceLine.position)))


@pytest.mark.parametrize("seed", range(4))
def test_after_any_movements_ledger_and_invoices_agree_to_the_cent(world: World, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    books = Books(world)
    payers = [world.payer, world.client]
    for _ in range(3):
        for _ in range(25):
            payer = chance.choice(payers)
            world.clock.advance(timedelta(hours=chance.randint(1, 20)))
            _anything(books, payer, chance)
        first_of_next_month(world)
        world.invoices.month_end.close_due()
        for payer in payers:
            issued = closings(world, payer)
            # The books' end is the invoice's, and each month starts where the last one ended.
            assert issued[-1].facts["identity"]["end"] == books.credit(payer)
            for before, after in itertools.pairwise(issued):
                assert after.facts["identity"]["start"] == before.facts["identity"]["end"]
            if issued[-1].payable_micros and chance.random() < 0.6:
                books.pay(issued[-1])
    for payer in payers:
        issued = closings(world, payer)
        used = sum(
            line.net_micros for i in issued for line in lines(world, i) if line.kind == "usage"
        )
        assert used == _booked(world, payer)
        assert sum(i.facts["identity"]["used"] for i in issued) == used
    balances_agree(world.database)


def _anything(books: Books, payer: Payer, chance: random.Random) -> None:
    what = chance.choice(["use", "use", "use", "use", "top_up", "refund", "correct", "reverse"])
    if what == "use":
        market = chance.choice(["Germany", "India", "Other"])
        books.use(payer, chance.choice(CATEGORIES), market, chance.randint(1, 9_000_000))
    elif what == "reverse":
        books.reverse_last_usage()
    elif what == "correct":
        sign = chance.choice([1, -1])
        books.move("correct", payer, Money(sign * chance.randint(1, 300) * 10_000, "EUR"), why="x")
    else:
        try:
            books.move(what, payer, eur(str(chance.randint(1, 20))))
        except InsufficientCredit:
            return


def _booked(world: World, payer: Payer) -> int:
    """Usage in the ledger, less the roundings that were posted to make it cents."""
    with world.database.reading(ALL) as session:
        account = payer.account(AccountKind.USAGE, "EUR")
        for_, against = (
            int(
                session.exec(select(func.sum(LedgerEntry.micros)).where(side == account)).one() or 0
            )
            for side in (LedgerEntry.credit_account, LedgerEntry.debit_account)
        )
        rounding = sum(i.facts["rounding_micros"] for i in closings(world, payer))
        return for_ - against - rounding


def test_a_month_is_closed_once_and_not_before_it_is_over(world: World) -> None:
    books = Books(world)
    books.move("top_up", world.payer, eur("50"))
    books.use(world.payer, "marketing", "Germany", 1_234_567)
    world.clock.advance(datetime(2026, 12, 1, 0, 9, tzinfo=UTC) - world.clock.now())
    assert world.invoices.month_end.close_due() == 0
    world.clock.advance(timedelta(minutes=2))
    assert world.invoices.month_end.close_due() == 1
    assert world.invoices.month_end.close_due() == 0
    again = build_month_end(world)
    assert again.close_due() == 0, "another process finds it closed, too"
    (invoice,) = closings(world, world.payer)
    assert (invoice.status, invoice.gross_micros) == ("paid", 0)
    assert str(invoice.period_first) == "2026-11-01"
    assert str(invoice.period_last) == "2026-11-30"
    assert books.credit(world.payer) == 48_770_000
    kinds = [(line.kind, line.net_micros) for line in lines(world, invoice)]
    assert kinds == [(LineKind.USAGE, 1_230_000), (LineKind.SETTLED, -1_230_000)]
    with world.database.reading(ALL) as session:
        rounding = session.exec(
            select(LedgerEntry).where(LedgerEntry.key.startswith("rounding:"))  # type: ignore[attr-defined]
        ).one()
    assert (rounding.micros, rounding.at.month) == (4_567, 11)


def build_month_end(world: World) -> Any:
    month_end = world.invoices.month_end
    return type(month_end)(world.database, world.clock, world.invoices.issuing)


def test_an_overdraft_is_charged_with_fee_and_vat_and_once(world: World) -> None:
    books = Books(world)
    books.move("top_up", world.payer, eur("10"))
    books.use(world.payer, "marketing", "Germany", 35_000_000)
    first_of_next_month(world)
    world.invoices.month_end.close_due()
    (invoice,) = closings(world, world.payer)
    # 25 of overdraft, 1 of fee, 19 % on both.
    assert (invoice.net_micros, invoice.gross_micros) == (26_000_000, 30_940_000)
    assert invoice.status == InvoiceStatus.PENDING
    world.jobs.drain()
    assert world.collected == [invoice.id]
    books.use(world.payer, "marketing", "Germany", 5_000_000)
    first_of_next_month(world)
    world.invoices.month_end.close_due()
    _, second = closings(world, world.payer)
    assert second.facts["overdraft_micros"] == 5_000_000, "the first 25 were invoiced already"
    books.pay(invoice)
    books.pay(second)
    assert books.credit(world.payer) == 0


def test_a_ledger_that_does_not_add_up_closes_nothing_and_says_so(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    books = Books(world)
    books.move("top_up", world.payer, eur("50"))
    first_of_next_month(world)
    world.invoices.month_end.close_due()
    # Somebody books into a month that is closed.
    late = FixedClock(world.clock.now() - timedelta(days=10))
    with world.database.transaction(ALL) as session:
        Ledger(session, late).top_up(world.payer, eur("1"), "late")
    books.use(world.payer, "marketing", "Germany", 1_000_000)
    books.use(world.client, "marketing", "Germany", 1_000_000)
    first_of_next_month(world)
    assert world.invoices.month_end.close_due() == 1, "the other payer's month is closed"
    assert "month_not_closed" in capsys.readouterr().out
    assert len(closings(world, world.payer)) == 1
    with pytest.raises(Conflict, match="do not lead"):
        _close(world)


def test_the_operators_staff_is_told_of_a_month_that_is_not_closed_once(world: World) -> None:
    with world.database.transaction(ALL) as session:
        make_person(session, email="sam@hub.example", is_staff=True)
    books = Books(world)
    books.move("top_up", world.client, eur("50"))
    first_of_next_month(world)
    world.invoices.month_end.close_due()
    late = FixedClock(world.clock.now() - timedelta(days=10))
    with world.database.transaction(ALL) as session:
        Ledger(session, late).top_up(world.client, eur("1"), "late")
    books.use(world.client, "marketing", "Germany", 1_000_000)
    first_of_next_month(world)
    for _ in range(3):
        assert world.invoices.month_end.close_due() == 0
        world.jobs.drain()
    assert world.told().count("month_not_closed") == 1
    (mail,) = [mail for mail in world.mailer.mails if mail.to == "sam@hub.example"]
    assert mail.subject.startswith("2026-12 of Acme")
    assert f"client {world.client.client_id}" in mail.text


def _close(world: World) -> None:
    world.invoices.month_end.close_month(world.payer, "EUR", Span(2026, 12))


def test_months_that_were_missed_are_closed_the_oldest_first(world: World) -> None:
    books = Books(world)
    for _ in range(2):
        books.use(world.payer, "utility", "India", 1_500)
        world.clock.advance(timedelta(days=31))
    assert world.invoices.month_end.close_due() == 2
    assert [i.period_first.month for i in closings(world, world.payer) if i.period_first] == [
        11,
        12,
    ]
