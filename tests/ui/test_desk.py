"""The desk: who gets in, the inbox, requests decided in place, several staff at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.support.states import RequestKind
from tests.ui.accounts_site import fire
from tests.ui.conftest import Browser, Serve, Site
from tests.ui.fake_hub import principal
from tests.ui.money_site import button_of, field_of, until
from tests.ui.support_site import (
    PATIENCE,
    SupportSite,
    calls,
    chat_of,
    in_thread,
    list_of,
    open_chat,
    press,
    said,
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


async def inbox(site: Site, path: str = "/desk", who: str = "sam") -> Browser:
    user = site.browser(who)
    await user.open(path)
    await until(lambda: bool(list_of(user)._shown))
    return user


async def test_the_desk_is_not_there_for_partners_and_strangers_sign_in_first(
    serve: Serve, world: SupportSite
) -> None:
    conversation = world.open()
    async with serving(serve, world) as site:
        for path in ("/desk", f"/desk/{conversation}"):
            owner = site.browser("owner")
            assert await owner.open_any(path) == 404
            await owner.should_see("There is nothing at this address")
            answer = await site.browser("").look(path)
            assert answer.headers["location"].startswith("/login?next=%2Fdesk")


async def test_staff_without_a_partner_land_at_the_desk(serve: Serve, world: SupportSite) -> None:
    async with serving(serve, world) as site:
        for path in ("/", "/accounts", "/support"):
            answer = await site.browser("sam").look(path)
            assert answer.headers["location"] == "/desk"


async def test_staff_who_work_for_a_partner_go_from_one_to_the_other(
    serve: Serve, world: SupportSite
) -> None:
    both = principal(
        "owner", is_staff=True, partner_id=world.world.partner_id, **_identity(world, "owner")
    )
    world.hub.sign_in.people["both"] = (both, world.hub.sign_in.people["owner"][1])
    in_thread(lambda: world.world.change(both.person_id, is_staff=True))
    async with serving(serve, world) as site:
        user = site.browser("both")
        await user.open("/support")
        assert [link["href"] for link in _links(user)] == ["/me", "/desk"]
        await user.open("/desk")
        assert [link["href"] for link in _links(user)] == ["/accounts"]
        only_staff = await inbox(site)
        assert _links(only_staff) == ()


def _identity(world: SupportSite, who: str) -> dict[str, str]:
    known = world.people[who]
    return {"person_id": known.person_id, "session_hash": known.session_hash}


def _links(user: Browser) -> tuple[dict[str, str], ...]:
    found = [e for e in user.page.elements.values() if isinstance(e, Chrome)]
    return found[0].props["links"]  # type: ignore[no-any-return]


async def test_an_empty_inbox_says_that_all_is_done(serve: Serve, world: SupportSite) -> None:
    async with serving(serve, world) as site:
        user = await inbox(site)
        assert list_of(user)._shown["none"]["title"] == "All done"


async def test_filters_and_search_stand_in_the_address(serve: Serve, world: SupportSite) -> None:
    world.open("About webhooks")
    world.ask(RequestKind.OTHER, {"subject": "A discount"})
    theirs = world.open("Somebody else's", who="stranger")
    async with serving(serve, world) as site:
        user = await inbox(site, "/desk?kind=open")
        assert titles(user) == ["A discount"]
        fire(user, list_of(user), "ask", {"q": "webhooks"})
        await until(lambda: titles(user) == ["About webhooks"])
        assert user.page.sub_pages_router.current_path == "/desk?q=webhooks"
        fire(user, list_of(user), "ask", {"to": "me"})
        await until(lambda: list_of(user)._shown["none"]["title"] == "No match")
        fire(user, list_of(user), "ask", {"show": "nonsense", "kind": "x", "after": "rubbish"})
        await until(lambda: len(titles(user)) == 3)
        partner = world.people["stranger"].partner_id or ""
        fire(user, list_of(user), "ask", {"partner": partner})
        await until(lambda: [row["id"] for row in list_of(user).rows] == [theirs])


async def test_counts_stand_beside_the_filters(serve: Serve, world: SupportSite) -> None:
    first = world.open("First")
    world.open("Second", who="stranger")
    world.answer(first, "Done.")
    async with serving(serve, world) as site:
        user = await inbox(site)
        counts = list_of(user)._shown["counts"]
        assert (counts["open"], counts["waiting_support"], counts["waiting_partner"]) == (2, 1, 1)


async def test_premium_partners_come_first_then_who_waits_longest(
    serve: Serve, world: SupportSite
) -> None:
    world.open("Waits longest", who="stranger")
    world.world.pass_time(minutes=5)
    world.open("Premium")
    world.premium()
    async with serving(serve, world) as site:
        user = await inbox(site)
        assert titles(user) == ["Premium", "Waits longest"]


async def test_a_new_conversation_of_any_partner_appears_at_once(
    serve: Serve, world: SupportSite
) -> None:
    async with serving(serve, world) as site:
        user = await inbox(site)
        world.open("New")
        world.open("New, too", who="stranger")
        await until(lambda: sorted(titles(user)) == ["New", "New, too"])


async def test_a_partner_that_calls_itself_as_another_is_told_by_its_id(
    serve: Serve, world: SupportSite
) -> None:
    conversation = world.open()
    async with serving(serve, world) as site:
        sam = await open_chat(site, "sam", f"/desk/{conversation}")
        own = world.world.owner.tenant.partner_id
        assert [row["second_id"] for row in list_of(sam).rows] == [own]
        assert chat_of(sam).told["whom_id"] == own
        owner = await open_chat(site, "owner", f"/support/{conversation}")
        assert [row["second_id"] for row in list_of(owner).rows] == [""]


async def test_an_answer_reaches_the_partner_and_a_note_only_colleagues(
    serve: Serve, world: SupportSite
) -> None:
    conversation = world.open()
    async with serving(serve, world) as site:
        sam = await open_chat(site, "sam", f"/desk/{conversation}")
        una = await open_chat(site, "una", f"/desk/{conversation}")
        owner = await open_chat(site, "owner", f"/support/{conversation}")
        say(sam, "Call them first", key="n", note=True)
        await until(lambda: texts(una)[-1] == "Call them first")
        say(sam, "We look at it", key="a")
        await until(lambda: texts(una)[-1] == "We look at it")
        await until(lambda: texts(owner) == ["Hello?", "We look at it"])
        notes = [each["text"] for each in chat_of(una).told["messages"] if each["note"]]
        assert notes == ["Call them first"]


async def test_what_accepting_does_stands_in_the_card_and_is_done_once(
    serve: Serve, world: SupportSite
) -> None:
    member = world.member()
    conversation = world.ask(RequestKind.REMOVE_USER, {"person_id": member.person_id})
    async with serving(serve, world) as site:
        sam = await open_chat(site, "sam", f"/desk/{conversation}")
        una = await open_chat(site, "una", f"/desk/{conversation}")
        card = chat_of(sam).told["request"]
        assert card["preview"]["sentences"][0].startswith(f"{member.name} works here no more")
        for user in (sam, una):  # both at once
            press(user, "decide", key="accept", version=card["version"], text="Done.")
        for user in (sam, una):
            await until(lambda user=user: chat_of(user).told["request"]["word"] == "Accepted")
        await until(lambda: any("decided a moment ago" in each for each in said(sam, una)))
        told = in_thread(lambda: world.world.told(conversation))
        assert told.count("support_request_accepted") == 1


async def test_what_changed_meanwhile_is_shown_before_it_is_decided(
    serve: Serve, world: SupportSite
) -> None:
    member = world.member()
    conversation = world.ask(RequestKind.REMOVE_USER, {"person_id": member.person_id})
    async with serving(serve, world) as site:
        sam = await open_chat(site, "sam", f"/desk/{conversation}")
        press(sam, "decide", key="accept", version="of-yesterday", text="")
        await until(lambda: any("Something has changed" in each for each in said(sam)))
        assert chat_of(sam).told["request"]["open"]


async def test_a_refusal_needs_a_reason_and_the_partner_reads_it(
    serve: Serve, world: SupportSite
) -> None:
    conversation = world.ask(RequestKind.OTHER, {"subject": "A discount"})
    async with serving(serve, world) as site:
        sam = await open_chat(site, "sam", f"/desk/{conversation}")
        owner = await open_chat(site, "owner", f"/support/{conversation}")
        press(sam, "decide", key="refuse", text=" ")
        await until(lambda: any("This is needed." in each for each in said(sam, owner)))
        press(sam, "decide", key="refuse", text="Not this year.")
        await until(lambda: chat_of(owner).told["request"]["word"] == "Refused")
        assert chat_of(owner).told["request"]["why"] == "Not this year."


async def test_a_conversation_is_taken_closed_and_opened_again(
    serve: Serve, world: SupportSite
) -> None:
    conversation = world.open()
    async with serving(serve, world) as site:
        sam = await open_chat(site, "sam", f"/desk/{conversation}")
        una = await open_chat(site, "una", f"/desk/{conversation}")
        owner = await open_chat(site, "owner", f"/support/{conversation}")
        press(sam, "act", key="mine")
        mine = world.people["sam"].person_id
        await until(lambda: chat_of(una).told["head"]["assigned"] == mine)
        press(sam, "act", key="close")
        await until(lambda: chat_of(owner).told["head"]["word"] == "Closed")
        await until(lambda: titles(una) == [], seconds=10)
        press(una, "act", key="reopen")
        await until(lambda: chat_of(sam).told["head"]["word"] == "Needs an answer")
        press(una, "act", key="assign", value=world.people["owner"].person_id)
        await until(lambda: bool(said(sam, una, owner)))
        assert chat_of(una).told["head"]["assigned"] == mine, "owners are no staff"


async def test_the_partner_stands_beside_the_chat(serve: Serve, world: SupportSite) -> None:
    world.number("4930901820077")
    conversation = world.open()
    async with serving(serve, world) as site:
        sam = await open_chat(site, "sam", f"/desk/{conversation}")
        await sam.should_see("Show 1 conversation", retries=PATIENCE)
        press(sam, "act", key="facts")
        fire(sam, button_of(sam, "Show 1 conversation"), "click", {})
        await until(lambda: list_of(sam)._shown["of"].startswith("Only "))


async def test_canned_answers_are_kept_changed_and_offered(
    serve: Serve, world: SupportSite
) -> None:
    conversation = world.open()
    async with serving(serve, world) as site:
        sam = await open_chat(site, "sam", f"/desk/{conversation}")
        press(sam, "manage")
        await sam.should_see("None yet.", retries=PATIENCE)
        await _pressed(sam, "Add an answer")
        await _pressed(sam, "Save")
        await until(lambda: field_of(sam, "Title").error == "This is needed.")
        field_of(sam, "Title").value = "Thanks"
        _area(sam).value = "Thank you for writing."
        await _pressed(sam, "Save")
        await until(lambda: [c["title"] for c in chat_of(sam).told["canned"]] == ["Thanks"])
        assert texts(sam) == ["Hello?"]


def _area(user: Browser) -> object:
    return next(e for e in user.page.elements.values() if type(e).__name__ == "Textarea")


async def _pressed(user: Browser, text: str) -> None:
    fire(user, button_of(user, text), "click", {})


async def test_who_is_no_staff_any_more_can_do_nothing_on_an_open_page(
    serve: Serve, world: SupportSite
) -> None:
    conversation = world.open()
    async with serving(serve, world) as site:
        sam = await open_chat(site, "sam", f"/desk/{conversation}")
        told = calls(chat_of(sam))
        in_thread(lambda: world.world.change(world.people["sam"].person_id, is_staff=False))
        say(sam, "still here", key="late")
        press(sam, "act", key="close")
        await until(lambda: any(name == "refused" for name, _ in told))
        found = world.do(world.world.support.conversation, conversation)
        assert [each.text for each in found.messages] == ["Hello?"]


async def test_more_than_a_page_of_conversations_is_turned(
    serve: Serve, world: SupportSite
) -> None:
    for number in range(53):
        world.open(f"Number {number}")
    async with serving(serve, world) as site:
        user = await inbox(site)
        assert len(titles(user)) == 50
        fire(user, list_of(user), "ask", {"after": list_of(user)._shown["next"]})
        await until(lambda: len(titles(user)) == 3)
        assert "after=" in user.page.sub_pages_router.current_path
