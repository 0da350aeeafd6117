"""The credit balance as a partner works with it: look, trace, set levels and caps.

Every verb takes who acts and passes the gate (billing is for owners). `client_id` names a client
that pays for itself; '' is the partner's own credit. A foreign client is NotFound.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from core.access import Gate, Permission, Principal, partner_of
from core.billing.balance import limits, messages, overview, spending, statement, sums
from core.billing.balance.messages import Slice
from core.billing.balance.ports import Numbers
from core.billing.balance.results import (
    CapView,
    ClientCredit,
    CreditView,
    EntryTrace,
    MonthBook,
    Movements,
    ParkedPage,
    Spend,
    StatementEntry,
    StatementPage,
    UsagePage,
)
from core.billing.balance.stops import is_prepaid
from core.billing.balance.sums import Book
from core.billing.balance.watch import Watch
from core.billing.entities import AccountKind, LedgerAccount
from core.billing.ledger import Payer
from core.clock import Clock
from core.csv_cells import BOM, line
from core.errors import InvalidInput, NotFound
from core.money import Money
from core.partners.entities import BillingModel, Partner

_MAY = Permission.BILLING
_LONGEST = 400  # days of a chart
_CHUNK = 1_000  # entries per transaction of an export
_LINES = 100  # messages of a page


class Balances:
    """All verbs of the credit balance page."""

    def __init__(self, gate: Gate, clock: Clock, numbers: Numbers, watch: Watch) -> None:
        self._gate = gate
        self._clock = clock
        self._numbers = numbers
        self._watch = watch

    def credit(self, who: Principal, client_id: str = "") -> CreditView:
        """Available, pending, how long it lasts, what stops it, what to do next."""
        with self._reading(who, client_id) as (session, book):
            return overview.credit(session, book, self._clock, self._watch)

    def client_credits(
        self, who: Principal, after: str = "", limit: int = 100
    ) -> list[ClientCredit]:
        """Clients that pay for themselves with their credit, by id; empty where the partner pays.

        `after` is the last client id of the page before.
        """
        with self._gate.reading(who, _MAY) as session:
            partner = partner_of(session, who)
            if partner.billing_model != BillingModel.DIRECT_PAID:
                return []
            most = min(limit, 1_000)
            names = self._numbers.accounts(session, partner.id, after, most)
            credits_ = dict(session.exec(_credits_behind(partner, after, most)).all())
            # Who has just come in has no movement yet, and a credit of nothing all the same.
            ids = sorted(names.keys() | credits_.keys())[:most]
            missing = self._numbers.clients(session, partner.id, credits_.keys() - names.keys())
            return [
                ClientCredit(
                    client_id=id_,
                    client=(names | missing).get(id_, id_),
                    available=Money(credits_.get(id_, 0), partner.currency),
                )
                for id_ in ids
            ]

    def movements(self, who: Principal, month: str, client_id: str = "") -> Movements:
        """The month ('2026-11', UTC) with its identity. Raises InvalidInput for another form."""
        start, end = month_of(month)
        with self._reading(who, client_id) as (session, book):
            return spending.movements(session, book, start, end, self._numbers)

    def spend(self, who: Principal, start: date, end: date, client_id: str = "") -> Spend:
        """Days from `start` to before `end` (at most 400), for the chart and its tables.

        Where the partner pays, `client_id` narrows usage to that client; balances stay the payer's.
        """
        if not 0 < (end - start).days <= _LONGEST:
            raise InvalidInput(code="period_invalid", field="period")
        with self._gate.reading(who, _MAY) as session:
            partner = partner_of(session, who)
            self._require_client(session, partner, client_id)
            payer = Payer(partner_id=partner.id, client_id=client_id)
            if client_id and not is_prepaid(partner, payer):
                payer = Payer(partner_id=partner.id)
            book = Book(payer=payer, currency=partner.currency)
            return spending.spend(session, book, start, end, self._numbers, client_id=client_id)

    def statement(
        self,
        who: Principal,
        month: str,
        cursor: str = "",
        client_id: str = "",
        limit: int = 100,
        *,
        but_usage: bool = False,
    ) -> StatementPage:
        """Ledger entries of the month, newest first; a strange cursor is the first page.

        `but_usage`: without those that sum up messages.
        """
        start, end = month_of(month)
        most = min(limit, _CHUNK)
        with self._reading(who, client_id) as (session, book):
            return statement.page(
                session, book, start, end, cursor=cursor, limit=most, but_usage=but_usage
            )

    def messages(
        self, who: Principal, slice_: Slice, cursor: str = "", client_id: str = ""
    ) -> UsagePage:
        """The messages behind a figure of the spend, the free ones too, newest first.

        Raises InvalidInput for more than 400 days.
        """
        if not 0 < (slice_.end - slice_.start).days <= _LONGEST:
            raise InvalidInput(code="period_invalid", field="period")
        with self._reading(who, client_id) as (session, book):
            return messages.page(session, book, slice_, self._numbers, cursor=cursor, limit=_LINES)

    def entry(self, who: Principal, key: str, after: int = 0, client_id: str = "") -> EntryTrace:
        """An entry and the messages that it sums up, with policy, card and tier of each."""
        with self._reading(who, client_id) as (session, book):
            return statement.trace(session, book, key, self._numbers, after=after)

    def statement_csv(self, who: Principal, month: str, client_id: str = "") -> Iterator[bytes]:
        """The whole month as CSV in pieces, each read in a transaction of its own."""
        found = self.statement(who, month, client_id=client_id, limit=_CHUNK)
        yield BOM + line(statement.HEADER).encode()
        while found.entries:
            yield "".join(statement.csv_lines(found.entries)).encode()
            if not found.next:
                return
            found = self.statement(who, month, found.next, client_id, _CHUNK)

    def whole_month(self, who: Principal, month: str, client_id: str = "") -> MonthBook:
        """The balance at the start of the month and all its entries so far, the oldest first."""
        start, end = month_of(month)
        with self._reading(who, client_id) as (session, book):
            before = Money(sums.balance_at(session, book, start), book.currency)
            entries: list[StatementEntry] = []
            cursor = ""
            while True:
                found = statement.page(session, book, start, end, cursor=cursor, limit=_CHUNK)
                entries += found.entries
                if not (cursor := found.next):
                    return MonthBook(start=before, entries=tuple(reversed(entries)))

    def parked(self, who: Principal, before: int = 0) -> ParkedPage:
        """Messages that could not be rated yet, newest first, each with its reason."""
        with self._gate.reading(who, _MAY) as session:
            return statement.parked(session, who.tenant.partner_id, self._numbers, before)

    def has_left(self, who: Principal, client_id: str) -> bool:
        """Whether no number of the client works any more, but one did."""
        with self._reading(who, client_id) as (session, book):
            return self._numbers.has_left(session, book.payer.partner_id, client_id)

    def set_levels(self, who: Principal, levels: Sequence[str], client_id: str = "") -> None:
        """Owners are told when the balance falls to one of these amounts; replaces all before.

        Raises InvalidInput for more than five, and for one that is no positive amount.
        """
        with self._gate.writing(who, _MAY) as session:
            book = self._book(session, who, client_id)
            limits.set_levels(session, self._clock, who, book, levels)

    def find_clients(self, who: Principal, text: str = "", limit: int = 50) -> dict[str, str]:
        """Names by id of clients whose name contains `text`, for choosing one."""
        with self._gate.reading(who, _MAY) as session:
            partner_id = who.tenant.partner_id
            return self._numbers.find_clients(session, partner_id, text.strip()[:100], limit)

    def caps(self, who: Principal) -> list[CapView]:
        """Clients with a cap and what they have used up this month."""
        with self._gate.reading(who, _MAY) as session:
            partner = partner_of(session, who)
            return limits.caps(session, partner, self._numbers, self._watch)

    def set_cap(self, who: Principal, client_id: str, amount: str | None) -> None:
        """What the client may use up in a month from now on; None lets it use what there is.

        A client that a lower cap had stopped goes on at once, one that is over it stops.
        """
        with self._gate.writing(who, _MAY) as session:
            partner = partner_of(session, who)
            if not client_id:
                raise NotFound(client_id=client_id)
            self._require_client(session, partner, client_id)
            limits.set_cap(
                session,
                self._clock,
                who,
                self._watch,
                partner=partner,
                client_id=client_id,
                amount=amount,
            )

    @contextmanager
    def _reading(self, who: Principal, client_id: str) -> Iterator[tuple[Session, Book]]:
        with self._gate.reading(who, _MAY) as session:
            yield session, self._book(session, who, client_id)

    def _book(self, session: Session, who: Principal, client_id: str) -> Book:
        partner = partner_of(session, who)
        payer = Payer(partner_id=partner.id, client_id=client_id)
        if client_id and not is_prepaid(partner, payer):
            raise NotFound(client_id=client_id)
        self._require_client(session, partner, client_id)
        return Book(payer=payer, currency=partner.currency)

    def _require_client(self, session: Session, partner: Partner, client_id: str) -> None:
        if client_id and not self._numbers.clients(session, partner.id, [client_id]):
            raise NotFound(client_id=client_id)


def _credits_behind(partner: Partner, after: str, most: int) -> Select[str, int]:
    found = select(LedgerAccount.client_id, LedgerAccount.balance).where(
        LedgerAccount.partner_id == partner.id,
        LedgerAccount.kind == AccountKind.CREDIT.value,
        LedgerAccount.currency == partner.currency,
        col(LedgerAccount.client_id) > after,
    )
    return found.order_by(col(LedgerAccount.client_id)).limit(most)


def month_of(month: str) -> tuple[date, date]:
    """First day of '2026-11' and of the month behind it; raises InvalidInput."""
    try:
        start = date.fromisoformat(f"{month}-01")
        return start, (start + timedelta(days=31)).replace(day=1)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(code="month_invalid", field="month") from error
