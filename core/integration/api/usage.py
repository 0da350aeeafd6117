"""Balances and usage as programs ask for them; the figures are those of the pages.

The credit of a client that does not pay for itself is the partner's, which its messages are paid
from.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from core.access import Permission, Principal, partner_of
from core.accounts.cursors import is_storable
from core.accounts.entities import Channel
from core.billing.balance import sums
from core.billing.balance.entities import UsageDay
from core.billing.balance.periods import Granularity, Period, Span, periods, template_cost
from core.billing.balance.rules import Part
from core.billing.balance.stops import is_prepaid
from core.billing.balance.sums import Book
from core.billing.entities import AccountKind, EntryKind, LedgerAccount, LedgerEntry
from core.billing.ledger import Ledger, Payer
from core.errors import InvalidInput, NotFound
from core.integration.api.clients import find_client
from core.integration.api.room import Room
from core.money import Money
from core.partners.entities import Partner

_MAY = Permission.BILLING
_LOOKED_AT = 50  # newest entries among which the last top-up is looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageAsked:
    """Moments, both included; without them a year by months or a month by days, up to now."""

    start: datetime | None = None
    end: datetime | None = None
    granularity: Granularity = Granularity.MONTH


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageReport:
    """What is there, what came in last, and what was used; `template_cost` of this month."""

    balance: Money
    renewed_at: datetime | None
    renewed: Money | None
    template_cost: Money
    granularity: Granularity
    periods: tuple[Period, ...]


class Usage:
    """Owners, and programs that may read billing."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def balances(self, who: Principal) -> list[Money]:
        """The partner's own credit per currency, its own currency first."""
        with self._room.gate.reading(who, _MAY) as session:
            partner = partner_of(session, who)
            found = select(LedgerAccount.currency, LedgerAccount.balance).where(
                LedgerAccount.partner_id == partner.id,
                LedgerAccount.client_id == "",
                LedgerAccount.kind == AccountKind.CREDIT.value,
            )
            held = {partner.currency: 0} | dict(session.exec(found).all())
            others = sorted(held.keys() - {partner.currency})
            return [Money(held[name], name) for name in (partner.currency, *others)]

    def report(
        self, who: Principal, asked: UsageAsked, *, client_id: str = "", channel_id: str = ""
    ) -> UsageReport:
        """Of the whole partner, of one client, or of one number of it.

        Raises NotFound. Nothing was used in a period that ends before it begins.
        """
        span = self._span(asked)
        with self._room.gate.reading(who, _MAY) as session:
            partner = partner_of(session, who)
            where = [col(UsageDay.partner_id) == partner.id]
            if client_id:
                where.append(col(UsageDay.client_id) == find_client(session, client_id).id)
            if channel_id:
                where.append(col(UsageDay.channel_id) == _number(session, client_id, channel_id))
            book = book_of(partner, client_id)
            used = periods(session, book.currency, tuple(where), span)
            renewal = _last_renewal(session, book)
            held = Ledger(session, self._room.clock).credit_of(book.payer, book.currency)
            return UsageReport(
                balance=held.available,
                renewed_at=renewal[0] if renewal else None,
                renewed=renewal[1] if renewal else None,
                template_cost=self._template_cost(session, book, tuple(where)),
                granularity=asked.granularity,
                periods=tuple(used),
            )

    def _template_cost(
        self, session: Session, book: Book, where: tuple[ColumnElement[bool], ...]
    ) -> Money:
        today = self._room.clock.now().astimezone(UTC).date()
        span = Span(
            start=today.replace(day=1),
            end=today + timedelta(days=1),
            granularity=Granularity.MONTH,
        )
        return Money(template_cost(periods(session, book.currency, where, span)), book.currency)

    def _span(self, asked: UsageAsked) -> Span:
        """All days of which any part is asked for."""
        now = self._room.clock.now()
        last = asked.end or max(now, asked.start or now)
        end = last.astimezone(UTC).date() + timedelta(days=1)
        if asked.start is not None:
            start = asked.start.astimezone(UTC).date()
        elif asked.granularity is Granularity.DAY:
            start = end - timedelta(days=30)
        else:
            start = (end - timedelta(days=335)).replace(day=1)
        return Span(start=start, end=end, granularity=asked.granularity)


def book_of(partner: Partner, client_id: str) -> Book:
    """Whose credit pays for the client's messages."""
    payer = Payer(partner_id=partner.id, client_id=client_id)
    if client_id and not is_prepaid(partner, payer):
        payer = Payer(partner_id=partner.id)
    return Book(payer=payer, currency=partner.currency)


def moment_of(seconds: int, field: str) -> datetime:
    """A unix time; raises InvalidInput for one that no calendar has."""
    try:
        return datetime.fromtimestamp(seconds, UTC) + timedelta(days=2) - timedelta(days=2)
    except (ValueError, OverflowError, OSError) as error:
        raise InvalidInput(code="period_invalid", field=field) from error


def _number(session: Session, client_id: str, channel_id: str) -> str:
    channel = session.get(Channel, channel_id) if is_storable(channel_id) else None
    if channel is None or channel.client_id != (client_id or channel.client_id):
        raise NotFound("no such number", channel_id=channel_id)
    return channel.id


def _last_renewal(session: Session, book: Book) -> tuple[datetime, Money] | None:
    """When money last came in, and how much; what was taken back since does not count."""
    partner_id = book.payer.partner_id
    taken_back = select(LedgerEntry.reverses).where(
        LedgerEntry.partner_id == partner_id, col(LedgerEntry.reverses).is_not(None)
    )
    found = select(LedgerEntry).where(
        LedgerEntry.partner_id == partner_id,
        LedgerEntry.credit_account == book.account,
        sums.not_usage(),
        LedgerEntry.kind != EntryKind.REVERSAL.value,
        col(LedgerEntry.key).not_in(taken_back),
    )
    newest = found.order_by(col(LedgerEntry.at).desc(), col(LedgerEntry.id).desc())
    for row in session.exec(newest.limit(_LOOKED_AT)):
        part, micros = sums.read(book, row.kind, row.debit_account, row.credit_account, row.micros)
        if part is Part.ADDED:
            return row.at, Money(micros, row.currency)
    return None
