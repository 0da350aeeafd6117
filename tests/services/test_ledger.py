"""The ledger: balanced whatever happens, guarded, append-only, each key once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from core.billing.entities import AccountKind, EntryKind, LedgerAccount, LedgerEntry
from core.billing.ledger import InsufficientCredit, Ledger, Movement, Payer
from core.clock import FixedClock
from core.errors import Conflict, InvalidInput, NotFound
from core.money import Money
from core.ports import Everything, Tenant
from storage.database import SqlDatabase
from storage.tenancy import TenancyError, vetted
from tests.factories import make_partner

ALL = Everything("test")


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


@pytest.fixture
def payer(database: SqlDatabase) -> Payer:
    with database.transaction(ALL) as session:
        return Payer(partner_id=make_partner(session).id)


@pytest.fixture
def do(database: SqlDatabase, clock: FixedClock, payer: Payer) -> Callable[..., bool]:
    """One verb in one transaction of the partner's own."""

    def do_(verb: str, *args: object) -> bool:
        with database.transaction(Tenant(payer.partner_id)) as session:
            done: bool = getattr(Ledger(session, clock), verb)(*args)
            return done

    return do_


def credit(database: SqlDatabase, clock: FixedClock, payer: Payer) -> tuple[Money, Money]:
    with database.reading(Tenant(payer.partner_id)) as session:
        found = Ledger(session, clock).credit_of(payer, "EUR")
        return found.available, found.pending


def balances_agree(database: SqlDatabase) -> None:
    """All balances sum to zero, and each is what the entries say."""
    with database.reading(ALL) as session:
        balances = dict(session.exec(select(LedgerAccount.id, LedgerAccount.balance)).all())
        entries = session.exec(select(LedgerEntry)).all()
    assert sum(balances.values()) == 0
    told = dict.fromkeys(balances, 0)
    for entry in entries:
        told[entry.debit_account] -= entry.micros
        told[entry.credit_account] += entry.micros
    assert told == balances


def test_a_top_up_is_pending_then_available(
    database: SqlDatabase, clock: FixedClock, payer: Payer, do: Callable[..., bool]
) -> None:
    assert do("start_top_up", payer, eur("50"), "t1")
    assert credit(database, clock, payer) == (eur("0"), eur("50"))
    assert do("settle_top_up", "t1")
    assert not do("settle_top_up", "t1")
    assert not do("drop_top_up", "t1"), "what was settled cannot fail any more"
    assert not do("start_top_up", payer, eur("50"), "t1")
    assert credit(database, clock, payer) == (eur("50"), eur("0"))
    balances_agree(database)


def test_a_failed_top_up_leaves_nothing(
    database: SqlDatabase, clock: FixedClock, payer: Payer, do: Callable[..., bool]
) -> None:
    do("start_top_up", payer, eur("50"), "t1")
    assert do("drop_top_up", "t1")
    assert not do("settle_top_up", "t1")
    assert credit(database, clock, payer) == (eur("0"), eur("0"))
    with pytest.raises(NotFound):
        do("settle_top_up", "never")
    balances_agree(database)


def test_credit_is_spent_to_the_last_cent_and_no_further(
    database: SqlDatabase, clock: FixedClock, payer: Payer, do: Callable[..., bool]
) -> None:
    do("top_up", payer, eur("10"), "t1")
    assert do("spend", payer, eur("10"), "f1")
    for verb in ("spend", "refund"):
        with pytest.raises(InsufficientCredit):
            do(verb, payer, eur("0.01"), "f2")
    assert not do("spend", payer, eur("10"), "f1"), "the same key is the same movement"
    assert credit(database, clock, payer) == (eur("0"), eur("0"))
    balances_agree(database)


def test_a_movement_is_taken_back_once_by_its_mirror(
    database: SqlDatabase, clock: FixedClock, payer: Payer, do: Callable[..., bool]
) -> None:
    do("top_up", payer, eur("10"), "t1")
    do("spend", payer, eur("4"), "f1")
    assert do("reverse", "f1", "charged twice")
    assert not do("reverse", "f1", "charged twice")
    assert credit(database, clock, payer)[0] == eur("10")
    with pytest.raises(Conflict):
        do("reverse", "f1:reversed", "no")
    balances_agree(database)


def test_corrections_go_both_ways_and_may_leave_a_debt(
    database: SqlDatabase, clock: FixedClock, payer: Payer, do: Callable[..., bool]
) -> None:
    do("correct", payer, eur("5"), "c1", "goodwill")
    do("correct", payer, eur("-8"), "c2", "goodwill was too much")
    assert credit(database, clock, payer)[0] == eur("-3")
    balances_agree(database)


@pytest.mark.parametrize("amount", ["0", "-1"])
def test_only_positive_amounts_move(payer: Payer, do: Callable[..., bool], amount: str) -> None:
    for verb in ("top_up", "spend", "refund", "start_top_up"):
        with pytest.raises(InvalidInput):
            do(verb, payer, eur(amount), "k")


def test_one_payers_money_is_not_anothers(
    database: SqlDatabase, clock: FixedClock, payer: Payer, do: Callable[..., bool]
) -> None:
    client = Payer(partner_id=payer.partner_id, client_id="oneCL")
    do("top_up", client, eur("10"), "t1")
    with pytest.raises(InsufficientCredit):
        do("spend", payer, eur("1"), "f1")
    with database.transaction(ALL) as session:
        other = Payer(partner_id=make_partner(session).id)
    with pytest.raises(TenancyError):
        do("top_up", other, eur("1"), "t2")


def test_currencies_do_not_mix(
    database: SqlDatabase, clock: FixedClock, payer: Payer, do: Callable[..., bool]
) -> None:
    do("top_up", payer, Money.of("10", "USD"), "t1")
    with pytest.raises(InsufficientCredit):
        do("spend", payer, eur("1"), "f1")
    account = payer.account(AccountKind.CREDIT, "USD")
    with pytest.raises(DBAPIError), database.transaction(ALL) as session:
        session.add(
            LedgerEntry(
                partner_id=payer.partner_id,
                key="mixed",
                kind=EntryKind.FEE,
                debit_account=account,
                credit_account=payer.account(AccountKind.CLEARING, "USD"),
                currency="EUR",
                micros=1,
                at=clock.now(),
            )
        )


@pytest.mark.parametrize(
    "statement", ["UPDATE ledger_entry SET micros = 1", "DELETE FROM ledger_entry"]
)
def test_entries_are_never_changed(
    database: SqlDatabase, payer: Payer, do: Callable[..., bool], statement: str
) -> None:
    do("top_up", payer, eur("10"), "t1")
    with pytest.raises(DBAPIError), database.transaction(ALL) as session:
        session.execute(vetted(text(statement)))


def test_a_refused_movement_among_others_undoes_all_of_them(
    database: SqlDatabase, clock: FixedClock, payer: Payer, do: Callable[..., bool]
) -> None:
    do("top_up", payer, eur("10"), "t1")
    fees = [
        Movement(
            key=f"f{amount}",
            kind=EntryKind.FEE,
            payer=payer,
            debit=AccountKind.CREDIT,
            credit=AccountKind.FEES,
            amount=eur(amount),
        )
        for amount in ("6", "5")
    ]
    with (
        pytest.raises(InsufficientCredit),
        database.transaction(Tenant(payer.partner_id)) as session,
    ):
        Ledger(session, clock).post(fees, guarded=True)
    with database.reading(ALL) as session:
        assert session.exec(select(func.count()).select_from(LedgerEntry)).one() == 1
    balances_agree(database)
