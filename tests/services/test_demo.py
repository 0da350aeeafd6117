"""The demo world: planted once, every state in it, told as QA's programs expect."""

from __future__ import annotations

import base64
from datetime import date
from decimal import Decimal

from sqlmodel import select

from core.accounts.entities import Channel
from core.accounts.states import State
from core.billing.balance.entities import OutboundStop, UsageDay
from core.billing.entities import LedgerAccount, LedgerEntry
from core.billing.invoices.entities import Invoice
from core.billing.invoices.month_end import MonthEnd
from core.billing.invoices.terms import terms_of
from core.clock import FixedClock
from core.demo.money import plant_money
from core.demo.outside import sandbox_seed
from core.demo.plant import plant
from core.demo.programs import plant_programs
from core.demo.sales import Sales
from core.demo.telling import demo_object
from core.demo.webhooks import plant_webhooks
from core.demo.world import PARTNERS
from core.integration.credentials.door import ApiDoor
from core.partners.entities import Partner
from core.ports import Everything
from core.settings import Settings
from storage.database import SqlDatabase
from storage.jobs_inline import InlineJobs
from storage.metering import SqlUsageBook
from storage.numbers import SqlNumbers
from storage.payers import SqlPayers
from storage.vault import AesVault
from tests.services.payments_program import NOBODY
from tests.services.payments_world import World, assemble, settings
from tests.support.payments_twin import FakePayments

VAULT = AesVault("k1:" + base64.urlsafe_b64encode(bytes(32)).decode())
ISSUER = "http://localhost:8083/identity"


def planted(database: SqlDatabase, clock: FixedClock) -> bool:
    return plant(database, clock, VAULT, issuer=ISSUER, redirect="http://localhost:8083/x")


def test_it_is_planted_once(database: SqlDatabase, clock: FixedClock) -> None:
    assert planted(database, clock)
    assert not planted(database, clock)


def test_each_partner_has_a_key_and_a_system_user_that_work(
    database: SqlDatabase, clock: FixedClock
) -> None:
    planted(database, clock)
    for _ in range(2):
        plant_programs(database, clock)
    door = ApiDoor(database, clock, Settings(_env_file=None))
    for told in demo_object(database, Settings(_env_file=None), VAULT, clock)["partners"]:
        assert door.principal(told["api_key"]).partner_id == told["id"]
        tokens = door.log_in(**told["system_user"])
        assert door.principal(tokens.access_token).partner_id == told["id"]


def test_each_partner_has_a_platform_secret_and_the_first_a_webhook_url(
    database: SqlDatabase, clock: FixedClock
) -> None:
    planted(database, clock)
    told = []
    for _ in range(2):
        plant_webhooks(database, clock, VAULT, receivers="http://localhost:8083/receiver")
        partners = demo_object(database, Settings(_env_file=None), VAULT, clock)["partners"]
        told.append([(each["webhook_url"], each["platform_secret"]) for each in partners])
    assert told[0] == told[1]
    (url, ours), (none, theirs) = told[0]
    assert (url, none) == ("http://localhost:8083/receiver/acm", "")
    assert len({ours, theirs, ""}) == 3


def test_it_is_told_as_programs_expect(database: SqlDatabase, clock: FixedClock) -> None:
    planted(database, clock)
    world = demo_object(database, Settings(_env_file=None), VAULT, clock)
    acme, beta = world["partners"]
    assert (acme["name"], acme["billing_model"]) == ("Acme Messaging", "partner_paid")
    assert (beta["name"], beta["billing_model"]) == ("Beta Connect", "direct_paid")
    assert (len(acme["channels"]), len(beta["channels"])) == (24, 6)
    assert acme["owner_email"] == "ada@acme.example"
    assert acme["member_email"] == "ben@acme.example"
    assert beta["owner_email"] == "carla@beta.example"
    assert world["staff_email"] == "sam@hub.example"


def test_a_balance_is_told_to_the_last_part_of_a_cent(
    database: SqlDatabase, clock: FixedClock
) -> None:
    planted(database, clock)
    with database.transaction(Everything("test")) as session:
        found = select(Partner.id).where(Partner.brand_name == "Acme Messaging")
        about = {"partner_id": session.exec(found).one(), "kind": "credit", "currency": "EUR"}
        session.add(LedgerAccount(id="test", balance=35_105_000, **about))
    acme = demo_object(database, Settings(_env_file=None), VAULT, clock)["partners"][0]
    assert acme["balance"]["available"] == "35.105"


def test_its_money_is_planted_once_and_adds_up(database: SqlDatabase, clock: FixedClock) -> None:
    world = assemble(
        database, clock, InlineJobs(), FakePayments(clock), owner=NOBODY, other_owner=NOBODY
    )
    assert not plant_all(world), "there are no partners yet"
    planted(database, clock)
    assert plant_all(world)
    assert not plant_all(world)
    acme, beta = demo_object(database, Settings(_env_file=None), VAULT, clock)["partners"]
    assert 10 < Decimal(acme["balance"]["available"]) < 100
    assert len(beta["balance"]["clients"]) == 4
    with database.reading(Everything("test")) as session:
        days = session.exec(select(UsageDay)).all()
        used = session.exec(select(LedgerEntry).where(LedgerEntry.kind == "usage")).all()
        stopped = session.exec(select(OutboundStop.client_id, OutboundStop.reason)).all()
    assert sum(day.micros for day in days) == sum(entry.micros for entry in used)
    assert {day.day.month for day in days} == {10, 11}
    assert ("Acm010CL", "cap") in stopped


def test_its_books_agree_and_its_last_month_is_closed(
    database: SqlDatabase, clock: FixedClock
) -> None:
    world = assemble(
        database, clock, InlineJobs(), FakePayments(clock), owner=NOBODY, other_owner=NOBODY
    )
    planted(database, clock)
    plant_all(world)
    agreements = world.payments.agreements()
    assert agreements.keys() == {partner.id for partner in PARTNERS}
    assert all(each.holds and each.provider for each in agreements.values())
    closings = [row for row in world.rows(Invoice) if row.kind == "closing"]
    assert {(row.period_first or date.min).month for row in closings} == {10}
    assert {row.status for row in world.rows(Invoice)} == {"paid"}
    assert world.mailer.mails == []
    before = {row.id: row.balance for row in world.rows(LedgerAccount)}
    assert MonthEnd(database, clock, world.issuing).close_due() == 0
    assert {row.id: row.balance for row in world.rows(LedgerAccount)} == before


def plant_all(world: World) -> bool:
    room, terms = world.payments.room, terms_of(settings())
    return plant_money(
        world.database,
        world.clock,
        SqlUsageBook(),
        SqlNumbers(),
        lambda past, watch: Sales(past, watch, room, SqlPayers(), terms),
    )


def test_acmes_numbers_stand_in_every_state(database: SqlDatabase, clock: FixedClock) -> None:
    planted(database, clock)
    with database.reading(Everything("test")) as session:
        channels = session.exec(select(Channel).where(Channel.partner_id == "AcmeMsPA")).all()
    assert {channel.state for channel in channels} == {state.value for state in State}


def test_meta_outside_knows_the_same_numbers(database: SqlDatabase, clock: FixedClock) -> None:
    planted(database, clock)
    outside = {number["id"] for waba in sandbox_seed()["wabas"] for number in waba["phone_numbers"]}
    with database.reading(Everything("test")) as session:
        assert {channel.external_id for channel in session.exec(select(Channel))} == outside
