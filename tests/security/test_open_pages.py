"""Stale authority: open pages end with their session, their partner or their membership."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
import socketio
from socketio.exceptions import ConnectionError as RefusedError
from sqlmodel import select

from core.access import Gate, Permission
from core.errors import Forbidden, NotSignedIn
from core.partners.entities import Membership, Role
from core.ports import Everything, Notice
from tests.security.live import Live, Page, settled, until
from ui.sessions import SWITCHED


async def opened(
    live: Live, cookies: dict[str, str]
) -> tuple[Page, socketio.AsyncClient, list[Any]]:
    """A page with its socket, and where the hub sent its browser."""
    page = await live.page("/board", cookies)
    own = await live.socket(page)
    sent: list[Any] = []
    own.on("open", lambda message: sent.append(message["path"]))
    return page, own, sent


async def post(live: Live, path: str, cookies: dict[str, str], **form: str) -> int:
    async with live.browser(cookies) as client:
        answer = await client.post(path, data=form, headers={"origin": live.origin})
        return answer.status_code


async def second_partner(live: Live) -> str:
    """Ada's invitation to one more partner."""

    def invite() -> str:
        partners = live.rig.hub.partners
        partner = partners.create_partner(brand_name="Beta")
        partners.invite_first_owner(partner.id, email="ada@acme.example")
        return partner.id

    return await asyncio.to_thread(invite)


async def test_o33_signing_out_ends_every_open_page_of_the_session(live: Live) -> None:
    ada = await live.signed_in("ada")
    page, own, sent = await opened(live, ada)
    other, _, other_sent = await opened(live, await live.signed_in("ada"))
    frame = page.press()
    assert await post(live, "/logout", ada) == 200
    assert not page.is_alive
    await own.emit("event", frame)
    await until(lambda: sent == ["/signed-out"])
    await settled(own)
    assert live.clicks.by == []
    assert other.is_alive
    assert other_sent == []


async def test_a_page_fetched_before_the_sign_out_cannot_come_alive_after_it(live: Live) -> None:
    ada = await live.signed_in("ada")
    page = await live.page("/board", ada)
    await post(live, "/logout", ada)
    with pytest.raises(RefusedError):
        await live.socket(page)


async def test_signing_in_again_ends_the_pages_of_the_old_session(live: Live) -> None:
    # Through the whole login, in test_login_attacks; here: what it does to the pages.
    ada = await live.signed_in("ada")
    page, _, sent = await opened(live, ada)
    who = await asyncio.to_thread(live.rig.hub.sign_in.principal, ada["hub_session"])
    await live.rig.pages.end(who.session_hash, path="/")
    await until(lambda: sent == ["/"])
    assert not page.is_alive


async def test_switching_takes_every_tab_of_the_session_along(live: Live) -> None:
    beta = await second_partner(live)
    ada = await live.signed_in("ada")
    who = await asyncio.to_thread(live.rig.hub.sign_in.principal, ada["hub_session"])
    target = beta if who.partner_id != beta else live.rig.partner_id
    page, _, sent = await opened(live, ada)
    unopened = await live.page("/board", ada)
    assert await post(live, "/switch", ada, partner_id=target) == 303
    await until(lambda: sent == ["/switched?from=%2Fboard"])
    assert not page.is_alive
    with pytest.raises(RefusedError):
        await live.socket(unopened)
    assert (await live.socket(await live.page("/board", ada))).connected


async def test_switching_to_a_foreign_partner_changes_nothing(live: Live) -> None:
    foreign = await asyncio.to_thread(live.rig.hub.partners.create_partner, brand_name="Foreign")
    ada = await live.signed_in("ada")
    page, _, sent = await opened(live, ada)
    assert await post(live, "/switch", ada, partner_id=foreign.id) == 404
    assert await post(live, "/switch", ada, partner_id="nobodyPA") == 404
    assert page.is_alive
    assert sent == []


@pytest.mark.parametrize("type_", ["session_revoked", "session_switched"])
async def test_another_process_ends_the_pages_of_this_one(live: Live, type_: str) -> None:
    ada = await live.signed_in("ada")
    page, _, sent = await opened(live, ada)
    who = await asyncio.to_thread(live.rig.hub.sign_in.principal, ada["hub_session"])
    partner = "otherPA" if type_ == SWITCHED else (who.partner_id or "")
    notice = Notice(partner, type_, "session", who.session_hash)
    await asyncio.to_thread(live.rig.feed.publish, [notice])
    await until(lambda: sent)
    assert not page.is_alive


@pytest.mark.parametrize("type_", ["member_removed", "role_changed"])
async def test_o35_a_removed_or_demoted_members_pages_start_again(live: Live, type_: str) -> None:
    ada, ben = await live.signed_in("ada"), await live.signed_in("ben")
    page, _, sent = await opened(live, ben)
    others, _, others_sent = await opened(live, ada)
    who = await asyncio.to_thread(live.rig.hub.sign_in.principal, ben["hub_session"])
    notice = Notice(live.rig.partner_id, type_, "person", who.person_id)
    await asyncio.to_thread(live.rig.feed.publish, [notice])
    await until(lambda: sent == ["/"])
    assert not page.is_alive
    assert others.is_alive
    assert others_sent == []


async def test_o35_the_next_act_of_somebody_removed_demoted_or_expired_is_refused(
    live: Live,
) -> None:
    """The second belt: whatever page is open, the database decides at the moment of the act."""
    rig = live.rig
    gate = Gate(rig.database, rig.clock)
    cookie = (await live.signed_in("ben"))["hub_session"]
    who = await asyncio.to_thread(rig.hub.sign_in.principal, cookie)

    def act() -> None:
        with gate.writing(who, Permission.SETTINGS):
            pass

    def change(**values: Any) -> None:
        with rig.database.transaction(Everything("test")) as session:
            member = session.exec(
                select(Membership).where(Membership.person_id == who.person_id)
            ).one()
            for name, value in values.items():
                setattr(member, name, value)

    await asyncio.to_thread(act)
    await asyncio.to_thread(change, role=Role.MEMBER.value)
    with pytest.raises(Forbidden, match="role_too_low"):
        await asyncio.to_thread(act)
    await asyncio.to_thread(change, role=Role.OWNER.value, removed_at=rig.clock.now())
    with pytest.raises(Forbidden, match="not_a_member"):
        await asyncio.to_thread(act)
    await asyncio.to_thread(change, removed_at=None)
    rig.clock.offset += timedelta(days=14)
    with pytest.raises(NotSignedIn):
        await asyncio.to_thread(act)


async def test_pages_of_a_session_that_ran_out_are_gone(live: Live) -> None:
    page, _, sent = await opened(live, await live.signed_in("ada"))
    await live.rig.pages.look_after(live.rig.hub)
    assert page.is_alive
    live.rig.clock.offset += timedelta(hours=12)
    await live.rig.pages.look_after(live.rig.hub)
    await until(lambda: sent == ["/signed-out"])
    assert not page.is_alive


async def test_who_presses_buttons_all_day_is_not_idle(live: Live) -> None:
    ada = await live.signed_in("ada")
    page, own, _ = await opened(live, ada)
    for hours in range(1, 4):
        live.rig.clock.offset += timedelta(hours=11)
        await own.emit("event", page.press())
        await until(lambda hours=hours: len(live.clicks.by) == hours)
        await live.rig.pages.look_after(live.rig.hub)
    assert page.is_alive


async def test_nothing_is_kept_of_pages_that_are_gone(live: Live) -> None:
    ada = await live.signed_in("ada")
    who = await asyncio.to_thread(live.rig.hub.sign_in.principal, ada["hub_session"])
    pages = [await opened(live, ada) for _ in range(3)]
    assert live.rig.pages.count(who.session_hash) == 3
    for page, _, _ in pages:
        page.client.delete()
    assert live.rig.pages.count(who.session_hash) == 0
    assert live.rig.pages._pages == {}
