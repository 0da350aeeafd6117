"""What each event says to a partner's program: the contract's names and objects."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, date
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlmodel import col, select

from core.accounts.apply_updates import apply_updates
from core.accounts.entities import Channel, Template
from core.accounts.meta_reading import number_reading, waba_reading
from core.accounts.meta_updates import updates_in
from core.billing.invoices.entities import Invoice
from core.billing.ledger import Payer
from core.clock import FixedClock
from core.columns import new_key
from core.events import EventType, record
from core.integration.outbound.entities import Delivery, WebhookEndpoint, WebhookOutbox
from core.integration.outbound.fanout import FanOut
from core.ports import Database, Everything
from core.subscriptions.entities import Subscription
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from storage.numbers import SqlNumbers
from tests import factories
from tests.services.onboarding_world import WAY_TO_LIVE, onboarding_world
from tests.support.bodies import body

TEST = Everything("test")
WABA, NUMBER = "100000000000001", "4915112345678"


def listening(database: Database, clock: FixedClock, partner_id: str) -> None:
    """The partner has an endpoint; nobody posts to it here."""
    with database.transaction(TEST) as session:
        session.add(
            WebhookEndpoint(
                partner_id=partner_id,
                url="https://hooks.example.com/x",
                created_at=clock.now(),
                modified_at=clock.now(),
            )
        )


def told(database: Database, clock: FixedClock) -> list[Any]:
    """The bodies of all deliveries, in their order."""
    FanOut(database, clock, LocalFeed()).work_off()
    with database.reading(TEST) as session:
        assert session.exec(select(WebhookOutbox)).all() == []
        found = session.exec(select(Delivery.body).order_by(col(Delivery.id))).all()
    return [orjson.loads(body) for body in found]


def test_an_onboarding_is_told_in_the_contracts_order(
    database: Database, clock: FixedClock
) -> None:
    world = onboarding_world(database, clock)
    listening(database, clock, world.partner.id)
    browser = world.browser()
    browser.sign_up()
    bodies = told(database, clock)
    browser.connect()
    browser.service.finish(browser.key)
    bodies = told(database, clock)
    assert [body["event"] for body in bodies] == ["client_created", *WAY_TO_LIVE]
    client, channel = world.clients()[0], world.channels()[0]
    assert bodies[0]["data"]["client"]["id"] == client.id
    for data in (each["data"] for each in bodies[1:]):
        assert data["id"] == channel.id
        assert data["client"]["id"] == client.id
        assert "event" not in data
    granted = bodies[3]["data"]
    assert granted["status"] == "ready"
    assert {key for key, value in granted.items() if value is None} <= {
        *("billing_started_at", "terminated_at", "cancelled_at", "has_inbox", "is_oba"),
    }
    assert len({body["id"] for body in bodies}) == 7


def number_of(database: Database, clock: FixedClock) -> Channel:
    """One number, its WABA and a sister number, of a partner that listens."""
    with database.transaction(TEST) as session:
        partner = factories.make_partner(session)
        client = factories.make_client(session, partner)
        waba = factories.make_waba(
            session, client, external_id=WABA, business_verification="pending"
        )
        number = factories.make_channel(
            session,
            waba,
            phone_number=NUMBER,
            quality="GREEN",
            messaging_limit="TIER_250",
        )
        factories.make_channel(session, waba)
    listening(database, clock, partner.id)
    return number


@pytest.fixture
def number(database: Database, clock: FixedClock) -> Channel:
    return number_of(database, clock)


@pytest.fixture
def on_sqlite(tmp_path: Path, migrated_file: Path, feed: LocalFeed) -> Iterator[Database]:
    """Where the kind of database does not matter."""
    url = f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'alone.sqlite3')}"
    database = SqlDatabase(url, feed, threads=4)
    yield database
    database.close()


def meta_says(database: Database, clock: FixedClock, field: str, value: dict[str, Any]) -> None:
    with database.transaction(TEST) as session:
        apply_updates(session, clock, updates_in(orjson.loads(body(WABA, field, value))))


def test_what_meta_changed_is_told_with_what_it_was(
    database: Database, clock: FixedClock, number: Channel
) -> None:
    flagged = {"display_phone_number": NUMBER, "event": "FLAGGED"}
    limit = {"max_daily_conversations_per_business": "TIER_10K"}
    meta_says(database, clock, "phone_number_quality_update", flagged)
    meta_says(database, clock, "business_capability_update", limit)
    with database.transaction(TEST) as session:
        node = {"id": number.external_id, "quality_rating": "RED", "verified_name": "New name"}
        apply_updates(session, clock, number_reading(node, clock.now()))
        waba = {"id": WABA, "business_verification_status": "verified"}
        apply_updates(session, clock, waba_reading(waba, clock.now()))
    changes = {
        (body["event"], body["data"]["id"] == number.id): body["data"]["change"]
        for body in told(database, clock)
    }
    assert changes[("channel_status_changed", True)]["current"] == "FLAGGED"
    assert changes[("messaging_limit_changed", True)] == {
        "previous": "TIER_0.25K",
        "current": "TIER_10K",
    }
    assert changes[("phone_number_quality_changed", True)] == {
        "previous": "Green",
        "current": "Red",
    }
    assert changes[("display_name_changed", True)]["current"] == "New name"
    for of_this_one in (True, False):  # an account is told of once for each of its numbers
        assert changes[("business_verification_changed", of_this_one)] == {
            "previous": "pending",
            "current": "verified",
        }


@pytest.mark.parametrize(
    ("event", "value", "name", "key"),
    [
        (
            "ACCOUNT_VIOLATION",
            {"violation_info": {"violation_type": "SCAM"}},
            "account_violation",
            ("violation_type", "SCAM"),
        ),
        (
            "ACCOUNT_RESTRICTION",
            {"restriction_info": [{"restriction_type": "X", "expiration": 1}]},
            "account_restriction",
            ("restriction_info", [{"restriction_type": "X", "expiration": 1}]),
        ),
        (
            "DISABLED_UPDATE",
            {"ban_info": {"waba_ban_state": "DISABLE", "waba_ban_date": "today"}},
            "account_disabled",
            ("ban_info", {"waba_ban_state": "DISABLE", "waba_ban_date": "today"}),
        ),
        (
            "DISABLED_UPDATE",
            {"ban_info": {"waba_ban_state": "REINSTATE"}},
            "account_reinstated",
            ("ban_info", {"waba_ban_state": "REINSTATE"}),
        ),
    ],
)
def test_enforcement_is_told_for_each_number(  # noqa: PLR0917
    on_sqlite: Database,
    clock: FixedClock,
    event: str,
    value: dict[str, Any],
    name: str,
    key: tuple[str, Any],
) -> None:
    ours = number_of(on_sqlite, clock)
    meta_says(on_sqlite, clock, "account_update", {"event": event} | value)
    bodies = told(on_sqlite, clock)
    assert [body["event"] for body in bodies] == [name, name]
    (data,) = [body["data"] for body in bodies if body["data"]["channel_id"] == ours.id]
    assert (data["phone_number"], data[key[0]]) == (NUMBER, key[1])


def test_a_client_that_takes_its_account_away_revokes_the_permission(
    on_sqlite: Database, clock: FixedClock
) -> None:
    number_of(on_sqlite, clock)
    info = {"event": "PARTNER_REMOVED", "waba_info": {"waba_id": WABA}}
    meta_says(on_sqlite, clock, "account_update", info)
    bodies = told(on_sqlite, clock)
    assert [body["event"] for body in bodies] == ["channel_permission_revoked"] * 2


def test_a_decision_on_a_template_names_metas_account(
    on_sqlite: Database, clock: FixedClock
) -> None:
    number_of(on_sqlite, clock)
    value = {
        "event": "REJECTED",
        "message_template_id": 1002,
        "message_template_name": "order_ready",
        "message_template_language": "de",
        "reason": "INVALID_FORMAT",
    }
    meta_says(on_sqlite, clock, "message_template_status_update", value)
    (body_,) = told(on_sqlite, clock)
    assert (body_["event"], body_["data"]["id"]) == ("waba_template_status_changed", WABA)
    template = body_["data"]["template"]
    with on_sqlite.reading(TEST) as session:
        row = session.exec(select(Template)).one()
    assert template["id"] == row.id
    assert (template["external_id"], template["name"]) == ("1002", "order_ready")
    assert (template["new_status"], template["rejected_reason"]) == ("REJECTED", "INVALID_FORMAT")


def test_events_written_in_bulk_are_told_one_by_one(
    database: Database, clock: FixedClock, number: Channel
) -> None:
    payer = Payer(partner_id=number.partner_id)
    with database.transaction(TEST) as session:
        count = SqlNumbers().tell(
            session,
            EventType.OUTBOUND_STOPPED,
            payer,
            at=clock.now(),
            reason="balance",
            but=(),
        )
    bodies = told(database, clock)
    assert count == 2
    assert [body["event"] for body in bodies] == ["template_messaging_disabled"] * 2
    assert number.id in {body["data"]["id"] for body in bodies}


def test_what_is_not_in_the_catalogue_stays_in_the_hub(
    on_sqlite: Database, clock: FixedClock
) -> None:
    ours = number_of(on_sqlite, clock)
    with on_sqlite.transaction(TEST) as session:
        for type_ in EventType:
            if type_ in (EventType.NOTE_WRITTEN, EventType.SIGNED_IN, EventType.BALANCE_CHANGED):
                record(
                    session,
                    clock,
                    type_,
                    partner_id=ours.partner_id,
                    subject=("channel", ours.id),
                )
    assert told(on_sqlite, clock) == []


def test_money_is_told_to_the_cent(on_sqlite: Database, clock: FixedClock) -> None:
    partner_id = number_of(on_sqlite, clock).partner_id
    with on_sqlite.transaction(TEST) as session:
        session.add(invoice(partner_id, clock))
        session.add(
            Subscription(
                partner_id=partner_id,
                plan="premium",
                started_on=date(2026, 11, 1),
                plan_through=date(2026, 11, 30),
                licences_through=date(2026, 11, 30),
                changed_at=clock.now(),
            )
        )
        session.flush()
        low = {"micros": 48_204_999, "currency": "EUR", "level_micros": 50_000_000}
        for type_, subject, data in (
            (EventType.BALANCE_LOW, ("credit", partner_id), low | {"client_id": ""}),
            (EventType.INVOICE_ISSUED, ("invoice", "Ab12CdIN"), {}),
            (
                EventType.PLAN_CHANGED,
                ("subscription", partner_id),
                {"from": "growth", "to": "premium"},
            ),
        ):
            record(session, clock, type_, partner_id=partner_id, subject=subject, data=data)
            session.flush()
    balance, issued, plan = told(on_sqlite, clock)
    assert balance["data"] == {
        "client_id": "",
        "balance": 48.20,
        "currency": "EUR",
        "alert_level": 50.00,
    }
    assert (issued["data"]["number"], issued["data"]["total"]) == ("2026-000042", 595.00)
    assert (plan["data"]["plan"], plan["data"]["previous_plan"]) == ("premium", "growth")


def invoice(partner_id: str, clock: FixedClock) -> Invoice:
    micros = 10_000
    return Invoice(
        id="Ab12CdIN",
        partner_id=partner_id,
        number="2026-000042",
        key=new_key(),
        kind="plan",
        issued_at=clock.now(),
        issued_on=clock.now().astimezone(UTC).date(),
        currency="EUR",
        net_micros=50_000 * micros,
        tax_micros=9_500 * micros,
        gross_micros=59_500 * micros,
        payable_micros=59_500 * micros,
        status="pending",
    )
