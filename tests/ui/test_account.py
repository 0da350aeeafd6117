"""One number's page: facts, templates and timeline in words, and all of it live."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from nicegui import ui

from core.events import EventType
from tests.ui.accounts_site import PLACES, AccountsSite, accounts_site, fire
from tests.ui.conftest import Browser, Serve, until
from tests.ui.test_accounts import BUDGET
from ui.elements.template_list import TemplateList
from ui.lists import Facts, Timeline


@pytest.fixture
def world(tmp_path: Path) -> Iterator[AccountsSite]:
    with accounts_site(tmp_path) as site:
        yield site


def happened(user: Browser) -> list[str]:
    (element,) = user.find(kind=Timeline).elements
    return [entry["what"] for entry in element._props["entries"]]


def facts(user: Browser) -> dict[str, tuple[str, str]]:
    return {
        item["label"]: (item["value"], item["hint"])
        for element in user.find(kind=Facts).elements
        for item in element._props["items"]
    }


def templates(user: Browser) -> list[str]:
    return [row["name"] for row in list_of_templates(user)._props["rows"]]


def list_of_templates(user: Browser) -> TemplateList:
    """Also while it is hidden because there are none."""
    (element,) = [each for each in user.page.elements.values() if isinstance(each, TemplateList)]
    return element


async def test_facts_are_words_with_metas_value_behind(serve: Serve, world: AccountsSite) -> None:
    number = world.number(
        name="Mill", quality="YELLOW", throughput="HIGH", meta_status="LINKED_2031"
    )
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(f"/accounts/{number.id}")
        await user.should_see("Mill")
        shown = facts(user)
        assert shown["Quality"] == ("Medium", "YELLOW")
        assert shown["Throughput"] == ("1,000 messages / s", "HIGH")
        assert shown["Status at Meta"][0] == "LINKED_2031"
        assert len(user.page.elements) <= BUDGET


async def test_badge_facts_and_timeline_move_without_a_reload(
    serve: Serve, world: AccountsSite
) -> None:
    number = world.number(name="Mill")
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(f"/accounts/{number.id}")
        await user.should_see("Nothing to do.")
        assert happened(user) == []
        world.change(number.id, meta_status="FLAGGED", quality="RED")
        await until(lambda: happened(user) == ["Status changed"])
        await user.should_see("Flagged", retries=50)
        assert facts(user)["Quality"] == ("Low", "RED")
        world.change(number.id, meta_status="CONNECTED", quality="GREEN")
        await until(lambda: happened(user) == ["Status changed", "Status changed"])


async def test_what_happens_to_the_account_is_on_the_numbers_timeline(
    serve: Serve, world: AccountsSite
) -> None:
    number = world.number()
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(f"/accounts/{number.id}")
        world.change_waba(number, EventType.PARTNER_REMOVED, removed=True)
        await until(lambda: happened(user) == ["Client disconnected the account"])
        await user.should_see("Disconnected", retries=50)


async def test_a_foreign_number_is_not_here(serve: Serve, world: AccountsSite) -> None:
    strange = world.number(world.other, name="Strange")
    async with serve(PLACES, world.hub) as site:
        for path in (f"/accounts/{strange.id}", "/accounts/nobodyCH"):
            user = site.browser()
            assert await user.open_any(path) == 404
            await user.should_see("There is nothing at this address")
            await user.should_not_see("Strange")


async def test_a_template_is_created_and_deleted(serve: Serve, world: AccountsSite) -> None:
    number = world.number()
    waba_id = world.change_waba(number)
    world.change_waba(number, token=f"waba_account:{waba_id}:token|token")
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(f"/accounts/{number.id}")
        user.find("Create a template").click()
        await user.should_see("Send to Meta", retries=50)
        user.find("Send to Meta").click()
        await user.should_see("Small letters, digits and _ only", retries=50)
        (name,) = [
            e for e in user.page.elements.values() if e.props.get("hint", "").startswith("Sm")
        ]
        (body,) = [
            e for e in user.page.elements.values() if e.props.get("hint", "").startswith("Ga")
        ]
        name.value, body.value = "hello", "Hello"
        user.find("Send to Meta").click()
        await until(lambda: templates(user) == ["hello"])
        rows = list_of_templates(user)
        fire(user, rows, "remove", rows._props["rows"][0]["id"])
        await user.should_see("Delete the template hello?", retries=50)
        user.find(content="Delete the template", kind=ui.button).click()
        await until(lambda: world.meta.wabas[waba_id] == [])


async def test_without_a_token_templates_cannot_be_created(
    serve: Serve, world: AccountsSite
) -> None:
    number = world.number()
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(f"/accounts/{number.id}")
        (button,) = user.find("Create a template").elements
        assert not button.enabled
