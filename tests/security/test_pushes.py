"""What many pages are told together is told to nobody who may not see it any more."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from core.partners.entities import Membership, UserSession
from tests import factories
from tests.ui.accounts_site import TEST, AccountsSite, accounts_site
from tests.ui.online import online, until


@pytest.fixture
def world(tmp_path: Path) -> Iterator[AccountsSite]:
    with accounts_site(tmp_path) as site:
        yield site


def make_colleague(world: AccountsSite) -> str:
    """Cookie `ben`: one more person of the partner; returns the session's hash."""
    with world.database.transaction(TEST) as session:
        who = factories.make_principal(session, world.partner)
    partners = world.hub.sign_in.people["owner"][1]
    world.hub.sign_in.people["ben"] = (who, partners)
    return who.session_hash


def lose(world: AccountsSite, session_hash: str, what: str) -> None:
    """The authority is gone in the database, and no notice tells any page."""
    with world.database.transaction(TEST) as session:
        login = session.get_one(UserSession, session_hash)
        of_person = select(Membership).where(Membership.person_id == login.person_id)
        now = world.hub.clock.now()
        changes: dict[str, tuple[Any, str, Any]] = {
            "membership": (session.exec(of_person).one(), "removed_at", now),
            "session": (login, "revoked_at", now),
            "time": (login, "expires_at", now - timedelta(seconds=1)),
            "partner": (login, "partner_id", world.other.id),
        }
        row, name, value = changes[what]
        setattr(row, name, value)


@pytest.mark.parametrize("what", ["membership", "session", "time", "partner"])
async def test_a_page_whose_person_may_not_any_more_gets_no_patch(
    world: AccountsSite, what: str
) -> None:
    number = world.number(name="a")
    session_hash = await asyncio.to_thread(make_colleague, world)
    async with online(world) as site:
        ada, ben = await site.open("owner"), await site.open("ben")
        world.change(number.id, name="b")
        await until(lambda: bool(ada.patches and ben.patches))
        await asyncio.to_thread(lose, world, session_hash, what)
        for turn in (2, 3):
            world.change(number.id, name=f"secret {turn}")
            await until(lambda turn=turn: len(ada.patches) == turn)
        # The page is told why, after whatever else it would have been told.
        await until(lambda: bool(ben.heard["open"] or ben.heard["notify"]))
        assert len(ben.patches) == 1
        assert "secret" not in str(ben.heard)
