"""What a number sent and cost on its page: figures, chart and table, live; no money for members."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from core.accounts.entities import Channel
from core.billing.balance.entities import UsageDay
from core.events import EventType, record
from tests.ui.accounts_site import PLACES, AccountsSite, accounts_site, fire
from tests.ui.conftest import Browser, Serve, until
from tests.ui.integration_site import texts
from tests.ui.money_site import column, table
from tests.ui.test_account import facts
from tests.ui.test_accounts import BUDGET
from ui.lists import Facts

NOTHING = "No messages yet in the last 30 days"
BY_CATEGORY, BY_DAY = "By category", "Messages by day"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[AccountsSite]:
    with accounts_site(tmp_path) as site:
        yield site


def use(world: AccountsSite, number: Channel, messages: int, micros: int, **values: Any) -> None:
    """What metering does: sums of the day, and one event for the partner."""
    now = world.hub.clock.now()
    told = {"day": now.date(), "category": "marketing", "market": "Germany", "free": ""} | values

    def write(session: Session) -> None:
        session.add(
            UsageDay(
                partner_id=number.partner_id,
                payer_client="",
                channel_id=number.id,
                client_id=number.client_id,
                currency="EUR",
                messages=messages,
                micros=micros,
                **told,
            )
        )
        record(
            session,
            world.hub.clock,
            EventType.BALANCE_CHANGED,
            partner_id=number.partner_id,
            subject=("credit", number.partner_id),
            actor="meta",
            data={},
        )

    world._write(write)


def charts(user: Browser) -> list[str]:
    """What each drawn chart is called."""
    figures = [each for each in user.page.elements.values() if each.tag == "figure"]
    return [str(each.props.get("aria-label")) for each in figures]


async def test_owners_see_what_a_number_sent_and_what_it_cost(
    serve: Serve, world: AccountsSite
) -> None:
    number, sister = world.number(name="Mill"), world.number(name="Sister")
    yesterday = world.hub.clock.now().date() - timedelta(days=1)
    use(world, number, 1_200, 96_400_000)
    use(world, number, 20, 1_000_000, category="utility", day=yesterday)
    use(world, number, 30, 0, category="utility", free="customer_service")
    use(world, sister, 7, 7_000_000)
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(f"/accounts/{number.id}")
        await until(lambda: column(user, BY_CATEGORY, "name") == ["Marketing", "Utility"])
        assert column(user, BY_CATEGORY, "messages") == ["1,200", "50"]
        assert column(user, BY_CATEGORY, "cost") == ["96.40 EUR", "1.00 EUR"]
        assert facts(user)["Messages"] == ("1,250", "30 of them free")
        assert facts(user)["Cost"] == ("97.40 EUR", "")
        assert column(user, BY_DAY, "Messages")[-2:] == ["20", "1,230"]
        assert len(user.page.elements) <= BUDGET
        (chip,) = [e for e in user.page.elements.values() if _is_chip(e, "Cost")]
        fire(user, chip, "click", [])
        await until(lambda: charts(user) == ["Cost by day"])
        assert column(user, "Cost by day", "Cost")[-2:] == ["1.00 EUR", "96.40 EUR"]


async def test_the_cost_leads_to_the_messages_behind_it(serve: Serve, world: AccountsSite) -> None:
    number = world.number()
    use(world, number, 2, 200_000)
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(f"/accounts/{number.id}")
        await until(lambda: column(user, BY_CATEGORY, "messages") == ["2"])
        (href,) = [
            item["href"]
            for element in user.find(kind=Facts).elements
            for item in element._props["items"]
            if item["label"] == "Cost"
        ]
        today = world.hub.clock.now().date()
        assert f"to={today.isoformat()}" in href
        assert f"by=number&part={number.id}" in href


async def test_the_first_message_and_those_after_it_show_without_a_reload(
    serve: Serve, world: AccountsSite
) -> None:
    number = world.number()
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(f"/accounts/{number.id}")
        await user.should_see(NOTHING)
        assert charts(user) == []
        use(world, number, 3, 300_000)
        await until(lambda: column(user, BY_CATEGORY, "messages") == ["3"])
        assert not any(text.startswith(NOTHING) for text in texts(user))
        drawn = table(user, BY_CATEGORY)
        use(world, number, 4, 100_000, category="utility")
        await until(lambda: column(user, BY_CATEGORY, "messages") == ["4", "3"])
        assert column(user, BY_DAY, "Messages")[-1] == "7"
        assert table(user, BY_CATEGORY) is drawn, "filled, not drawn anew"


async def test_members_see_what_was_sent_and_no_money(serve: Serve, world: AccountsSite) -> None:
    number = world.number()
    use(world, number, 3, 300_000)
    async with serve(PLACES, world.hub) as site:
        member = site.browser("member")
        await member.open(f"/accounts/{number.id}")
        await until(lambda: column(member, BY_CATEGORY, "messages") == ["3"])
        assert "Cost" not in facts(member)
        assert charts(member) == [BY_DAY]
        titles = [each["title"] for each in table(member, BY_CATEGORY).props["columns"]]
        assert titles == ["Category", "Messages"]
        assert not any("EUR" in text for text in texts(member))
        assert column(member, BY_CATEGORY, "cost") == [""]


def _is_chip(element: Any, word: str) -> bool:
    return "h-chip" in element.classes and getattr(element, "text", "") == word
