"""The balance from traffic to top-up: levels, stops, caps, months that add up, traces, CSV."""

from __future__ import annotations

import csv
import io
import random
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import col, or_, select

from core.access import Gate, Principal
from core.billing.balance import limits
from core.billing.balance.entities import OutboundStop, PartnerMarkup, StopReason
from core.billing.balance.mails import BalanceMails
from core.billing.balance.messages import Cut, Slice
from core.billing.balance.results import NextStep
from core.billing.balance.service import Balances
from core.billing.card_store import example_draft
from core.billing.entities import LedgerEntry
from core.billing.ledger import Ledger, Payer
from core.billing.pay_links.links import PayLinks
from core.billing.prices import Category
from core.clock import FixedClock
from core.errors import Forbidden, InvalidInput, NotFound
from core.events import Event, EventType
from core.money import Money
from core.partners.entities import Partner
from storage.contacts import SqlContacts
from storage.database import SqlDatabase
from storage.jobs_inline import InlineJobs
from storage.numbers import SqlNumbers
from tests.factories import make_channel, make_client, make_partner, make_principal, make_waba
from tests.services.metering_world import ALL, PHONE, build
from tests.services.payments_world import settings
from tests.support.statuses import messages, status
from tests.support.twins import FakeMailer

MARKETING = example_draft("EUR").tiers["Germany", Category.MARKETING][0].micros
MONTH = "2026-11"


class Desk:
    """A world with an owner and everything around the balance."""

    def __init__(self, database: SqlDatabase, clock: FixedClock, **partner: Any) -> None:
        self.jobs, self.mailer = InlineJobs(), FakeMailer()
        chosen = settings()
        self.mails = BalanceMails(
            database=database,
            people=SqlContacts(),
            links=PayLinks(clock, chosen),
            mailer=self.mailer,
            jobs=self.jobs,
            base_url=chosen.base_url,
        )
        self.world = build(database, clock, self.jobs, **partner)
        self.database, self.clock = database, clock
        self.balances = Balances(Gate(database, clock), clock, SqlNumbers(), self.world.watch)
        self.owner = self.principal("owner")
        self._sent = 0

    def principal(self, role: str) -> Principal:
        with self.database.transaction(ALL) as session:
            partner = session.get_one(Partner, self.world.partner_id)
            return make_principal(session, partner, role, self.clock)

    def send(self, count: int, phone: str = PHONE, **changes: Any) -> None:
        """That many marketing messages arrive in one webhook."""
        wamids = [f"w{self._sent + n}" for n in range(count)]
        self._sent += count
        at = int(self.clock.now().timestamp())
        self.world.take(messages(phone, [status(wamid, at=at, **changes) for wamid in wamids]))

    def top_up(self, amount: str, client_id: str = "") -> None:
        payer = Payer(partner_id=self.world.partner_id, client_id=client_id)
        money = Money.of(amount, "EUR")
        with self.database.transaction(ALL) as session:
            Ledger(session, self.clock).top_up(payer, money, f"top:{self.clock.now()}:{amount}")
            self.world.watch.moved(session, payer, money)

    def told(self, type_: EventType) -> list[Event]:
        with self.database.reading(ALL) as session:
            found = select(Event).where(Event.type == type_.value).order_by(col(Event.id))
            return list(session.exec(found))

    def sister_client(self) -> tuple[str, str, str]:
        """Another client's id, number's id and phone id."""
        with self.database.transaction(ALL) as session:
            partner = session.get_one(Partner, self.world.partner_id)
            client = make_client(session, partner)
            channel = make_channel(session, make_waba(session, client), external_id="3777")
            return client.id, channel.id, "3777"


@pytest.fixture
def desk(database: SqlDatabase, clock: FixedClock) -> Desk:
    return Desk(database, clock)


def euros(micros: int) -> Money:
    return Money(micros, "EUR")


def test_traffic_uses_up_the_credit_and_a_top_up_brings_it_back(desk: Desk) -> None:
    desk.top_up("1.00")
    desk.balances.set_levels(desk.owner, ["0.50"])
    half = 500_000 // MARKETING + 1
    desk.send(half)
    (low,) = desk.told(EventType.BALANCE_LOW)
    assert low.data["level_micros"] == 500_000
    assert desk.told(EventType.OUTBOUND_STOPPED) == []

    desk.send(half)
    desk.send(1)
    assert len(desk.told(EventType.BALANCE_LOW)) == 1, "told once until it was above again"
    assert len(desk.told(EventType.BALANCE_EXHAUSTED)) == 1
    stopped = {event.subject_id for event in desk.told(EventType.OUTBOUND_STOPPED)}
    assert len(stopped) == 2, "every number of the payer, once"
    view = desk.balances.credit(desk.owner)
    assert view.stops == {StopReason.BALANCE}
    assert view.steps[0] is NextStep.TOP_UP_NOW

    desk.clock.advance(timedelta(minutes=1))
    desk.top_up("5.00")
    resumed = desk.told(EventType.OUTBOUND_RESUMED)
    assert {event.subject_id for event in resumed} == stopped
    assert desk.balances.credit(desk.owner).stops == frozenset()

    assert desk.jobs.drain() == 2
    subjects = [mail.subject for mail in desk.mailer.mails]
    assert [subject.split(":")[0] for subject in subjects] == ["Credit is low", "Credit is used up"]
    assert {mail.to for mail in desk.mailer.mails} == {desk.owner.email}


def test_a_level_is_told_again_after_the_balance_was_above_it(desk: Desk) -> None:
    desk.balances.set_levels(desk.owner, ["1.00"])
    for _ in range(2):
        desk.clock.advance(timedelta(minutes=1))
        desk.top_up("1.01")
        desk.send(1_010_000 // MARKETING)
    assert len(desk.told(EventType.BALANCE_LOW)) == 2


def test_balance_and_unpaid_invoice_must_both_be_cleared(desk: Desk) -> None:
    payer = Payer(partner_id=desk.world.partner_id)
    stops = desk.world.watch.stops
    desk.send(1)
    with desk.database.transaction(ALL) as session:
        assert stops.stop_outbound(session, payer, StopReason.DUNNING)
        assert not stops.stop_outbound(session, payer, StopReason.DUNNING)
    desk.top_up("5.00")
    assert desk.balances.credit(desk.owner).stops == {StopReason.DUNNING}
    assert desk.told(EventType.OUTBOUND_RESUMED) == []
    with desk.database.transaction(ALL) as session:
        assert stops.resume_outbound(session, payer, StopReason.DUNNING)
        assert not stops.resume_outbound(session, payer, StopReason.DUNNING)
    assert len(desk.told(EventType.OUTBOUND_STOPPED)) == 2
    assert len(desk.told(EventType.OUTBOUND_RESUMED)) == 2


def test_a_client_at_its_cap_stops_alone_and_goes_on_when_it_is_raised(desk: Desk) -> None:
    client_id, channel_id, phone = desk.sister_client()
    desk.top_up("100.00")
    desk.balances.set_cap(desk.owner, client_id, "0.20")
    desk.send(200_000 // MARKETING + 1, phone)
    desk.send(1, phone)
    (reached,) = desk.told(EventType.CAP_REACHED)
    assert reached.subject_id == client_id
    assert [e.subject_id for e in desk.told(EventType.OUTBOUND_STOPPED)] == [channel_id]
    (cap,) = desk.balances.caps(desk.owner)
    assert cap.is_reached
    assert cap.spent >= cap.cap
    assert NextStep.LOOK_AT_CAPS in desk.balances.credit(desk.owner).steps

    desk.balances.set_cap(desk.owner, client_id, "50")
    assert [e.subject_id for e in desk.told(EventType.OUTBOUND_RESUMED)] == [channel_id]
    desk.balances.set_cap(desk.owner, client_id, "0.10")
    assert len(desk.told(EventType.OUTBOUND_STOPPED)) == 2, "what was used this month counts"
    desk.balances.set_cap(desk.owner, client_id, None)
    assert desk.balances.caps(desk.owner) == []
    assert len(desk.told(EventType.OUTBOUND_RESUMED)) == 2


def test_a_capped_client_goes_on_with_the_month(desk: Desk) -> None:
    client_id, channel_id, phone = desk.sister_client()
    desk.top_up("100.00")
    desk.balances.set_cap(desk.owner, client_id, "0.01")
    desk.send(1, phone)
    assert limits.begin_month(desk.database, desk.clock, desk.world.watch) == 0
    desk.clock.advance(timedelta(days=9))
    assert limits.begin_month(desk.database, desk.clock, desk.world.watch) == 1
    assert [e.subject_id for e in desk.told(EventType.OUTBOUND_RESUMED)] == [channel_id]
    assert limits.begin_month(desk.database, desk.clock, desk.world.watch) == 0


def test_an_empty_pot_stops_everybody_but_tells_a_capped_client_nothing_new(desk: Desk) -> None:
    client_id, channel_id, phone = desk.sister_client()
    desk.top_up("1.00")
    desk.balances.set_cap(desk.owner, client_id, "0.01")
    desk.send(1, phone)
    desk.send(1_000_000 // MARKETING)
    told = [event.subject_id for event in desk.told(EventType.OUTBOUND_STOPPED)]
    assert len(told) == len(set(told)) == 3
    desk.clock.advance(timedelta(minutes=1))
    desk.top_up("10.00")
    resumed = {event.subject_id for event in desk.told(EventType.OUTBOUND_RESUMED)}
    assert resumed == set(told) - {channel_id}


def test_a_month_adds_up_to_the_micro_and_to_the_ledger(desk: Desk) -> None:
    payer = Payer(partner_id=desk.world.partner_id)
    desk.clock.advance(timedelta(days=-30))
    desk.top_up("20.00")
    desk.send(7)
    desk.clock.advance(timedelta(days=30))
    desk.top_up("10.00")
    desk.send(5)
    desk.send(3, category="utility")
    with desk.database.transaction(ALL) as session:
        ledger = Ledger(session, desk.clock)
        ledger.refund(payer, Money.of("2.00", "EUR"), "refund")
        ledger.spend(payer, Money.of("1.50", "EUR"), "fee")
        ledger.correct(payer, Money.of("-0.25", "EUR"), "correction", "slip")
        key = next(e.key for e in desk.world.entries() if e.key.startswith("usage:"))
        ledger.reverse(key, "double")
    desk.clock.advance(timedelta(days=30))
    desk.top_up("3.00")

    desk.owner = desk.principal("owner")  # the session of a month ago has ended
    before, month = (desk.balances.movements(desk.owner, m) for m in ("2026-10", MONTH))
    assert before.start == euros(0)
    assert before.end == month.start == euros(20_000_000 - 7 * MARKETING)
    assert month.added == Money.of("10.00", "EUR")
    assert (month.refunded, month.fees) == (Money.of("2", "EUR"), Money.of("1.5", "EUR"))
    assert month.corrected == euros(7 * MARKETING - 250_000)
    assert month.end == (
        month.start + month.added - month.used - month.fees - month.refunded + month.corrected
    )
    assert {share.id: share.messages for share in month.by_category} == {
        "marketing": 5,
        "utility": 3,
    }
    assert sum(share.amount.micros for share in month.by_client) == month.used.micros
    later = desk.balances.movements(desk.owner, "2026-12")
    assert (later.start, later.end) == (month.end, desk.world.credit())

    page = desk.balances.statement(desk.owner, MONTH)
    assert sum(entry.amount.micros for entry in page.entries) == (month.end - month.start).micros


@pytest.mark.parametrize("seed", range(3))
def test_whatever_moves_each_month_ends_where_the_next_begins(desk: Desk, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    payer = Payer(partner_id=desk.world.partner_id)
    start = desk.clock.now() - timedelta(days=80)
    desk.clock.advance(start - desk.clock.now())
    for step in range(30):
        desk.clock.advance(timedelta(hours=chance.randint(1, 110)))
        amount = Money(chance.randint(1, 9_000_000), "EUR")
        act = chance.choice(["send", "send", "top_up", "correct", "reverse"])
        with desk.database.transaction(ALL) as session:
            ledger = Ledger(session, desk.clock)
            if act == "top_up":
                ledger.top_up(payer, amount, f"t{step}")
            elif act == "correct":
                ledger.correct(payer, chance.choice([amount, -amount]), f"c{step}", "slip")
            elif act == "reverse":
                kinds = (LedgerEntry.kind == "usage", LedgerEntry.kind == "top_up")
                known = session.exec(select(LedgerEntry.key).where(or_(*kinds))).all()
                if known:
                    ledger.reverse(chance.choice(known), "mistake")
        if act == "send":
            desk.send(chance.randint(1, 9), category=chance.choice(["marketing", "utility"]))
    desk.owner = desk.principal("owner")
    months = sorted({f"{entry.at:%Y-%m}" for entry in desk.world.entries()})
    end = Money(0, "EUR")
    for month in months:
        told = desk.balances.movements(desk.owner, month)
        assert told.start == end
        end = told.end
        assert end == (
            told.start + told.added - told.used - told.fees - told.refunded + told.corrected
        )
        page = desk.balances.statement(desk.owner, month)
        assert sum(entry.amount.micros for entry in page.entries) == (end - told.start).micros
    assert end == desk.world.credit()


def test_a_statement_comes_in_pages_and_loses_nothing(desk: Desk) -> None:
    for number in range(7):
        desk.top_up(f"{number + 1}.00")
        desk.send(1)
    whole = desk.balances.statement(desk.owner, MONTH)
    assert len(whole.entries) == 14
    keys, cursor = [], ""
    while True:
        page = desk.balances.statement(desk.owner, MONTH, cursor, limit=4)
        keys += [entry.key for entry in page.entries]
        cursor = page.next
        if not cursor:
            break
    assert keys == [entry.key for entry in whole.entries]
    strange = desk.balances.statement(desk.owner, MONTH, "yesterday|1", limit=4)
    assert [entry.key for entry in strange.entries] == keys[:4]


def test_every_entry_leads_to_its_messages_and_their_reasons(desk: Desk) -> None:
    desk.send(120)
    (entry,) = desk.balances.statement(desk.owner, MONTH).entries
    first = desk.balances.entry(desk.owner, entry.key)
    rest = desk.balances.entry(desk.owner, entry.key, first.next)
    lines = [*first.lines, *rest.lines]
    assert (len(first.lines), len(lines), rest.next) == (100, 120, 0)
    assert sum(line.amount.micros for line in lines) == -entry.amount.micros
    assert {(line.policy, line.card, line.tier) for line in lines} == {
        (entry.about["policy"], entry.about["card"], 1)
    }
    with pytest.raises(NotFound):
        desk.balances.entry(desk.owner, "usage:of:nobody")


def test_the_chart_ends_at_the_balance_and_its_tables_add_up(desk: Desk) -> None:
    desk.top_up("10.00")
    desk.clock.advance(timedelta(days=-2))
    desk.send(4)
    desk.clock.advance(timedelta(days=2))
    desk.send(2, recipient="5511912345678")
    spent = desk.balances.spend(desk.owner, date(2026, 11, 1), date(2026, 11, 23))
    assert len(spent.days) == 22
    assert spent.days[-1].balance == desk.world.credit()
    assert spent.messages == 6
    for table in (spent.by_category, spent.by_client, spent.by_number, spent.by_market):
        assert sum(share.amount.micros for share in table) == spent.used.micros
    assert {share.id for share in spent.by_market} == {"Germany", "Brazil"}
    with pytest.raises(InvalidInput):
        desk.balances.spend(desk.owner, date(2026, 11, 1), date(2026, 11, 1))


def test_the_export_has_every_entry_and_sums_up(desk: Desk) -> None:
    desk.top_up("10.00")
    desk.send(2)
    content = b"".join(desk.balances.statement_csv(desk.owner, MONTH)).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content)))
    assert [row["Kind"] for row in rows] == ["usage", "top_up"]
    assert (rows[0]["Out"], rows[1]["In"]) == (f"0.{2 * MARKETING:06}", "10.000000")


def test_parked_messages_are_listed_with_their_reasons(desk: Desk) -> None:
    desk.send(2, type="half_price")
    desk.send(1, category="group_marketing")
    page = desk.balances.parked(desk.owner)
    assert page.counts == {"unknown_category": 1, "unknown_type": 2}
    assert [row.reason for row in page.rows] == ["unknown_category", "unknown_type", "unknown_type"]
    assert NextStep.LOOK_AT_PARKED in desk.balances.credit(desk.owner).steps


def test_the_runway_follows_the_traffic_of_complete_days(desk: Desk) -> None:
    desk.top_up("10.00")
    assert desk.balances.credit(desk.owner).runway is None
    desk.clock.advance(timedelta(days=-1))
    desk.send(10)
    desk.clock.advance(timedelta(days=1))
    lasts = desk.balances.credit(desk.owner).runway
    assert lasts is not None
    assert lasts.days == (10_000_000 - 10 * MARKETING) // (10 * MARKETING)


def test_clients_that_pay_for_themselves_have_credits_and_stops_of_their_own(
    database: SqlDatabase, clock: FixedClock
) -> None:
    desk = Desk(database, clock, billing_model="direct_paid")
    client_id, _, phone = desk.sister_client()
    desk.top_up("5.00", client_id)
    desk.send(1, phone)
    desk.send(1)
    mine = desk.world.client_id
    assert desk.balances.credit(desk.owner, mine).stops == {StopReason.BALANCE}
    assert desk.balances.credit(desk.owner, client_id).stops == frozenset()
    assert len(desk.told(EventType.OUTBOUND_STOPPED)) == 2, "the numbers of the one client"
    credits = {c.client_id: c.available for c in desk.balances.client_credits(desk.owner)}
    assert credits == {client_id: euros(5_000_000 - MARKETING), mine: euros(-MARKETING)}
    month = desk.balances.movements(desk.owner, MONTH, client_id)
    assert month.end == credits[client_id]


def test_where_the_partner_pays_a_client_has_no_credit_but_a_spend(desk: Desk) -> None:
    client_id, _, phone = desk.sister_client()
    desk.send(2, phone)
    desk.send(1)
    with pytest.raises(NotFound):
        desk.balances.credit(desk.owner, client_id)
    spent = desk.balances.spend(desk.owner, date(2026, 11, 22), date(2026, 11, 23), client_id)
    assert spent.messages == 2
    assert spent.days[0].balance == desk.world.credit()


def test_foreign_clients_are_not_found_and_members_are_refused(desk: Desk) -> None:
    with desk.database.transaction(ALL) as session:
        foreign = make_client(session, make_partner(session)).id
    for refused in (
        lambda: desk.balances.set_cap(desk.owner, foreign, "5"),
        lambda: desk.balances.spend(desk.owner, date(2026, 11, 1), date(2026, 11, 2), foreign),
        lambda: desk.balances.movements(desk.owner, MONTH, foreign),
    ):
        with pytest.raises(NotFound):
            refused()
    with pytest.raises(Forbidden):
        desk.balances.credit(desk.principal("member"))


@pytest.mark.parametrize("amount", ["", "0", "-5", "1.001", "1e9", "NaN", "inf", "5 EUR", "٥"])
def test_odd_amounts_are_refused_and_nothing_changes(desk: Desk, amount: str) -> None:
    with pytest.raises(InvalidInput):
        desk.balances.set_levels(desk.owner, ["5.00", amount])
    with pytest.raises(InvalidInput):
        desk.balances.set_cap(desk.owner, desk.world.client_id, amount)
    assert desk.balances.credit(desk.owner).levels == ()
    assert desk.balances.caps(desk.owner) == []


@pytest.mark.parametrize("month", ["", "2026-13", "11-2026", "9999-12", "2026-11-01"])
def test_odd_months_are_refused(desk: Desk, month: str) -> None:
    with pytest.raises(InvalidInput):
        desk.balances.movements(desk.owner, month)


def test_the_operators_markup_is_in_the_price_and_on_the_line(desk: Desk) -> None:
    with desk.database.transaction(ALL) as session:
        session.add(
            PartnerMarkup(
                partner_id=desk.world.partner_id,
                effective_from=date(2026, 11, 22),
                hundredths=1_000,
                created_at=desk.clock.now(),
            )
        )
    desk.send(1)
    desk.send(1, type="free_entry_point")
    paid, free = desk.world.lines()
    assert (paid.micros, paid.markup) == (MARKETING * 11 // 10, 1_000)
    assert (free.micros, free.markup) == (0, 0)


def test_stops_are_one_row_per_reason(desk: Desk) -> None:
    for _ in range(3):
        desk.send(1)
    with desk.database.reading(ALL) as session:
        assert len(session.exec(select(OutboundStop)).all()) == 1
    assert len(desk.told(EventType.BALANCE_EXHAUSTED)) == 1


def test_the_sums_of_the_days_are_those_of_lines_and_entries(desk: Desk) -> None:
    desk.send(9)
    desk.send(3, type="free_entry_point")
    desk.world.agree()


def _slice(desk: Desk, by: Cut = Cut.ALL, part: str = "") -> Slice:
    today = desk.clock.now().date()
    return Slice(start=today - timedelta(days=29), end=today + timedelta(days=1), by=by, part=part)


def test_each_cut_of_the_spend_leads_to_exactly_its_messages(desk: Desk) -> None:
    other_client, other_number, other_phone = desk.sister_client()
    desk.send(3)
    desk.send(2, category="utility", recipient="33123456789")
    desk.send(1, phone=other_phone)
    desk.send(4, type="free_entry_point")
    today = desk.clock.now().date()
    spend = desk.balances.spend(desk.owner, today - timedelta(days=29), today + timedelta(days=1))
    cuts = {
        Cut.CATEGORY: spend.by_category,
        Cut.CLIENT: spend.by_client,
        Cut.NUMBER: spend.by_number,
        Cut.MARKET: spend.by_market,
    }
    for by, shares in cuts.items():
        for share in shares:
            found = desk.balances.messages(desk.owner, _slice(desk, by, share.id))
            assert (found.messages, found.amount) == (share.messages, share.amount)
            assert len(found.lines) == share.messages
            assert sum(line.amount.micros for line in found.lines) == share.amount.micros

    assert {
        line.client
        for line in desk.balances.messages(desk.owner, _slice(desk, Cut.NUMBER, other_number)).lines
    } == {desk.balances.messages(desk.owner, _slice(desk, Cut.CLIENT, other_client)).name}
    free = desk.balances.messages(desk.owner, _slice(desk, Cut.FREE))
    assert (free.messages, free.free_messages, free.amount) == (4, 4, euros(0))
    assert {line.free for line in free.lines} == {"entry_point"}
    assert {line.policy for line in free.lines} == {"PMP-2026-10"}


def test_a_message_told_late_stands_behind_the_day_on_which_it_was_booked(desk: Desk) -> None:
    told = desk.clock.now()
    desk.world.take(
        messages(PHONE, [status("late", at=int((told - timedelta(days=2)).timestamp()))])
    )
    one = Slice(start=told.date(), end=told.date() + timedelta(days=1))
    before = Slice(start=told.date() - timedelta(days=5), end=told.date())
    assert [line.wamid for line in desk.balances.messages(desk.owner, one).lines] == ["late"]
    assert desk.balances.messages(desk.owner, before).lines == ()


def test_messages_are_paged_and_a_strangers_are_not_there(desk: Desk) -> None:
    desk.send(230)
    seen: list[str] = []
    cursor = ""
    while True:
        found = desk.balances.messages(desk.owner, _slice(desk), cursor)
        seen += [line.wamid for line in found.lines]
        if not (cursor := found.next):
            break
    assert sorted(seen) == sorted(f"w{n}" for n in range(230))
    assert desk.balances.messages(desk.owner, _slice(desk), "nonsense").next
    foreign = _slice(desk, Cut.CLIENT, "Nobody1CL")
    assert desk.balances.messages(desk.owner, foreign).lines == ()
    with pytest.raises(Forbidden):
        desk.balances.messages(desk.principal("member"), _slice(desk))
    with pytest.raises(InvalidInput):
        desk.balances.messages(desk.owner, Slice(start=date(2020, 1, 1), end=date(2026, 1, 1)))


def test_a_statement_without_messages_has_what_else_moved(desk: Desk) -> None:
    desk.top_up("5.00")
    desk.send(3)
    kinds = [e.kind for e in desk.balances.statement(desk.owner, MONTH).entries]
    rest = [e.kind for e in desk.balances.statement(desk.owner, MONTH, but_usage=True).entries]
    assert (sorted(kinds), rest) == (["top_up", "usage"], ["top_up"])
