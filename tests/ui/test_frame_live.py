"""Live changes reach the section that is shown, once, and nobody else."""

from __future__ import annotations

import asyncio
from typing import Any

from nicegui import ui

from core.ports import Notice
from tests.ui.conftest import Serve, until
from tests.ui.fake_hub import ACME, BETA, FakeFeed
from ui.components import tag
from ui.context import PageContext
from ui.live import DESK, LiveTopics
from ui.places import Section, sections


def notice(subject: str = "CH1", partner: str = ACME.id, kind: str = "channel_ready") -> Notice:
    return Notice(partner, kind, "channel", subject)


class Recorder:
    """A section that notes what its handler hears, and how many handlers ever lived."""

    def __init__(self) -> None:
        self.heard: list[list[Notice]] = []
        self.drawn = 0
        self.handlers: list[Any] = []

    async def build(self, page: PageContext) -> None:
        self.drawn += 1
        number = self.drawn
        label = tag("p", f"drawing {number}")

        def changed(notices: list[Notice]) -> None:
            assert not label.is_deleted, "a handler of a section that was left"
            self.heard.append(notices)

        page.follow(changed)


def two_sections() -> tuple[Recorder, Recorder, list[Section]]:
    one, other = Recorder(), Recorder()
    return one, other, sections({"/accounts": one.build, "/onboarding-runs": other.build})


async def test_a_section_hears_its_partners_changes(serve: Serve) -> None:
    one, other, places = two_sections()
    async with serve(places) as site:
        user = site.browser()
        await user.open("/accounts")
        site.hub.feed.publish([notice()])
        await until(lambda: bool(one.heard))
        assert one.heard == [[notice()]]
        assert other.heard == []


async def test_another_partners_changes_stay_away(serve: Serve) -> None:
    one, _, places = two_sections()
    async with serve(places) as site:
        await site.browser().open("/accounts")
        site.hub.feed.publish([notice(partner=BETA.id), notice("CH2")])
        await until(lambda: bool(one.heard))
        assert one.heard == [[notice("CH2")]]
        assert site.live.counts.unwatched == 1


async def test_visiting_every_section_twice_leaves_one_subscription_and_one_handler(
    serve: Serve,
) -> None:
    one, other, places = two_sections()
    async with serve(places) as site:
        user = site.browser()
        await user.open("/accounts")
        for times in (1, 2):
            await user.go("/onboarding-runs")
            await until(lambda times=times: other.drawn == times)
            await user.go("/accounts")
            await until(lambda times=times: one.drawn == times + 1)
        await user.go("/users")
        await user.should_see("This page is not there yet")
        assert site.live.subscribers(ACME.id) == 1
        site.hub.feed.publish([notice()])
        await until(lambda: site.live.counts.pushed == 1)
        await asyncio.sleep(0)
        assert (one.heard, other.heard) == ([], [])  # /users follows nothing
        await user.go("/accounts")
        await until(lambda: one.drawn == 4)
        site.hub.feed.publish([notice("CH9")])
        await until(lambda: bool(one.heard))
        assert one.heard == [[notice("CH9")]]


async def test_a_closed_page_leaves_nothing_behind(serve: Serve) -> None:
    _, _, places = two_sections()
    async with serve(places) as site:
        first, second = site.browser(), site.browser()
        await first.open("/accounts")
        await second.open("/accounts")
        assert site.live.subscribers(ACME.id) == 2
        first.page.delete()
        assert site.live.subscribers(ACME.id) == 1
        second.page.delete()
        assert site.live.topics == 0


async def test_a_reconnect_draws_the_section_once_more(serve: Serve) -> None:
    one, _, places = two_sections()
    async with serve(places) as site:
        user = site.browser()
        await user.open("/accounts")
        assert one.drawn == 1
        page = user.page
        await page.handle_handshake("test-again", "tab", None, "document-again", None)
        await until(lambda: one.drawn == 2)
        site.hub.feed.publish([notice()])
        await until(lambda: bool(one.heard))
        assert one.heard == [[notice()]]


async def test_a_failing_change_handler_tells_its_person_and_nobody_else(serve: Serve) -> None:
    async def fragile(page: PageContext) -> None:
        def changed(notices: list[Notice]) -> None:
            raise RuntimeError("broken handler")

        page.follow(changed)

    one = Recorder()
    async with serve(sections({"/accounts": fragile, "/onboarding-runs": one.build})) as site:
        hurt, well = site.browser(), site.browser()
        await well.open("/onboarding-runs")
        await hurt.open("/accounts")  # the last one: NiceGUI's simulation has one list of toasts
        site.hub.feed.publish([notice()])
        await until(lambda: bool(one.heard))
        await hurt.should_see("This did not work because of a fault in the hub.")


async def test_a_section_left_while_it_loads_draws_nothing_into_the_next(serve: Serve) -> None:
    begun = asyncio.Event()

    async def slow(page: PageContext) -> None:
        begun.set()
        await asyncio.Event().wait()
        ui.label("too late")

    one = Recorder()
    async with serve(sections({"/accounts": slow, "/onboarding-runs": one.build})) as site:
        user = site.browser()
        await user.open("/accounts", is_drawn=False)
        await begun.wait()
        await user.go("/onboarding-runs")
        await user.should_see("drawing 1")
        await user.should_not_see("fault in the hub")


async def test_the_first_push_is_immediate_and_a_burst_becomes_few() -> None:
    feed, heard = FakeFeed(), []
    live = LiveTopics(feed, pushes_per_second=20)
    live.start()
    live.subscribe(ACME.id, heard.append)
    for _ in range(5):
        for number in range(200):
            feed.publish([notice(f"CH{number % 10}")])
        await asyncio.sleep(0)
    await until(lambda: live.counts.coalesced + sum(map(len, heard)) == 1000)
    assert len(heard) <= 3
    assert len(heard[0]) == 10  # the newest of each thing, not two hundred
    assert live.counts.pushed == len(heard)
    live.stop()


async def test_the_desk_hears_of_every_partners_conversations_and_of_nothing_else() -> None:
    feed, acme, desk = FakeFeed(), [], []
    live = LiveTopics(feed)
    live.start()
    live.subscribe(ACME.id, acme.append)
    live.subscribe(DESK, desk.append)
    of_acme = Notice(ACME.id, "support_message_written", "conversation", "1")
    of_beta = Notice(BETA.id, "support_message_written", "conversation", "2")
    noted = Notice(ACME.id, "support_note_written", "conversation", "1")
    feed.publish([of_acme, of_beta, noted, notice()])
    await until(lambda: bool(acme) and bool(desk))
    assert desk == [[of_acme, of_beta, noted]]
    assert acme == [[of_acme, notice()]]  # not even that staff made a note
    live.stop()


async def test_notices_may_come_from_any_thread() -> None:
    feed, heard = FakeFeed(), []
    live = LiveTopics(feed)
    live.start()
    live.subscribe(ACME.id, heard.append)
    await asyncio.to_thread(feed.publish, [notice()])
    await until(lambda: bool(heard))
    live.stop()
    feed.publish([notice()])
    assert feed.receivers == []


async def test_an_ended_session_is_passed_on_even_without_an_open_page() -> None:
    feed, ended = FakeFeed(), []
    live = LiveTopics(feed, on_session_revoked=ended.append)
    live.start()
    feed.publish([Notice("", "session_revoked", "session", "some-hash")])
    await until(lambda: bool(ended))
    assert ended == ["some-hash"]
    live.stop()


async def test_somebody_without_a_partner_gets_a_page_that_says_so(serve: Serve) -> None:
    async with serve() as site:
        user = site.browser("nobody")
        assert await user.open_any("/accounts") == 403
        await user.should_see("belongs to no partner")
        assert site.live.topics == 0
