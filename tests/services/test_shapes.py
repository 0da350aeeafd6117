"""What the API answers and webhooks carry: a number and a client in the contract's words."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.errors import NotFound
from core.integration.shapes.channel import channel_object, channel_objects
from core.integration.shapes.client import client_object
from core.integration.shapes.values import NULLABLE
from core.ports import Everything, Tenant
from core.subscriptions.entities import Licence
from storage.database import SqlDatabase
from tests import factories

TEST = Everything("test")

CHANNEL_KEYS = set(
    "id client_id external_id account_mode status hub_status availability_status cancelled_at "
    "billing_started_at terminated_at created_at modified_at current_limit "
    "current_quality_rating is_on_biz_app has_inbox is_oba client setup_info waba_account "
    "waba_account_id integration project".split()
)


def nulls_in(value: Any, path: str = "") -> set[str]:
    if isinstance(value, dict):
        return {found for key, one in value.items() for found in nulls_in(one, f"{path}.{key}")}
    if isinstance(value, list):
        return {found for one in value for found in nulls_in(one, path)}
    return {path} if value is None else set()


def test_a_channel_is_billed_from_its_first_licence_on(database: SqlDatabase) -> None:
    start = datetime(2026, 9, 3, 9, 30, tzinfo=UTC)
    with database.transaction(TEST) as session:
        number = factories.make_number(session, factories.make_partner(session))
        assert channel_object(session, number)["billing_started_at"] is None
        ids: dict[str, Any] = {"partner_id": number.partner_id, "channel_id": number.id}
        later = start + timedelta(days=30)
        session.add(Licence(**ids, tier="regular", since=start, until=later))
        session.add(Licence(**ids, tier="premium", since=later, open_key=number.id))
        session.flush()
        told = channel_object(session, number)
    assert told["billing_started_at"] == "2026-09-03T09:30:00Z"
    assert told["project"]["license_model"] == "premium"


def test_a_channel_has_exactly_the_contracts_fields(database: SqlDatabase) -> None:
    with database.transaction(TEST) as session:
        number = factories.make_number(
            session, factories.make_partner(session), messaging_limit="TIER_250", quality="RED"
        )
        told = channel_object(session, number)
    assert set(told) == CHANNEL_KEYS
    assert told["current_limit"] == "TIER_0.25K"
    assert told["current_quality_rating"] == "Red"
    assert told["status"] == "ready"
    assert told["integration"]["state"] == "running"
    assert told["setup_info"]["phone_number"] == number.phone_number
    assert told["waba_account"]["fb_account_status"] == "verified"
    assert told["project"]["id"] == told["client_id"][:-2] + "PR"


def test_only_the_five_nullable_fields_are_ever_null(database: SqlDatabase) -> None:
    with database.transaction(TEST) as session:
        number = factories.make_number(
            session,
            factories.make_partner(session),
            external_id=None,
            messaging_limit="",
            quality="",
        )
        told = channel_object(session, number)
        client = client_object(session, number.client_id)
    assert nulls_in(told) <= {f".{name}" for name in NULLABLE}
    assert "current_limit" not in told
    assert nulls_in(client) == set()
    assert "max_channels" not in client


def test_a_page_of_channels_keeps_its_order_and_leaves_strangers_out(
    database: SqlDatabase,
) -> None:
    with database.transaction(TEST) as session:
        partner = factories.make_partner(session)
        ids = [factories.make_number(session, partner).id for _ in range(3)]
        strange = factories.make_number(session, factories.make_partner(session)).id
    with database.reading(Tenant(partner.id)) as session:
        assert list(channel_objects(session, [ids[2], strange, ids[0], ids[1]])) == [
            ids[2],
            ids[0],
            ids[1],
        ]
        with pytest.raises(NotFound):
            channel_object(session, strange)


def test_a_number_whose_account_the_client_unshared_is_stopped(database: SqlDatabase) -> None:
    with database.transaction(TEST) as session:
        client = factories.make_client(session, factories.make_partner(session))
        number = factories.make_channel(session, factories.make_waba(session, client, removed=True))
        told = channel_object(session, number)
    assert told["integration"] | {"app_id": ""} == {
        "enabled": False,
        "app_id": "",
        "state": "stopped",
    }
