"""A partner with two numbers and the example card, and what its books say."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, select

from core.billing.balance.entities import UsageDay
from core.billing.balance.watch import Watch
from core.billing.card_store import RateCards, example_draft
from core.billing.entities import EntryKind, LedgerEntry, MessageUsage, ParkedMessage
from core.billing.ledger import Ledger, Payer
from core.billing.metering import Metering
from core.clock import Clock
from core.events import Event, EventType
from core.money import Money
from core.ports import Everything, Jobs
from storage.database import SqlDatabase
from storage.metering import SqlUsageBook
from storage.numbers import SqlNumbers
from tests.factories import make_channel, make_client, make_partner, make_waba

ALL = Everything("test")
PHONE, SISTER = "300000000000001", "300000000000002"


@dataclass(frozen=True, slots=True)
class World:
    """Everything a test of metering asks for."""

    database: SqlDatabase
    clock: Clock
    metering: Metering
    watch: Watch
    cards: RateCards
    partner_id: str
    client_id: str
    channel_id: str

    def take(self, *bodies: dict[str, Any]) -> list[int]:
        with self.database.transaction(ALL) as session:
            return self.metering.take(session, bodies)

    def credit(self, client_id: str = "") -> Money:
        with self.database.reading(ALL) as session:
            payer = Payer(partner_id=self.partner_id, client_id=client_id)
            return Ledger(session, self.clock).credit_of(payer, "EUR").available

    def lines(self) -> list[MessageUsage]:
        return self._all(MessageUsage)

    def entries(self) -> list[LedgerEntry]:
        return self._all(LedgerEntry)

    def days(self) -> list[UsageDay]:
        with self.database.reading(ALL) as session:
            return list(session.exec(select(UsageDay)))

    def parked(self) -> dict[str, str]:
        return {row.wamid: row.reason for row in self._all(ParkedMessage)}

    def told(self) -> list[Event]:
        """Balance events."""
        return [e for e in self._all(Event) if e.type == EventType.BALANCE_CHANGED]

    def agree(self) -> None:
        """Each entry is the sum of its lines, the credit the sum of all entries."""
        sums: Counter[str] = Counter()
        for line in self.lines():
            sums[line.entry_key] += line.micros
        entries = {e.key: e.micros for e in self.entries() if e.kind == EntryKind.USAGE}
        assert entries == {key: micros for key, micros in sums.items() if key}
        days = self.days()
        assert sum(day.micros for day in days) == sum(entries.values())
        assert sum(day.messages for day in days) == len(self.lines())

    def _all(self, table: Any) -> list[Any]:
        with self.database.reading(ALL) as session:
            return list(session.exec(select(table).order_by(table.id)))


def build(database: SqlDatabase, clock: Clock, jobs: Jobs | None = None, **partner: Any) -> World:
    """One portfolio, two numbers, EUR, example prices."""
    cards = RateCards(clock)
    with database.transaction(ALL) as session:
        owner = make_partner(session, **partner)
        client = make_client(session, owner)
        waba = make_waba(session, client, owner_business_id="900", timezone_id="Europe/Berlin")
        channel = make_channel(session, waba, external_id=PHONE)
        make_channel(session, waba, external_id=SISTER)
        import_example(session, cards)
    watch = Watch(clock, SqlNumbers(), jobs)
    metering = Metering(clock, SqlUsageBook(), cards, watch)
    return World(database, clock, metering, watch, cards, owner.id, client.id, channel.id)


def import_example(session: Session, cards: RateCards) -> None:
    cards.import_card(session, example_draft("EUR"), "example", is_example=True)
