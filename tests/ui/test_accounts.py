"""The list of numbers as a partner sees it: found again by its address, live, and only theirs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from core.access import Principal
from core.accounts.results import ChannelQuery
from core.onboarding.views import LinkState
from tests.ui.accounts_site import (
    PLACES,
    AccountsSite,
    accounts_site,
    fire,
    list_of,
    sent_to,
    shown_names,
)
from tests.ui.conftest import Serve, until
from ui.pages.account_rows import query_of

BUDGET = 150  # elements a page, performance.md rule 1


@pytest.fixture
def world(tmp_path: Path) -> Iterator[AccountsSite]:
    with accounts_site(tmp_path) as site:
        yield site


async def test_a_number_stands_there_in_words(serve: Serve, world: AccountsSite) -> None:
    world.number(name="Mill", phone_number="493012345678", quality="RED", consent="pending")
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open("/accounts")
        (row,) = list_of(user).rows
        assert row["phone"] == "+49 30 12345678"
        assert (row["word"], row["turn"]) == ("Permission", "Client")
        assert (row["quality"], row["quality_raw"]) == ("Low", "RED")
        assert (row["limit"], row["limit_raw"]) == ("2,000", "TIER_2K")


async def test_the_address_is_the_state_of_the_page(serve: Serve, world: AccountsSite) -> None:
    for name in ("a", "b", "c"):
        world.number(name=name, quality="RED" if name != "b" else "GREEN")
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open("/accounts?quality=low&sort=-name&unknown=1")
        assert shown_names(user) == ["c", "a"]
        fire(user, list_of(user), "ask", {"quality": "high"})
        await until(lambda: shown_names(user) == ["b"])
        assert user.page.sub_pages_router.current_path == "/accounts?quality=high"
        fire(user, list_of(user), "moved", "?search=c")
        await until(lambda: shown_names(user) == ["c"])


async def test_whatever_the_browser_tells_the_page_stays(serve: Serve, world: AccountsSite) -> None:
    world.number(name="a")
    garbage = [None, 7, "x", [], {"group": 7}, {"sort": ["a"]}, {"after": "x", "sort": "zz"}]
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open("/accounts")
        for told in garbage:
            fire(user, list_of(user), "ask", {"search": "nobody"})
            await until(lambda: shown_names(user) == [])
            fire(user, list_of(user), "ask", told)
            await until(lambda: shown_names(user) == ["a"])
            fire(user, list_of(user), "moved", told)
            fire(user, list_of(user), "save_view", told)


async def test_a_change_is_told_past_the_page_and_still_known_to_it(
    serve: Serve, world: AccountsSite
) -> None:
    changed = world.number(name="changed")
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open("/accounts")
        scripts, updates = sent_to(user), []
        user.page.outbox.enqueue_update = updates.append  # type: ignore[method-assign]
        world.change(changed.id, meta_status="FLAGGED")
        await until(lambda: list_of(user).rows[0]["word"] == "Flagged")
        assert list_of(user).shown["counts"]["attention"] == "1"
        assert (scripts, updates) == ([], [])  # see test_accounts_push: one message to all lists


async def test_another_partners_page_hears_nothing(serve: Serve, world: AccountsSite) -> None:
    mine = world.number(name="mine")
    world.number(world.other, name="theirs")
    async with serve(PLACES, world.hub) as site:
        owner, stranger = site.browser("owner"), site.browser("stranger")
        await owner.open("/accounts")
        await stranger.open("/accounts")
        assert shown_names(stranger) == ["theirs"]
        scripts = sent_to(stranger)
        world.change(mine.id, name="renamed")
        await until(lambda: shown_names(owner) == ["renamed"])
        assert scripts == []
        assert shown_names(stranger) == ["theirs"]


async def test_new_numbers_do_not_push_others_away_until_they_are_asked_for(
    serve: Serve, world: AccountsSite
) -> None:
    world.number(name="b")
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open("/accounts")
        world.create(name="a")
        await until(lambda: list_of(user).shown["number"] == 1)
        assert shown_names(user) == ["b"]
        fire(user, list_of(user), "ask", {})
        await until(lambda: shown_names(user) == ["a", "b"])


async def test_a_change_while_the_page_is_being_read_is_not_lost(
    serve: Serve, world: AccountsSite
) -> None:
    number = world.number(name="a")
    opening = world.hub.accounts.opening

    def slowly(who: Principal, query: ChannelQuery) -> Any:
        found = opening(who, query)
        world.change(number.id, meta_status="FLAGGED")
        return found

    async with serve(PLACES, world.hub) as site:
        world.hub.accounts.opening = slowly
        user = site.browser()
        await user.open("/accounts")
        await until(lambda: list_of(user).rows[0]["word"] == "Flagged")


async def test_nothing_yet_is_not_the_same_as_no_match(serve: Serve, world: AccountsSite) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open("/accounts?search=mill")
        assert list_of(user).shown["state"] == "nothing"
        world.number(name="other")
        fire(user, list_of(user), "ask", {"search": "mill"})
        await until(lambda: list_of(user).shown["state"] == "rows")
        assert list_of(user).rows == ()


async def test_without_an_active_solution_the_page_says_why(
    serve: Serve, world: AccountsSite
) -> None:
    refused = LinkState(url="", reasons=("solution_inactive",))
    world.hub.onboarding = SimpleNamespace(link_state=lambda _: refused)
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open("/accounts")
        await user.should_see("Your solution is not active at Meta")
        (button,) = user.find("Add a number").elements
        assert not button.enabled


async def test_the_link_is_shown_ready_to_copy(serve: Serve, world: AccountsSite) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open("/accounts")
        user.find("Add a number").click()
        await user.should_see(f"http://test/onboarding/{world.partner.id}", retries=50)


async def test_a_view_is_kept_under_its_name(serve: Serve, world: AccountsSite) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open("/accounts?quality=low")
        fire(user, list_of(user), "save_view", "Low ones")
        await until(lambda: len(list_of(user).views) == 1)
        (view,) = list_of(user).views
        assert (view["name"], view["href"]) == ("Low ones", "/accounts?quality=low")
        fire(user, list_of(user), "delete_view", view["id"])
        await until(lambda: list_of(user).views == ())


async def test_many_numbers_cost_no_more_elements_than_one(
    serve: Serve, world: AccountsSite
) -> None:
    for n in range(60):
        world.number(name=f"n{n}")
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open("/accounts")
        assert len(list_of(user).rows) == 50
        assert len(user.page.elements) <= BUDGET


async def test_leaving_and_coming_back_leaves_one_place_in_the_room(
    serve: Serve, world: AccountsSite
) -> None:
    number = world.number(name="a")
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open("/accounts")
        for path in (f"/accounts/{number.id}", "/accounts", "/audit", "/accounts"):
            await user.go(path)
        await until(lambda: shown_names(user) == ["a"])
        world.change(number.id, name="b")
        await until(lambda: shown_names(user) == ["b"])
        await user.go("/audit")
        world.change(number.id, name="c")
        await until(lambda: site.live.counts.pushed == 2)
        await user.go("/accounts")
        # The room was closed behind the last page and a new one begins to count.
        await until(lambda: shown_names(user) == ["c"])
        assert list_of(user).shown["number"] == 0


def test_a_sort_of_the_address_may_fall() -> None:
    assert query_of({"sort": "-phone"}) == replace(ChannelQuery(), sort="phone", descending=True)
