"""What the open lists of a partner are told: once for all of them, numbered, and only theirs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.accounts.results import Changed
from core.errors import Unavailable
from core.events import EventType
from tests.ui.accounts_site import AccountsSite, accounts_site
from tests.ui.online import online, until


@pytest.fixture
def world(tmp_path: Path) -> Iterator[AccountsSite]:
    with accounts_site(tmp_path) as site:
        yield site


async def test_all_open_lists_of_the_partner_are_told_the_changed_row_once(
    world: AccountsSite,
) -> None:
    changed, still = world.number(name="changed"), world.number(name="still")
    world.number(world.other, name="theirs")
    async with online(world) as site:
        tabs = [await site.open(), await site.open()]
        stranger = await site.open("stranger")
        readings = counting(world)
        world.change(changed.id, meta_status="FLAGGED")
        await until(lambda: all(tab.patches for tab in tabs))
        for tab in tabs:
            (told,) = tab.patches
            assert [row["id"] for row in told["rows"]] == [changed.id]
            assert told["rows"][0]["word"] == "Flagged"
            assert told["counts"]["attention"] == "1"
            assert still.id not in str(told)
        assert len(readings) == 1
        assert stranger.patches == []


async def test_messages_are_numbered_without_gaps(world: AccountsSite) -> None:
    number = world.number(name="a")
    async with online(world) as site:
        tab = await site.open()
        for turn in range(1, 4):
            world.change(number.id, name=f"name {turn}")
            await until(lambda turn=turn: len(tab.patches) == turn)
        assert [told["number"] for told in tab.patches] == [1, 2, 3]
        assert (await site.open()).list.number == 3


async def test_what_changes_between_the_answer_and_the_socket_is_drawn_at_once(
    world: AccountsSite,
) -> None:
    number = world.number(name="before")
    async with online(world) as site:
        other, late = await site.open(), await site.load()
        world.change(number.id, name="after")
        await until(lambda: bool(other.patches))
        await late.connect()
        await until(lambda: bool(late.heard["update"]))
        assert [row["name"] for row in late.rows] == ["after"]
        assert late.patches == []


async def test_a_browser_that_missed_a_message_gets_its_page_again(world: AccountsSite) -> None:
    world.number(name="a")
    async with online(world) as site:
        tab = await site.open()
        drawn = len(tab.heard["update"])
        world.number(name="b")  # without an event: nobody is told
        await tab.fire("behind")
        await until(lambda: len(tab.heard["update"]) > drawn)
        assert [row["name"] for row in tab.rows] == ["a", "b"]


async def test_a_reading_that_failed_leaves_a_gap_and_says_so(world: AccountsSite) -> None:
    number = world.number(name="a")
    async with online(world) as site:
        tab = await site.open()
        changed = world.hub.accounts.changed

        def failing(*_: object) -> Changed:
            world.hub.accounts.changed = changed
            raise Unavailable("the database is away")

        world.hub.accounts.changed = failing
        world.change(number.id, name="b")
        await until(lambda: bool(tab.heard["notify"]))
        world.change(number.id, name="c")
        await until(lambda: bool(tab.patches))
        assert [told["number"] for told in tab.patches] == [2]  # the browser finds the gap


async def test_new_numbers_are_named_to_every_list(world: AccountsSite) -> None:
    async with online(world) as site:
        tab = await site.open()
        new = world.create(name="new")
        await until(lambda: bool(tab.patches))
        assert tab.patches[0]["created"] == [new.id]
        assert tab.patches[0]["rows"] == []


async def test_a_change_of_the_waba_reaches_all_its_numbers(world: AccountsSite) -> None:
    number = world.number(name="a")
    async with online(world) as site:
        tab = await site.open()
        world.change_waba(number, EventType.ACCOUNT_REVIEW_CHANGED, review_status="REJECTED")
        await until(lambda: bool(tab.patches))
        assert [row["word"] for row in tab.patches[0]["rows"]] == ["Rejected"]


async def test_pages_that_show_the_same_number_share_its_row(world: AccountsSite) -> None:
    world.number(name="a")
    async with online(world) as site:
        one, other = await site.open(), await site.open()
        assert one.list.rows[0] is other.list.rows[0]


async def test_who_left_the_list_is_told_nothing_and_an_empty_room_is_closed(
    world: AccountsSite,
) -> None:
    number = world.number(name="a")
    async with online(world) as site:
        tab, staying = await site.open(), await site.open()
        with tab.page:
            await tab.page.sub_pages_router._handle_navigate("/audit")
        world.change(number.id, name="b")
        await until(lambda: bool(staying.patches))
        assert tab.patches == []
        readings = counting(world)
        staying.page.delete()
        tab.page.delete()
        world.change(number.id, name="c")
        await until(lambda: site.app.state.live.counts.unwatched == 1)
        assert readings == []
        assert site.app.state.live.topics == 0


def counting(world: AccountsSite) -> list[object]:
    """Each reading for the open lists from now on."""
    changed, readings = world.hub.accounts.changed, []

    def counted(*arguments: object) -> Changed:
        readings.append(arguments)
        told: Changed = changed(*arguments)
        return told

    world.hub.accounts.changed = counted
    return readings
