"""The Users page: invited, changed, asked to be removed; live for the other owner."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from nicegui import ui

from core.ports import Notice
from core.support.states import RequestKind
from tests.ui.conftest import Serve, until
from tests.ui.integration_site import act, column_of, field, press, table_of, texts, type_into
from tests.ui.people_site import FRESH_FOR, people_site, signed_in_again
from tests.ui.support_site import PLACES, SupportSite, in_thread
from ui.confirming import CONFIRMED

PATH = "/users"
INVITATIONS = "Invitations"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[SupportSite]:
    with people_site(tmp_path) as site:
        yield site


@pytest.fixture
def freely(tmp_path: Path) -> Iterator[SupportSite]:
    """Where the operator lets owners remove people."""
    with people_site(tmp_path, owners_may_remove_users=True) as site:
        yield site


async def test_an_invitation_is_typed_sent_again_and_withdrawn_and_the_other_owner_sees_it(
    serve: Serve, world: SupportSite
) -> None:
    async with serve(PLACES, world.hub) as site:
        user, second = site.browser(), site.browser("second")
        await user.open(PATH)
        await second.open(PATH)
        await second.should_see("Nobody is invited at the moment.")
        press(user, "Invite somebody")
        await user.should_see("Send the invitation")
        press(user, "Send the invitation")
        await until(lambda: field(user, "Name").error == "Type a name of up to 120 characters.")
        assert field(user, "E-mail address").error == "This is no e-mail address."
        type_into(user, "Name", "Nia New")
        type_into(user, "E-mail address", "nía@new.example")
        press(user, "Send the invitation")
        letters = "Addresses with letters beyond a-z are not supported."
        await until(lambda: field(user, "E-mail address").error == letters)
        type_into(user, "E-mail address", "nia")
        press(user, "Send the invitation")
        await until(lambda: field(user, "E-mail address").error == "This is no e-mail address.")
        type_into(user, "E-mail address", "nia@new.example")
        press(user, "Send the invitation")
        await until(lambda: column_of(second, INVITATIONS, "state") == ["Open"])
        (row,) = table_of(second, INVITATIONS).rows
        assert row["name"] == {"text": "Nia New", "second": "nia@new.example"} | {
            "title": "",
            "href": "",
            "strong": False,
        }
        act(second, INVITATIONS, row["id"], "again")
        act(second, INVITATIONS, row["id"], "again")
        await second.should_see("The one mailed before stops working.")
        assert texts(second).count("Send the invitation to Nia New again?") == 1
        press(second, "Send a new link")
        by = f"by {world.people['second'].name} · 2 times"
        await until(lambda: [r["sent"]["second"] for r in table_of(user, INVITATIONS).rows] == [by])
        act(second, INVITATIONS, row["id"], "withdraw")
        await second.should_see("Withdraw the invitation to Nia New?")
        press(second, "Withdraw")
        await until(lambda: table_of(user, INVITATIONS).rows == ())


async def test_a_page_that_goes_while_a_question_is_open_leaves_no_fault(
    serve: Serve, world: SupportSite
) -> None:
    in_thread(lambda: signed_in_again(world, world.people["owner"]))
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open("/me")
        faults: list[Exception] = []
        user.page.on_exception(faults.append)
        before = asyncio.all_tasks()
        press(user, "Sign out everywhere else")
        asking = asyncio.all_tasks() - before
        await user.should_see("Sign out the others")
        dialog = next(e for e in user.page.elements.values() if isinstance(e, ui.dialog))
        there = dialog.parent_slot
        assert there is not None
        there.parent.clear()
        await until(lambda: all(task.done() for task in asking))
        assert (len(asking), faults) == (1, [])


async def test_a_role_changes_and_the_last_owner_is_told_why_not(
    serve: Serve, world: SupportSite
) -> None:
    member, own = world.member(), world.people["owner"].person_id
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        assert column_of(user, "Users", "role") == ["Owner", "Owner", "Member"]
        act(user, "Users", member.person_id, "role")
        await user.should_see("They may do everything that you may")
        press(user, "Make an owner")
        await until(lambda: column_of(user, "Users", "role") == ["Owner"] * 3)
        for who in (member, world.people["second"]):
            world.do(world.hub.users.change_role, who.person_id, "member")
        await until(lambda: column_of(user, "Users", "role") == ["Owner", "Member", "Member"])
        await user.should_see("You are the only owner.")
        stays = [row["role"]["second"] for row in table_of(user, "Users").rows]
        assert stays == ["The only owner stays one", "", ""]
        assert [each["disabled"] for each in table_of(user, "Users").rows[0]["acts"]] == [True] * 2
        # Whatever the browser sends: the service says no.
        act(user, "Users", own, "role")
        await user.should_see("Another owner can undo it.")
        press(user, "Make a member")
        await user.should_see("Somebody has to be an owner.")


async def test_support_is_asked_and_the_page_leads_to_the_conversation(
    serve: Serve, world: SupportSite
) -> None:
    member = world.member()
    async with serve(PLACES, world.hub) as site:
        user, second = site.browser(), site.browser("second")
        await user.open(PATH)
        await second.open(PATH)
        act(user, "Users", member.person_id, "ask")
        await user.should_see(f"Ask Support to remove {member.name}?")
        press(user, "Ask Support")
        for page in (user, second):
            await page.should_see(f"Support was asked to remove {member.name}.")
        (there,) = world.do(world.hub.support.asked, RequestKind.REMOVE_USER).values()
        links = [e.props.get("href") for e in second.page.elements.values()]
        assert f"/support/{there}" in links
        acts = [r["acts"] for r in table_of(user, "Users").rows if r["id"] == member.person_id]
        assert [each["key"] for each in acts[0]] == ["role"]


async def test_owners_remove_by_themselves_where_the_operator_says_so(
    serve: Serve, freely: SupportSite
) -> None:
    member = freely.member()
    async with serve(PLACES, freely.hub) as site:
        user = site.browser()
        await user.open(PATH)
        act(user, "Users", member.person_id, "remove")
        await user.should_see(f"Remove {member.name}?")
        press(user, "Remove")
        await until(lambda: len(table_of(user, "Users").rows) == 2)


async def test_an_old_sign_in_is_asked_and_then_the_act_goes_on_by_itself(
    serve: Serve, world: SupportSite
) -> None:
    world.world.below.clock.advance(FRESH_FOR)
    owner = world.people["owner"]
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        press(user, "Invite somebody")
        await user.should_see("Send the invitation")
        type_into(user, "Name", "Nia New")
        type_into(user, "E-mail address", "nia@new.example")
        press(user, "Send the invitation")
        await user.should_see("Confirm that it is you")
        press(user, "Cancel")
        await user.should_see("You did not confirm that it is you.")
        assert field(user, "Name").value == "Nia New"
        press(user, "Send the invitation")
        await user.should_see("Confirm at the provider")
        confirm(world, owner.session_hash)
        await until(lambda: column_of(user, INVITATIONS, "name") == ["Nia New"])
        assert "Confirm that it is you" not in texts(user)


async def test_a_member_is_refused_the_page(serve: Serve, world: SupportSite) -> None:
    member = world.member()
    world.hub.sign_in.people["member"] = (member, world.hub.sign_in.people["owner"][1])
    async with serve(PLACES, world.hub) as site:
        assert (await site.browser("member").look(PATH)).status_code == 403


async def test_own_browsers_are_listed_and_signed_out_and_new_ones_appear(
    serve: Serve, world: SupportSite
) -> None:
    owner = world.people["owner"]
    phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit Safari/605"
    lost = in_thread(lambda: signed_in_again(world, owner, user_agent=phone, ip="198.51.100.9"))
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open("/me")
        assert column_of(user, "Your sign-ins", "state") == ["This one", "Active"]
        (this, other) = table_of(user, "Your sign-ins").rows
        assert (this["acts"], other["device"]["text"]) == ([], "Safari on iPhone")
        assert other["device"]["second"] == "198.51.100.9"
        assert re.search(r"\d{4}, \d\d:\d\d:\d\d", other["since"]["text"])
        heard: list[Notice] = []
        world.hub.feed.subscribe(heard.extend)
        act(user, "Your sign-ins", lost.session_hash, "end")
        await until(lambda: column_of(user, "Your sign-ins", "state") == ["This one"])
        assert ("session_revoked", lost.session_hash) in [(n.type, n.subject_id) for n in heard]
        # A foreign session's id from the browser ends nothing.
        act(user, "Your sign-ins", world.people["second"].session_hash, "end")
        signed_in_again(world, owner)
        notice = Notice(owner.partner_id or "", "signed_in", "person", owner.person_id)
        in_thread(lambda: world.hub.feed.publish([notice]))
        await until(lambda: len(table_of(user, "Your sign-ins").rows) == 2)
        press(user, "Sign out everywhere else")
        await user.should_see("Sign out the others")
        press(user, "Sign out the others")
        await until(lambda: len(table_of(user, "Your sign-ins").rows) == 1)
        assert len(world.do(world.hub.sign_in.sessions, who="second")) == 1


def confirm(world: SupportSite, session_hash: str) -> None:
    """What the other tab does."""
    at = int(world.world.below.clock.now().timestamp())
    owner = world.people["owner"]
    claims = {"iss": "https://id.test", "sub": owner.person_id, "auth_time": at}
    in_thread(lambda: world.hub.sign_in.confirm(claims, "", session_hash))
    notice = Notice(owner.partner_id or "", CONFIRMED, "session", session_hash)
    in_thread(lambda: world.hub.feed.publish([notice]))
