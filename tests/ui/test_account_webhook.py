"""The webhook of a number: set beside the number, looked after on its endpoint's page; live."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.accounts.entities import Channel, ConsentState
from core.events import EventType
from core.integration.outbound.entities import Delivery
from tests import factories
from tests.services.integration_world import TEST
from tests.ui.accounts_site import PLACES as ACCOUNTS
from tests.ui.accounts_site import AccountsSite, accounts_site
from tests.ui.conftest import Browser, Serve, until
from tests.ui.integration_site import (
    NOON,
    PLACES,
    IntegrationSite,
    column_of,
    field,
    integration_site,
    press,
    pressable,
    texts,
    type_into,
)
from ui.lists import Facts

HOOK = "https://api.example.com/messages"
OTHER = "https://api.example.com/elsewhere"
SET, CHANGE = "Set a webhook", "Change the webhook"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[AccountsSite]:
    with accounts_site(tmp_path) as site:
        yield site


@pytest.fixture
def inside(tmp_path: Path) -> Iterator[IntegrationSite]:
    with integration_site(tmp_path) as site:
        yield site


def make_number(inside: IntegrationSite) -> Channel:
    def write(_who: object) -> Channel:
        with inside.world.database.transaction(TEST) as session:
            partner = inside.world.partner
            phone = {"phone_number": "4915112345678", "display_phone_number": "+49 1511 2345678"}
            return factories.make_number(session, partner, **phone)

    return inside.do(write)


def shown(user: Browser) -> list[str]:
    """The values of all definition lists."""
    lists = [e for e in user.page.elements.values() if isinstance(e, Facts)]
    return [item["value"] for each in lists for item in each.props["items"]]


async def begin(user: Browser) -> None:
    """The dialog of a number that has no webhook yet is open."""
    await user.should_see(SET)
    press(user, SET)
    await user.should_see("Save it")


async def test_it_is_set_changed_and_live_on_another_page(
    serve: Serve, world: AccountsSite
) -> None:
    number = world.number()
    async with serve(ACCOUNTS, world.hub) as site:
        user, other = site.browser(), site.browser()
        for page in (user, other):
            await page.open(f"/accounts/{number.id}")
            await page.should_see("does not reach your server from here")
        await begin(user)
        press(user, "Save it")
        await until(lambda: bool(field(user, "URL").error))
        assert field(user, "URL").error == "Write the address of your server."
        typed = type_into(user, "URL", "http://api.example.com/messages")
        assert typed.error == "It has to begin with https://."
        type_into(user, "URL", HOOK)
        press(user, "Save it")
        for page in (user, other):
            await until(lambda page=page: HOOK in shown(page))  # type: ignore[misc]
        assert pressable(other, SET) is None
        press(other, CHANGE)
        await other.should_see("Save it")
        assert field(other, "URL").value == HOOK
        type_into(other, "URL", OTHER)
        press(other, "Save it")
        await until(lambda: OTHER in shown(user))
        press(user, "Remove")
        await user.should_see("is sent nowhere any more")
        press(user, "Remove it")
        await until(lambda: pressable(other, SET) is not None)


async def test_who_changed_it_meanwhile_is_not_overwritten_unseen(
    serve: Serve, world: AccountsSite
) -> None:
    number = world.number()
    async with serve(ACCOUNTS, world.hub) as site:
        user, other = site.browser(), site.browser()
        for page in (user, other):
            await page.open(f"/accounts/{number.id}")
            await begin(page)
        type_into(user, "URL", HOOK)
        press(user, "Save it")
        await until(lambda: HOOK in shown(other))
        type_into(other, "URL", OTHER)
        press(other, "Save it")
        await until(lambda: bool(field(other, "URL").error))
        assert field(other, "URL").error.startswith(f"Somebody else has set {HOOK} meanwhile.")
        press(other, "Save it")
        await until(lambda: OTHER in shown(user))


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"consent": ConsentState.REVOKED}, "withdrawn the permission"),
        ({"consent": ConsentState.PENDING}, "before your client has granted permission"),
        ({"terminated_at": NOON}, "The number has ended"),
    ],
)
async def test_why_nothing_is_passed_on_is_said(
    serve: Serve, world: AccountsSite, values: dict[str, Any], reason: str
) -> None:
    number = world.number(**values)
    async with serve(ACCOUNTS, world.hub) as site:
        user = site.browser()
        await user.open(f"/accounts/{number.id}")
        await until(lambda: any(reason in text for text in texts(user)))


async def test_a_client_that_took_its_account_away_is_said_everywhere(
    serve: Serve, world: AccountsSite
) -> None:
    number = world.number()
    async with serve(ACCOUNTS, world.hub) as site:
        user = site.browser()
        await user.open(f"/accounts/{number.id}")
        await begin(user)
        type_into(user, "URL", HOOK)
        press(user, "Save it")
        await until(lambda: HOOK in shown(user))
        world.change_waba(number, EventType.PARTNER_REMOVED, removed=True)
        await user.should_see("Stopped")
        await user.should_see("what waits goes out once it is granted again")
        assert "Withdrawn" in shown(user)
        assert "Given" not in shown(user)


async def test_an_ended_number_gets_none(serve: Serve, world: AccountsSite) -> None:
    number = world.number(terminated_at=NOON)
    async with serve(ACCOUNTS, world.hub) as site:
        user = site.browser()
        await user.open(f"/accounts/{number.id}")
        await until(lambda: (it := pressable(user, SET)) is not None and not it.enabled)


async def test_a_member_sees_that_owners_set_it(serve: Serve, world: AccountsSite) -> None:
    number = world.number()
    async with serve(ACCOUNTS, world.hub) as site:
        user = site.browser("member")
        await user.open(f"/accounts/{number.id}")
        await user.should_see("An owner sets it")
        assert pressable(user, SET) is None


async def test_its_endpoint_has_a_page_of_its_own(serve: Serve, inside: IntegrationSite) -> None:
    number = make_number(inside)
    saved = inside.do(inside.hub.webhooks.set_of_number, number.id, HOOK)
    assert saved is not None
    async with serve(PLACES, inside.hub) as site:
        user = site.browser()
        await user.open("/integration/webhooks")
        await user.should_see("No webhook URL is set")
        names = column_of(user, "Webhooks of numbers", "name")
        assert names == ["Webhook of +49 1511 2345678"]
        await user.open(f"/integration/webhooks?endpoint={saved.endpoint.id}")
        await user.should_see("Webhook of +49 1511 2345678")
        assert pressable(user, "Choose events") is None
        assert field(user, "URL").value == HOOK
        assert field(user, "Event").value == "messages"
        press(user, "Send test")
        await user.should_see("phone_number_id")
        press(user, "Remove")
        await user.should_see("Nothing is sent there any more.")
        press(user, "Remove it")
        await until(lambda: "Webhook of +49 1511 2345678" not in texts(user))
        assert inside.do(inside.hub.webhooks.of_number, number.id) is None
        await user.open(f"/integration/webhooks?endpoint={saved.endpoint.id}")
        await user.should_see("The endpoint of this address is not there any more.")
        assert "Somebody else removed" not in " ".join(texts(user))


async def test_its_deliveries_stand_in_the_log_under_its_name(
    serve: Serve, inside: IntegrationSite
) -> None:
    number = make_number(inside)
    saved = inside.do(inside.hub.webhooks.set_of_number, number.id, HOOK)
    assert saved is not None

    def write(_who: object) -> None:
        with inside.world.database.transaction(TEST) as session:
            session.add(
                Delivery(
                    partner_id=number.partner_id,
                    endpoint_id=saved.endpoint.id,
                    event_key="evt1",
                    event="messages",
                    channel_id=number.id,
                    body=b"{}",
                    next_try_at=NOON,
                    created_at=NOON,
                )
            )

    inside.do(write)
    async with serve(PLACES, inside.hub) as site:
        user = site.browser()
        await user.open("/integration/webhooks/deliveries")
        await until(
            lambda: column_of(user, "Deliveries", "endpoint") == ["Webhook of +49 1511 2345678"]
        )
        await user.open(f"/integration/webhooks/deliveries?endpoint={saved.endpoint.id}")
        await until(lambda: column_of(user, "Deliveries", "event") == ["messages"])
        assert "A removed endpoint" not in texts(user)
