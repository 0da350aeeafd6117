"""Whose a thing is: told to those who work for its partner and may see it there, to nobody else."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import Session

from core.access import Permission, Principal
from core.billing.entities import LedgerEntry
from core.clock import FixedClock
from core.partners.entities import Membership, Role
from core.partners.sessions import Sessions
from core.ports import Everything
from core.settings import Settings
from core.whereabouts import Thing, Whereabouts
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from tests import factories
from tests.support.accounts import PlainVault
from tests.support.every_table import OneOfEach
from ui.places import sections
from ui.things import sections_of_things, thing_of

TEST = Everything("test")
TABLES = {
    Thing.CHANNEL: "channel",
    Thing.RUN: "onboarding_run",
    Thing.INVOICE: "invoice",
    Thing.PAYMENT: "payment",
    Thing.LEDGER_ENTRY: "ledger_entry",
    Thing.DELIVERY: "webhook_delivery",
    Thing.CONVERSATION: "support_conversation",
    Thing.EVENT: "event",
}


class World:
    """Eve is a member at `home` and an owner at `second`; `far` is nobody's whom she knows."""

    def __init__(self, database: SqlDatabase, clock: FixedClock) -> None:
        self.database = database
        sessions = Sessions(database, clock, PlainVault(), Settings(_env_file=None))
        self.whereabouts = Whereabouts(database, sessions.memberships)
        self.second, self.far = "secondPA", "faraway9PA"
        self.rows = {id_: OneOfEach(id_) for id_ in (self.second, self.far)}
        for rows in self.rows.values():
            with database.transaction(TEST) as session:
                rows.add_to(session)
        with database.transaction(TEST) as session:
            home = factories.make_partner(session)
            self.eve = factories.make_principal(session, home, Role.MEMBER, clock)
            self.join(self.eve, self.second, Role.OWNER, session)

    def join(self, who: Principal, partner_id: str, role: Role, session: Session) -> None:
        session.add(
            Membership(
                partner_id=partner_id,
                person_id=who.person_id,
                role=role.value,
                created_at=factories.now(),
            )
        )

    def id_of(self, thing: Thing, partner_id: str) -> str:
        (key,) = self.rows[partner_id].ids[TABLES[thing]]
        if thing is Thing.LEDGER_ENTRY:
            key = self.key_of(key)
        return str(key)

    def key_of(self, id_: int) -> str:
        with self.database.reading(TEST) as session:
            return session.get_one(LedgerEntry, id_).key


@pytest.fixture
def world(
    tmp_path: Path, migrated_file: Path, feed: LocalFeed, clock: FixedClock
) -> Iterator[World]:
    url = f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'alone.sqlite3')}"
    database = SqlDatabase(url, feed, threads=4)
    yield World(database, clock)
    database.close()


def test_every_thing_of_an_own_partner_is_found_there_and_of_no_other(world: World) -> None:
    for thing in Thing:
        own, foreign = world.id_of(thing, world.second), world.id_of(thing, world.far)
        found = world.whereabouts.elsewhere(world.eve, thing, own, Permission.BILLING)
        assert found is not None, thing
        assert found.id == world.second
        for id_ in (foreign, "nobody", "", "\x00", "\ud800", "9" * 40):
            told = world.whereabouts.elsewhere(world.eve, thing, id_, Permission.BILLING)
            assert told is None, (thing, id_)


def test_what_the_role_there_would_not_show_is_not_told(world: World) -> None:
    with world.database.transaction(TEST) as session:
        world.join(world.eve, world.far, Role.MEMBER, session)
    invoice = world.id_of(Thing.INVOICE, world.far)
    channel = world.id_of(Thing.CHANNEL, world.far)
    elsewhere = world.whereabouts.elsewhere
    assert elsewhere(world.eve, Thing.INVOICE, invoice, Permission.BILLING) is None
    assert elsewhere(world.eve, Thing.CHANNEL, channel, Permission.ACCOUNTS) is not None


def test_what_is_open_now_is_not_elsewhere(world: World) -> None:
    there = replace(world.eve, partner_id=world.second)
    channel = world.id_of(Thing.CHANNEL, world.second)
    assert world.whereabouts.elsewhere(there, Thing.CHANNEL, channel, Permission.ACCOUNTS) is None


def test_every_page_of_one_thing_can_be_followed() -> None:
    """A new page with an id in its address has to say whose the thing is."""
    pages = {place.path for place in sections({}) if "{" in place.path}
    assert pages == sections_of_things()
    assert thing_of("/accounts/{channel_id}", {"channel_id": "x"}) == (Thing.CHANNEL, "x")
    assert thing_of("/accounts", {}) is None
