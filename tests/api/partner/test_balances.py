"""Balances and usage: exact numbers, exact keys, the limits of 360dialog."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import orjson
import pytest
from sqlmodel import Session

from core.billing.balance.entities import UsageDay
from core.money import Money
from tests.services.api_world import TEST, ApiWorld
from tests.support.api_breadth import WholeHub
from tests.support.api_door import Program
from ui.api.partner.amounts import number
from ui.api.partner.schemas.balances import Balances, ClientBalance

NOV, DEC = 1_793_491_200, 1_796_083_200  # 2026-11-01, 2026-12-01 (UTC)


@pytest.mark.parametrize(
    ("micros", "text"),
    [
        (250_000_000, "250"),
        (12_300_000, "12.30"),
        (45_600, "0.0456"),
        (-1, "-0.000001"),
        (-12_345_678, "-12.345678"),
        (0, "0"),
        (100_000, "0.10"),
    ],
)
def test_amounts_are_written_digit_by_digit(micros: int, text: str) -> None:
    assert orjson.dumps(number(Money(micros, "EUR"))).decode() == text


def used(hub: WholeHub, day: date, **values: Any) -> tuple[str, str]:
    """Usage of a day: (client id, channel id)."""
    client, _, channel = hub.account()
    with hub.world.database.transaction(TEST) as session:
        add(session, hub, client.id, channel.id, day, **values)
    return client.id, channel.id


def add(
    session: Session, hub: WholeHub, client_id: str, channel_id: str, day: date, **values: Any
) -> None:
    given: dict[str, Any] = {
        "partner_id": hub.world.partner.id,
        "payer_client": "",
        "day": day,
        "channel_id": channel_id,
        "client_id": client_id,
        "category": "marketing",
        "market": "Germany",
        "free": "",
        "currency": "EUR",
        "messages": 3,
        "micros": 339_300,
    }
    session.add(UsageDay(**(given | values)))


def test_the_partners_balance_is_a_bare_array(ours: Program, hub: WholeHub) -> None:
    assert ours.get("/balance").json() == [{"currency": "EUR", "total": 0}]
    hub.top_up("249.88")
    rows = ours.get("/balance")
    Balances.model_validate_json(rows.content)
    assert rows.text == '[{"currency":"EUR","total":249.88}]'


def test_usage_has_the_contracts_keys_and_adds_up(ours: Program, hub: WholeHub) -> None:
    hub.top_up("100")
    client, channel = used(hub, date(2026, 11, 2))
    with hub.world.database.transaction(TEST) as session:
        for free, messages in (("entry_point", 2), ("allowance", 5)):
            add(
                session,
                hub,
                client,
                channel,
                date(2026, 11, 3),
                category="service",
                free=free,
                messages=messages,
                micros=0,
            )
        add(
            session,
            hub,
            client,
            channel,
            date(2026, 10, 30),
            category="authentication-international",
            micros=100_000,
        )
    path = f"/clients/{client}/channels/{channel}/info/balance"
    asked = {"start_date": NOV, "end_date": DEC - 1, "granularity": "month"}
    answer = ours.get(path, params=asked)
    ClientBalance.model_validate_json(answer.content)
    told = answer.json()
    assert (told["currency"], told["balance"], told["granularity"]) == ("EUR", 100, "month")
    assert told["last_renewal"] == {"date": "2026-11-22T12:00:00Z", "amount": 100}
    assert told["estimated_template_cost"] == 0.3393
    [month] = told["usage"]
    assert set(month) == {
        "period_date",
        "quantity",
        "paid_quantity",
        "free_quantity",
        "free_tier",
        "free_entry_point",
        "total_price",
        *(
            f"{category}_{what}"
            for category in ("marketing", "utility", "authentication", "service")
            for what in ("quantity", "paid_quantity", "price")
        ),
    }
    assert month["period_date"] == "2026-11-01T00:00:00Z"
    assert (month["quantity"], month["paid_quantity"], month["free_quantity"]) == (10, 3, 7)
    assert (month["free_tier"], month["free_entry_point"]) == (5, 2)
    assert Decimal(str(month["total_price"])) == Decimal("0.3393")
    days = ours.get(f"/clients/{client}/info/balance", params={"granularity": "day"}).json()
    assert [day["period_date"][:10] for day in days["usage"]] == [
        "2026-10-30",
        "2026-11-02",
        "2026-11-03",
    ]
    assert days["usage"][0]["authentication_quantity"] == 3
    whole = ours.get("/usage", params={"client_id": client}).json()
    assert [period["quantity"] for period in whole["usage"]] == [3, 10]


def test_without_usage_and_top_ups_nothing_is_null(ours: Program, hub: WholeHub) -> None:
    client, _, _ = hub.account()
    told = ours.get(f"/clients/{client.id}/info/balance").json()
    assert (told["last_renewal"], told["usage"]) == ({}, [])
    assert None not in told.values()


def test_five_calls_in_half_a_minute_and_ten_an_hour_per_channel(
    ours: Program, hub: WholeHub
) -> None:
    client, _, channel = hub.account()
    path = f"/clients/{client.id}/channels/{channel.id}/info/balance"
    statuses = [ours.get(path).status_code for _ in range(6)]
    assert statuses == [200] * 5 + [429]
    assert int(ours.get(path).headers["Retry-After"]) > 0
    # Another subject has a budget of its own.
    assert ours.get(f"/clients/{client.id}/info/balance").status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        {"granularity": "week"},
        {"start_date": "yesterday"},
        {"start_date": "99999999999999"},
        {"start_date": "253402300799"},
        {"end_date": "1e9"},
    ],
)
def test_a_wrong_period_is_named(ours: Program, query: dict[str, Any]) -> None:
    answer = ours.get("/usage", params=query)
    assert answer.status_code == 400
    assert answer.json()["meta"]["success"] is False


def test_foreign_clients_and_numbers_are_unknown(
    world: ApiWorld, ours: Program, theirs: Program, hub: WholeHub
) -> None:
    client, _, channel = hub.account()
    other, _, _ = hub.account()
    for path in (
        f"/clients/{client.id}/info/balance",
        f"/clients/{client.id}/channels/{channel.id}/info/balance",
        f"/usage?client_id={client.id}",
        f"/usage?channel_id={channel.id}",
        "/usage?client_id=%00",
    ):
        assert theirs.get(path).status_code == 404, path
    mixed = f"/clients/{other.id}/channels/{channel.id}/info/balance"
    assert ours.get(mixed).status_code == 404
    narrow = world.credentials.create_key(world.owner, "Narrow", scopes=["accounts"]).secret
    ours.http.headers["X-API-Key"] = narrow
    assert ours.get("/balance").status_code == 403
