"""The partner's page of support: conversations, live answers, requests and their forms."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.support.states import RequestKind, Show
from tests.ui.accounts_site import fire
from tests.ui.conftest import Browser, Serve
from tests.ui.money_site import button_of, field_of, until
from tests.ui.support_site import (
    PATIENCE,
    SupportSite,
    calls,
    chat_of,
    list_of,
    open_chat,
    press,
    say,
    serving,
    support_site,
    texts,
    titles,
)
from ui.frame_parts import Chrome


@pytest.fixture
def world(tmp_path: Path) -> Iterator[SupportSite]:
    with support_site(tmp_path) as site:
        yield site


def unread(user: Browser) -> int:
    """The count beside Support in the navigation."""
    (chrome,) = user.find(kind=Chrome).elements
    return chrome.props["counts"]["/support"]  # type: ignore[no-any-return]


async def test_who_has_not_written_yet_is_told_what_support_does(
    serve: Serve, world: SupportSite
) -> None:
    async with serving(serve, world) as site:
        user = site.browser()
        await user.open("/support")
        await until(lambda: chat_of(user).told.get("title") == "How can we help?")
        assert list_of(user)._shown["none"]["title"] == "No conversations yet"


async def test_a_member_and_another_partner_see_none_of_it(
    serve: Serve, world: SupportSite
) -> None:
    conversation = world.open()
    async with serving(serve, world) as site:
        stranger = site.browser("stranger")
        assert await stranger.open_any(f"/support/{conversation}") == 404
        await stranger.should_see("There is nothing at this address")
        assert titles(await _at(site, "stranger", "/support")) == []


async def test_conversations_stand_newest_first_with_what_is_unread(
    serve: Serve, world: SupportSite
) -> None:
    first = world.open("The first")
    world.world.pass_time(minutes=1)
    world.open("The second")
    world.world.pass_time(minutes=1)
    world.answer(first, "Here is the answer.")
    async with serving(serve, world) as site:
        user = await _at(site, "owner", "/support")
        assert titles(user) == ["The first", "The second"]
        assert [row["unread"] for row in list_of(user).rows] == [1, 0]
        assert unread(user) == 1
        fire(user, list_of(user), "ask", {"show": Show.CLOSED.value})
        await until(lambda: titles(user) == [])
        assert list_of(user)._shown["none"]["title"] == "No match"


async def test_a_message_is_there_once_and_the_browser_is_told_by_its_key(
    serve: Serve, world: SupportSite
) -> None:
    conversation = world.open(text="Hello?")
    async with serving(serve, world) as site:
        user = await open_chat(site, "owner", f"/support/{conversation}")
        told = calls(chat_of(user))
        say(user, "More about it", key="mine")
        await until(lambda: any(name == "sent" for name, _ in told))
        assert texts(user) == ["Hello?", "More about it"]
        assert [args[0] for name, args in told if name == "sent"] == ["mine"]


async def test_an_answer_and_its_count_appear_without_a_reload(
    serve: Serve, world: SupportSite
) -> None:
    conversation = world.open()
    async with serving(serve, world) as site:
        chat = await open_chat(site, "owner", f"/support/{conversation}")
        elsewhere = site.browser("second")
        await elsewhere.open("/support")
        world.answer(conversation, "We look at it.")
        await until(lambda: texts(chat) == ["Hello?", "We look at it."])
        await until(lambda: unread(elsewhere) == 1)
        assert chat_of(chat).told["head"]["word"] == "Answered"


async def test_what_was_read_counts_no_more_on_any_page_of_that_person(
    serve: Serve, world: SupportSite
) -> None:
    conversation = world.open()
    world.answer(conversation, "We look at it.")
    async with serving(serve, world) as site:
        chat = await open_chat(site, "owner", f"/support/{conversation}")
        other_tab = site.browser()
        await other_tab.open("/support")
        assert unread(other_tab) == 1
        press(chat, "seen", last="whatever")
        await until(lambda: unread(other_tab) == 0)


async def test_notes_of_staff_stay_with_staff(serve: Serve, world: SupportSite) -> None:
    conversation = world.open()
    world.do(world.world.desk.note, conversation, "a difficult one", who="sam")
    async with serving(serve, world) as site:
        user = await open_chat(site, "owner", f"/support/{conversation}")
        world.do(world.world.desk.note, conversation, "still difficult", who="sam")
        world.answer(conversation, "Done.")
        await until(lambda: texts(user) == ["Hello?", "Done."])


async def test_a_message_that_is_not_taken_says_why(serve: Serve, world: SupportSite) -> None:
    conversation = world.open()
    async with serving(serve, world) as site:
        user = await open_chat(site, "owner", f"/support/{conversation}")
        told = calls(chat_of(user))
        say(user, "x" * 10_001, key="long")
        say(user, "with a file", key="file", files=["nobodys"])
        await until(lambda: len([name for name, _ in told if name == "refused"]) == 2)
        assert {args for name, args in told if name == "refused"} == {
            ("long", "This is too long."),
            ("file", "A file is not there any more. Attach it again."),
        }


async def test_a_conversation_of_somebody_else_cannot_be_named(
    serve: Serve, world: SupportSite
) -> None:
    theirs = world.open(who="stranger")
    mine = world.open()
    async with serving(serve, world) as site:
        user = await open_chat(site, "owner", f"/support/{mine}")
        told = calls(chat_of(user))
        say(user, "let me in", conversation=theirs)
        await until(lambda: any(name == "refused" for name, _ in told))
        for event in ("seen", "earlier", "decide"):
            fire(user, chat_of(user), event, {"conversation": theirs, "cursor": "", "key": "x"})
        found = world.do(world.world.support.conversation, theirs, who="stranger")
        assert len(found.messages) == 1


async def test_what_no_page_of_ours_sends_does_nothing(serve: Serve, world: SupportSite) -> None:
    conversation = world.open()
    async with serving(serve, world) as site:
        user = await open_chat(site, "owner", f"/support/{conversation}")
        for event in ("send", "seen", "earlier", "act", "decide", "typing", "here"):
            for args in (None, [], "x", {"conversation": {}}, {"files": 5}):
                fire(user, chat_of(user), event, args)
        world.answer(conversation, "Done.")
        await until(lambda: texts(user)[-1] == "Done.")
        assert texts(user) == ["Hello?", "Done."]


async def test_a_deep_link_opens_the_form_and_the_request_is_made(
    serve: Serve, world: SupportSite
) -> None:
    member = world.member()
    async with serving(serve, world) as site:
        user = site.browser()
        await user.open(f"/support?ask=remove_user&person={member.person_id}")
        await user.should_see("Their open pages stop within a second.", retries=PATIENCE)
        assert field_of(user, "Person").value == member.person_id
        await pressed(user, "Send the request")
        await until(lambda: bool(chat_of(user).told.get("request")))
        card = chat_of(user).told["request"]
        assert card["word"] == "Waits for a decision"
        assert card["facts"][0] == ("Person", member.name)
        assert card["may_withdraw"]


async def test_the_same_wish_twice_leads_to_the_first_one(serve: Serve, world: SupportSite) -> None:
    member = world.member()
    world.ask(RequestKind.REMOVE_USER, {"person_id": member.person_id})
    async with serving(serve, world) as site:
        user = site.browser()
        await user.open(f"/support?ask=remove_user&person={member.person_id}")
        await user.should_see("Their open pages stop", retries=PATIENCE)
        await pressed(user, "Send the request")
        await user.should_see("This was asked already", retries=PATIENCE)
        await user.should_see("Go to that conversation", retries=PATIENCE)


async def test_the_downgrade_is_shown_before_it_is_asked_for(
    serve: Serve, world: SupportSite
) -> None:
    world.premium()
    async with serving(serve, world) as site:
        user = site.browser()
        await user.open("/support?ask=downgrade")
        await user.should_see("it takes effect with the next period", retries=PATIENCE)
        await pressed(user, "Send the request")
        await until(lambda: bool(chat_of(user).told.get("request")))
        facts = dict(chat_of(user).told["request"]["facts"])
        assert facts["To"] == "Growth"
        assert "2026" in facts["From"]


async def test_where_there_is_no_smaller_plan_none_can_be_asked_for(
    serve: Serve, world: SupportSite
) -> None:
    async with serving(serve, world) as site:
        user = site.browser()
        await user.open("/support?ask=downgrade")
        await user.should_see("You are on the smallest plan already.", retries=PATIENCE)
        assert not button_of(user, "Send the request").enabled


async def test_wrong_company_data_is_marked_field_by_field(
    serve: Serve, world: SupportSite
) -> None:
    async with serving(serve, world) as site:
        user = site.browser()
        await user.open("/support?ask=company_data")
        await user.should_see("Write it as it is to be.", retries=PATIENCE)
        field_of(user, "Legal name").value = ""
        field_of(user, "Country").value = "DE"
        field_of(user, "VAT ID").value = "DE123456789"
        await pressed(user, "Send the request")
        await until(lambda: bool(field_of(user, "Legal name").error))
        assert field_of(user, "Legal name").error == "This is needed."
        assert "check digit" in field_of(user, "VAT ID").error
        assert field_of(user, "VAT ID").value == "DE123456789", "nothing typed is lost"


async def test_a_number_is_deleted_only_after_its_last_digits_were_typed(
    serve: Serve, world: SupportSite
) -> None:
    number = world.number("4930901820077")
    async with serving(serve, world) as site:
        user = site.browser()
        await user.open(f"/support?ask=delete_number&channel={number}")
        await user.should_see("only a new onboarding brings it back", retries=PATIENCE)
        typed = field_of(user, "Type the number's last four digits to confirm")
        send = button_of(user, "Ask to delete the number")
        assert not send.enabled
        typed.value = "0078"
        assert not send.enabled
        typed.value = "0077"
        assert send.enabled
        await pressed(user, "Ask to delete the number")
        await until(lambda: bool(chat_of(user).told.get("request")))
        assert chat_of(user).told["subject"] == "Delete +49 30 901820077 now"


async def test_a_request_is_withdrawn_and_all_pages_of_the_partner_show_it(
    serve: Serve, world: SupportSite
) -> None:
    conversation = world.ask(RequestKind.OTHER, {"subject": "A discount"})
    async with serving(serve, world) as site:
        mine = await open_chat(site, "owner", f"/support/{conversation}")
        second = await open_chat(site, "second", f"/support/{conversation}")
        press(mine, "decide", key="withdraw")
        for user in (mine, second):
            await until(lambda user=user: chat_of(user).told["request"]["word"] == "Withdrawn")
            await until(lambda user=user: list_of(user).rows[0]["word"] == "Closed")
        assert not chat_of(mine).told["request"]["may_withdraw"]


async def test_an_accepted_request_shows_on_the_partners_open_page(
    serve: Serve, world: SupportSite
) -> None:
    member = world.member()
    conversation = world.ask(RequestKind.REMOVE_USER, {"person_id": member.person_id})
    async with serving(serve, world) as site:
        user = await open_chat(site, "owner", f"/support/{conversation}")
        preview = world.do(world.world.desk.preview, conversation, who="sam")
        world.do(world.world.desk.accept, conversation, preview.version, "Done.", who="sam")
        await until(lambda: chat_of(user).told["request"]["word"] == "Accepted")
        await until(lambda: len(texts(user)) == 2)
        assert texts(user)[-1] == "The request was accepted by Sam Patel. Done."


async def test_another_conversation_opens_without_a_reload(
    serve: Serve, world: SupportSite
) -> None:
    first, second = world.open("First", "one"), world.open("Second", "two")
    async with serving(serve, world) as site:
        user = await open_chat(site, "owner", f"/support/{first}")
        page = user.page
        fire(user, list_of(user), "open", second)
        await until(lambda: texts(user) == ["two"])
        assert user.page is page
        assert page.sub_pages_router.current_path == f"/support/{second}"
        assert list_of(user).current == second


async def test_who_looks_and_who_types_is_told_and_kept_nowhere(
    serve: Serve, world: SupportSite
) -> None:
    conversation = world.open()
    async with serving(serve, world) as site:
        user = await open_chat(site, "owner", f"/support/{conversation}")
        told = calls(chat_of(user))
        before = list_of(user).rows
        world.do(world.world.desk.here, conversation, who="sam")
        world.do(world.world.desk.here, conversation, who="sam", is_typing=True)
        await until(lambda: len([name for name, _ in told if name == "signal"]) == 2)
        assert [args for _, args in told] == [("here",), ("typing",)]
        assert list_of(user).rows is before, "nothing was read again"


async def test_earlier_messages_come_on_demand(serve: Serve, world: SupportSite) -> None:
    conversation = world.open(text="number 0")
    for number in range(1, 70):
        world.do(world.world.support.write, conversation, f"number {number}")
    async with serving(serve, world) as site:
        user = await open_chat(site, "owner", f"/support/{conversation}")
        assert texts(user)[-1] == "number 69"
        shown = len(texts(user))
        assert shown < 70
        press(user, "earlier", cursor=chat_of(user).told["older"])
        await until(lambda: len(texts(user)) > shown)
        assert texts(user)[0] == "number 0"
        assert len(texts(user)) == 70


async def pressed(user: Browser, text: str) -> None:
    """The newest button with this text."""
    fire(user, button_of(user, text), "click", {})


async def _at(site: Any, cookie: str, path: str) -> Browser:
    user: Browser = site.browser(cookie)
    await user.open(path)
    await until(lambda: bool(list_of(user)._shown))
    return user
