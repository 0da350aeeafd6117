"""Double entry in integer micros: money is never made or lost, only moved.

Verbs write in the caller's transaction. Each takes a `key`: the same key again changes nothing.
Balances change by guarded UPDATEs, so that two spenders cannot both have the last cent. After
`InsufficientCredit` the transaction must be rolled back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from core.billing.entities import AccountKind, EntryKind, LedgerAccount, LedgerEntry
from core.clock import Clock
from core.errors import Conflict, InvalidInput, NotFound
from core.money import Money


class InsufficientCredit(Conflict):
    """The account does not hold as much as should leave it."""

    code = "insufficient_credit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Whose money: the partner's, or (direct-paid) one client's of it."""

    partner_id: str
    client_id: str = ""

    def account(self, kind: AccountKind, currency: str) -> str:
        """The account's id: made of its parts, so that nobody has to look it up."""
        return f"{self.partner_id}:{self.client_id}:{kind}:{currency}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One entry to be: `amount` (positive) leaves `debit` and arrives at `credit`."""

    key: str
    kind: EntryKind
    payer: Payer
    debit: AccountKind
    credit: AccountKind
    amount: Money
    reverses: str | None = None
    about: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Credit:
    """What can be spent now, and what is on its way."""

    available: Money
    pending: Money


class Ledger:
    """One per transaction; the session's scope must cover the payers."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    def credit_of(self, payer: Payer, currency: str) -> Credit:
        """Zero for a payer without any movement."""
        return Credit(
            self._balance(payer, AccountKind.CREDIT, currency),
            self._balance(payer, AccountKind.PENDING, currency),
        )

    def top_up(self, payer: Payer, amount: Money, key: str) -> bool:
        """Money that came in is available at once. False: the key was known, nothing changed."""
        return self._move(EntryKind.TOP_UP, payer, _IN, amount, key)

    def start_top_up(self, payer: Payer, amount: Money, key: str) -> bool:
        """The amount is pending until it is settled or dropped under the same key."""
        return self._move(EntryKind.TOP_UP_STARTED, payer, _EXPECTED, amount, f"{key}:started")

    def settle_top_up(self, key: str) -> bool:
        """What was pending is available. NotFound for a top-up never started; False once ended."""
        return self._end_top_up(key, EntryKind.TOP_UP_SETTLED, AccountKind.CREDIT)

    def drop_top_up(self, key: str) -> bool:
        """The payment failed: nothing is pending any more. False once ended."""
        return self._end_top_up(key, EntryKind.TOP_UP_DROPPED, AccountKind.CLEARING)

    def spend(self, payer: Payer, amount: Money, key: str) -> bool:
        """A fee is paid out of the credit; raises InsufficientCredit rather than going below 0."""
        return self._move(EntryKind.FEE, payer, _SPENT, amount, key, guarded=True)

    def refund(self, payer: Payer, amount: Money, key: str) -> bool:
        """Unspent credit leaves for the payer's card; raises InsufficientCredit."""
        return self._move(EntryKind.REFUND, payer, _OUT, amount, key, guarded=True)

    def correct(self, payer: Payer, amount: Money, key: str, why: str) -> bool:
        """Staff's correction, positive in the payer's favour; may take the credit below 0."""
        size = Money(abs(amount.micros), amount.currency)
        sides = _FAVOUR if amount.micros > 0 else (_FAVOUR[1], _FAVOUR[0])
        return self._move(EntryKind.CORRECTION, payer, sides, size, key, about={"why": why})

    def reverse(self, key: str, why: str) -> bool:
        """The entry is taken back by its mirror image, once; entries themselves never change.

        Raises NotFound, or Conflict for a reversal, which is answered by a new movement instead,
        and for a step of a top-up, which is ended, not reversed.
        """
        entry = self._entry(key)
        if entry.kind in _NOT_REVERSIBLE:
            raise Conflict(code="not_reversible", key=key)
        reversal = Movement(
            key=f"{key}:reversed",
            kind=EntryKind.REVERSAL,
            payer=_payer(entry),
            debit=_kind(entry.credit_account),
            credit=_kind(entry.debit_account),
            amount=Money(entry.micros, entry.currency),
            reverses=key,
            about=entry.about | {"why": why},
        )
        return bool(self.post([reversal]))

    def post(self, movements: Sequence[Movement], *, guarded: bool = False) -> set[str]:
        """Write entries and balances; returns the keys that were new.

        `guarded`: no debited account may go below zero (InsufficientCredit). Balances come last,
        in one order everywhere: a hot account is locked for as short as can be, nobody deadlocks.
        """
        if not movements:
            return set()
        _check(movements)
        self._open_accounts(movements)
        new = self._write(movements)
        changes: dict[str, int] = defaultdict(int)
        for movement in movements:
            if movement.key in new:
                debit, credit = _accounts(movement)
                changes[debit] -= movement.amount.micros
                changes[credit] += movement.amount.micros
        for account, change in sorted(changes.items()):
            self._change(account, change, guarded=guarded)
        return new

    def _move(
        self,
        kind: EntryKind,
        payer: Payer,
        sides: tuple[AccountKind, AccountKind],
        amount: Money,
        key: str,
        *,
        guarded: bool = False,
        about: dict[str, Any] | None = None,
    ) -> bool:
        movement = Movement(
            key=key,
            kind=kind,
            payer=payer,
            debit=sides[0],
            credit=sides[1],
            amount=amount,
            about=about or {},
        )
        return bool(self.post([movement], guarded=guarded))

    def _end_top_up(self, key: str, kind: EntryKind, to: AccountKind) -> bool:
        started = self._entry(f"{key}:started")
        # One key for both ends: a top-up is settled or dropped, whichever is told first.
        return self._move(
            kind,
            _payer(started),
            (AccountKind.PENDING, to),
            Money(started.micros, started.currency),
            f"{key}:ended",
        )

    def _balance(self, payer: Payer, kind: AccountKind, currency: str) -> Money:
        # Columns, not the entity: a session remembers entities, and balances move under it.
        found = select(LedgerAccount.balance).where(
            LedgerAccount.id == payer.account(kind, currency)
        )
        return Money(self._session.exec(found).first() or 0, currency)

    def _entry(self, key: str) -> LedgerEntry:
        found = self._session.exec(select(LedgerEntry).where(LedgerEntry.key == key)).first()
        if found is None:
            raise NotFound(key=key)
        return found

    def _open_accounts(self, movements: Sequence[Movement]) -> None:
        rows = {
            account: {
                "id": account,
                "partner_id": movement.payer.partner_id,
                "client_id": movement.payer.client_id,
                "kind": kind.value,
                "currency": movement.amount.currency,
                "balance": 0,
            }
            for movement in movements
            for kind, account in zip(
                (movement.debit, movement.credit), _accounts(movement), strict=True
            )
        }
        known = select(LedgerAccount.id).where(col(LedgerAccount.id).in_(rows))
        for account in self._session.exec(known):
            del rows[account]
        if rows:
            wanted = [rows[account] for account in sorted(rows)]
            opened = self._insert(LedgerAccount).values(wanted)
            self._session.execute(opened.on_conflict_do_nothing(index_elements=["id"]))

    def _write(self, movements: Sequence[Movement]) -> set[str]:
        rows = [_row(movement, self._clock) for movement in movements]
        written = self._insert(LedgerEntry).values(rows)
        written = written.on_conflict_do_nothing().returning(col(LedgerEntry.key))
        return set(self._session.execute(written).scalars())

    def _insert(self, table: Any) -> Any:
        on_postgresql = self._session.get_bind().dialect.name == "postgresql"
        return (postgresql if on_postgresql else sqlite).insert(table)

    def _change(self, account: str, change: int, *, guarded: bool) -> None:
        changed = update(LedgerAccount).where(col(LedgerAccount.id) == account)
        if guarded and change < 0:
            changed = changed.where(col(LedgerAccount.balance) >= -change)
        changed = changed.values(balance=LedgerAccount.balance + change)
        done: Any = self._session.execute(changed, execution_options={"synchronize_session": False})
        if done.rowcount != 1:
            raise InsufficientCredit(account=account)


# Debited and credited account of each movement.
_IN = (AccountKind.CLEARING, AccountKind.CREDIT)
_EXPECTED = (AccountKind.CLEARING, AccountKind.PENDING)
_SPENT = (AccountKind.CREDIT, AccountKind.FEES)
_OUT = (AccountKind.CREDIT, AccountKind.REFUNDS)
_FAVOUR = (AccountKind.CORRECTIONS, AccountKind.CREDIT)

# Steps of a top-up, and what takes back already.
_NOT_REVERSIBLE = frozenset(
    {
        EntryKind.REVERSAL,
        EntryKind.TOP_UP_STARTED,
        EntryKind.TOP_UP_SETTLED,
        EntryKind.TOP_UP_DROPPED,
    }
)


def _check(movements: Sequence[Movement]) -> None:
    for movement in movements:
        if movement.amount.micros <= 0:
            raise InvalidInput(code="amount_not_positive", key=movement.key)
    if len({movement.key for movement in movements}) < len(movements):
        raise ValueError("two movements with one key")


def _accounts(movement: Movement) -> tuple[str, str]:
    currency = movement.amount.currency
    return (
        movement.payer.account(movement.debit, currency),
        movement.payer.account(movement.credit, currency),
    )


def _row(movement: Movement, clock: Clock) -> dict[str, Any]:
    debit, credit = _accounts(movement)
    return {
        "partner_id": movement.payer.partner_id,
        "key": movement.key,
        "kind": movement.kind.value,
        "debit_account": debit,
        "credit_account": credit,
        "currency": movement.amount.currency,
        "micros": movement.amount.micros,
        "at": clock.now(),
        "reverses": movement.reverses,
        "about": movement.about,
    }


def _payer(entry: LedgerEntry) -> Payer:
    partner_id, client_id, _, _ = entry.debit_account.split(":")
    return Payer(partner_id=partner_id, client_id=client_id)


def _kind(account: str) -> AccountKind:
    return AccountKind(account.split(":")[2])
