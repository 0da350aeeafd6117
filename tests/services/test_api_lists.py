"""Clients and channels as programs list them: filters, orders, pages, totals."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from core.clock import FixedClock
from core.errors import Conflict, InvalidInput, NotFound
from core.integration.api.channel_lists import CHANNEL_FILTERS, CHANNEL_SORTS
from core.integration.api.clients import CLIENT_FILTERS, CLIENT_SORTS
from core.integration.api.lists import ListQuery
from storage.database import SqlDatabase
from tests import factories
from tests.services.api_world import TEST, ApiWorld, api_world


@pytest.fixture
def world(database: SqlDatabase, clock: FixedClock) -> ApiWorld:
    return api_world(database, clock)


def found(world: ApiWorld, **filters: str) -> list[str]:
    asked = {name.replace("__", "."): value for name, value in filters.items()}
    page = world.api.channels.page(world.owner, ListQuery(filters=asked))
    assert page.total == len(page.items)
    return [item["id"] for item in page.items]


def test_a_channel_is_found_by_each_of_its_values(world: ApiWorld) -> None:
    with world.database.transaction(TEST) as session:
        client = factories.make_client(
            session, world.partner, partner_payload="crm-7", contact={"city": "Kiel"}
        )
        waba = factories.make_waba(
            session,
            client,
            namespace="ns_7",
            owner_business_id="77",
            ownership_type="OWNED",
            removed=True,
        )
        asked: Any = factories.make_channel(
            session,
            waba,
            name="Green Valley",
            phone_number="4915112345",
            messaging_limit="TIER_250",
            quality="YELLOW",
            status="error",
            account_mode="sandbox",
            region="DE",
        )
        other = factories.make_number(session, world.partner, quality="GREEN").id
        factories.make_number(session, world.other, name="Green Valley")
    for filters in (
        {"id": asked.id},
        {"q": "green val"},
        {"q": "+49 151 12345"},
        {"client_id": client.id},
        {"status": "error"},
        {"account_mode": "sandbox"},
        {"current_limit": "TIER_0.25K"},
        {"current_quality_rating": "Yellow"},
        {"external_id": asked.external_id},
        {"setup_info__phone_number": "+49 151 12345"},
        {"setup_info__phone_name": "Green Valley"},
        {"setup_info__region": "DE"},
        {"client__name": client.name},
        {"client__partner_payload": "crm-7"},
        {"client__contact_info.email": client.email},
        {"client__contact_info.city": "Kiel"},
        {"waba_account__id": waba.id},
        {"waba_account__external_id": waba.external_id},
        {"waba_account__namespace": "ns_7"},
        {"waba_account__fb_business_id": "77"},
        {"waba_account__created_by.user_id": client.id},
        {"waba_account__created_by.user_name": client.name},
        {"waba_account__on_behalf_of_business_info.status": "denied"},
        {"waba_account__on_behalf_of_business_info.type": "OWNED", "client__id": client.id},
        {"waba_account__status": "approved", "project__id": client.id[:-2] + "PR"},
        {"status": "error", "client_id": client.id, "account_mode": "unknown"},
    ):
        assert found(world, **filters) == [asked.id], filters
    assert found(world, status="error", current_quality_rating="Green") == []
    assert found(world, current_quality_rating="Green") == [other]
    assert set(found(world, waba_account__fb_account_status="verified")) == {asked.id, other}
    assert found(world, id="a\x00b") == []


def test_dates_are_seconds_or_days(world: ApiWorld, clock: FixedClock) -> None:
    at = clock.now().replace(microsecond=250_000)
    number = world.number(created_at=at)
    world.number(created_at=at - timedelta(days=2))
    assert found(world, created_at=at.strftime("%Y-%m-%dT%H:%M:%SZ")) == [number]
    assert found(world, created_at=at.strftime("%Y-%m-%d")) == [number]
    with pytest.raises(InvalidInput):
        found(world, created_at="yesterday")


def test_every_filter_and_order_is_one_that_both_databases_answer(world: ApiWorld) -> None:
    moments = {name for name in (*CHANNEL_FILTERS, *CLIENT_FILTERS) if name.endswith("_at")}
    for kind, filters, sorts in (
        (world.api.channels, CHANNEL_FILTERS, CHANNEL_SORTS),
        (world.api.clients, CLIENT_FILTERS, CLIENT_SORTS),
    ):
        for name in filters:
            value = "2026-11-22" if name in moments else "true"
            kind.page(world.owner, ListQuery(filters={name: value}))
        for name in sorts:
            kind.page(world.owner, ListQuery(sort=(f"-{name}", "id")))
        with pytest.raises(InvalidInput, match=r"setup_info\.colour"):
            kind.page(world.owner, ListQuery(filters={"setup_info.colour": "red"}))
        with pytest.raises(InvalidInput, match="colour"):
            kind.page(world.owner, ListQuery(sort=("colour",)))


def test_pages_cover_everything_once_the_newest_first(world: ApiWorld, clock: FixedClock) -> None:
    made = [world.number(created_at=clock.now() + timedelta(minutes=n)) for n in range(5)]
    seen = []
    for offset in range(0, 6, 2):
        page = world.api.channels.page(world.owner, ListQuery(limit=2, offset=offset, sort=("-",)))
        assert page.total == 5
        seen += [item["id"] for item in page.items]
    assert seen == made[::-1]
    assert world.api.channels.page(world.owner, ListQuery(offset=99)).items == []


def test_a_partner_sees_and_changes_its_own_clients_only(world: ApiWorld) -> None:
    program = world.program()
    with world.database.transaction(TEST) as session:
        own = factories.make_client(session, world.partner).id
        strange = factories.make_client(session, world.other).id
    listed = world.api.clients.page(program, ListQuery())
    assert [item["id"] for item in listed.items] == [own]
    changed = world.api.clients.change(program, own, partner_payload="crm-1", max_channels=3)
    assert (changed["partner_payload"], changed["max_channels"]) == ("crm-1", 3)
    kept = world.api.clients.change(program, own, max_channels=4)
    assert (kept["partner_payload"], kept["max_channels"]) == ("crm-1", 4)
    for foreign in (strange, "nobodyCL", "\x00"):
        with pytest.raises(NotFound):
            world.api.clients.one(program, foreign)
        with pytest.raises(NotFound):
            world.api.clients.change(program, foreign, max_channels=1)


def test_a_cancellation_is_asked_for_and_taken_back_by_client_and_channel(
    world: ApiWorld,
) -> None:
    program, number = world.program(), world.number()
    client = world.api.channels.one(program, number)["client_id"]
    cancelled = world.api.channels.request_cancellation(program, client, number, enabled=True)
    assert "cancelled_at" in cancelled
    assert not {"terminated_at", "billing_started_at"} & set(cancelled)
    back = world.api.channels.reactivate(program, client, number)
    assert back["cancelled_at"] is None
    other = world.api.channels.one(program, world.number())["client_id"]
    with pytest.raises(NotFound):
        world.api.channels.request_cancellation(program, other, number, enabled=True)


def test_a_repeated_write_is_answered_as_the_first(world: ApiWorld, clock: FixedClock) -> None:
    program, writes = world.program(), world.api.writes
    assert writes.begin(program, "k1", "request") is None
    with pytest.raises(Conflict):
        writes.begin(program, "k1", "request")
    writes.finish(program, "k1", 201, b'{"id": 1}')
    answered = writes.begin(program, "k1", "request")
    assert answered is not None
    assert (answered.status, answered.body) == (201, b'{"id": 1}')
    with pytest.raises(InvalidInput):
        writes.begin(program, "k1", "another request")
    assert writes.begin(world.program(world.stranger), "k1", "another request") is None
    assert writes.begin(program, "k2", "request") is None
    writes.release(program, "k2")
    assert writes.begin(program, "k2", "request") is None
    clock.advance(timedelta(minutes=3))  # whoever held it is gone
    assert writes.begin(program, "k2", "request") is None
    clock.advance(timedelta(hours=25))
    assert writes.begin(program, "k1", "another request") is None
    assert writes.forget_old() == 2
