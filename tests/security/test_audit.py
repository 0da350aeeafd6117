"""The record cannot be rewritten unseen, and shows nobody more than is theirs."""

from __future__ import annotations

import asyncio
import csv
import io
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from nicegui import ui
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from core.access import Gate, Principal
from core.audit.sealing import Sealing
from core.audit.service import Audit
from core.audit.trail import Happened, TrailQuery
from core.audit.verifying import Fault, Verifying
from core.clock import SystemClock
from core.errors import Forbidden
from core.events import EventType, record
from core.origin import EventOrigin, Whence, coming_from, here
from core.partners.entities import Partner, Role
from core.ports import Everything
from storage.database import SqlDatabase
from storage.engines import writing_engine
from tests import factories
from tests.security.live import Live, until
from tests.security.rig import Rig, running
from ui.context import in_thread
from ui.operator_person import PersonCommands

TEST = Everything("test")
CLOCK = SystemClock()
HOME = Whence(address="192.0.2.7", agent="Firefox")


@dataclass(kw_only=True)
class World:
    database: SqlDatabase
    audit: Audit
    partner: Partner
    owner: Principal
    member: Principal

    def tell(self, type_: EventType = EventType.CAP_CHANGED, by: str = "", **data: Any) -> None:
        with coming_from(HOME), self.database.transaction(TEST) as session:
            record(
                session,
                CLOCK,
                type_,
                partner_id=self.partner.id,
                subject=("person", self.owner.person_id),
                actor=by or self.owner.person_id,
                data=data,
            )

    def behind(self, *statements: str) -> None:
        """As somebody who has the database's file."""
        engine = writing_engine(self.database.writer.url, connections=1)
        try:
            with engine.begin() as connection:
                for statement in statements:
                    connection.execute(text(statement))
        finally:
            engine.dispose()

    def verdict(self) -> Fault | None:
        broken = Verifying(self.database, CLOCK).verify().broken
        return broken.fault if broken else None


@pytest.fixture
def world(database: SqlDatabase) -> World:
    with database.transaction(TEST) as session:
        partner = factories.make_partner(session)
        owner = factories.make_principal(session, partner)
        factories.make_principal(session, partner)
        member = factories.make_principal(session, partner, Role.MEMBER)
    audit = Audit(Gate(database, CLOCK))
    return World(database=database, audit=audit, partner=partner, owner=owner, member=member)


BREAKS = {
    Fault.CHANGED_EVENT: ("event_update", "UPDATE event SET actor = 'x' WHERE id = 2"),
    Fault.DELETED_EVENT: ("event_delete", "DELETE FROM event WHERE id = 2"),
    Fault.CHANGED_LINK: ("audit_link_update", "UPDATE audit_link SET hash = 'x' WHERE seq = 2"),
    Fault.REMOVED_LINK: ("audit_link_delete", "DELETE FROM audit_link WHERE seq = 2"),
}


@pytest.mark.parametrize("fault", [*BREAKS, Fault.CHANGED_ORIGIN])
def test_the_chain_shows_what_was_tampered_with(world: World, fault: Fault) -> None:
    for _ in range(3):
        world.tell()
    Sealing(world.database, CLOCK).run()
    assert world.verdict() is None
    if fault is Fault.CHANGED_ORIGIN:
        world.behind("UPDATE event_origin SET address = '9.9.9.9'")
    else:
        trigger, statement = BREAKS[fault]
        world.behind(f"DROP TRIGGER append_only_{trigger}", statement)
    assert world.verdict() is fault


def test_an_event_that_nobody_sealed_is_seen(world: World) -> None:
    world.behind(
        "INSERT INTO event (partner_id, type, subject_type, subject_id, at, actor, data) SELECT"
        f" '{world.partner.id}', 'x', 'x', 'x', '2020-01-01 00:00:00.000000', 'hub', '{{}}'"
    )
    assert world.verdict() is Fault.UNSEALED_EVENT


def test_links_only_grow(world: World) -> None:
    world.tell()
    Sealing(world.database, CLOCK).run()
    for statement in ("UPDATE audit_link SET hash = 'x'", "DELETE FROM audit_link"):
        with pytest.raises(DBAPIError, match="append-only"):
            world.behind(statement)


def test_what_staff_note_is_in_no_list_and_no_file(world: World) -> None:
    world.tell(EventType.NOTE_WRITTEN)
    assert world.audit.trail(world.owner, TrailQuery()).rows == ()
    assert exported(world) == []


def test_a_member_reads_no_record(world: World) -> None:
    world.tell()
    with pytest.raises(Forbidden, match="role_too_low"):
        world.audit.trail(world.member, TrailQuery())
    with pytest.raises(Forbidden, match="role_too_low"):
        next(world.audit.export_csv(world.member, TrailQuery(), plain))


def test_an_exported_cell_runs_nothing(world: World) -> None:
    world.tell(field="url", before="", after='=HYPERLINK("http://evil.example")')
    assert exported(world)[0]["After"] == '\'=HYPERLINK("http://evil.example")'


def test_partners_do_not_learn_where_the_operators_people_sit(world: World) -> None:
    with world.database.transaction(TEST) as session:
        staff = factories.make_person(session, is_staff=True)
    world.tell(EventType.CONVERSATION_CLOSED, staff.id)
    (row,) = world.audit.trail(world.owner, TrailQuery()).rows
    assert (row.actor_name, row.address, row.agent) == (staff.name, "", "")


def test_an_erased_person_is_in_no_byte_of_the_file(world: World) -> None:
    name, email = "Zoe Planted", "zoe@planted.example"
    with world.database.transaction(TEST) as session:
        zoe = factories.make_person(session, name=name, email=email)
        factories.make_membership(session, world.partner, zoe)
        factories.make_login(session, world.partner, zoe, ip=HOME.address, user_agent=HOME.agent)
        told = {"name": f"{name} Consulting", "full_name": name, "email": email}
        client = factories.make_client(session, world.partner, **told)
        factories.make_channel(session, factories.make_waba(session, client), client_name=name)
    world.tell(by=zoe.id)
    path = str(world.database.writer.url.database)
    with closing(sqlite3.connect(path)) as another:  # a hub that runs, so that the journal stays
        another.execute("SELECT 1 FROM person").fetchall()
        erase(world, email)
        content = b"".join(Path(path + end).read_bytes() for end in ("", "-wal")).lower()
    left = [each for each in (name, email, HOME.address) if each.lower().encode() in content]
    assert left == []


def erase(world: World, email: str) -> None:
    """As the operator does."""

    @contextmanager
    def opened() -> Iterator[Any]:
        yield SimpleNamespace(database=world.database, hub=SimpleNamespace(clock=CLOCK))

    PersonCommands(opened).erase(email, yes=True)


def test_a_record_that_was_emptied_is_seen(world: World) -> None:
    world.tell()
    Sealing(world.database, CLOCK).run()
    assert world.verdict() is None
    for table in ("audit_link", "event"):
        world.behind(f"DROP TRIGGER append_only_{table}_delete", f"DELETE FROM {table}")  # noqa: S608
    assert world.verdict() is Fault.CUT_OFF


async def test_where_from_is_the_connection_and_no_header(unbuilt: Rig) -> None:
    forged = {"x-forwarded-for": "203.0.113.99", "x-real-ip": "203.0.113.99", "forwarded": "for=9"}
    async with running(unbuilt) as rig:
        browser = rig.browser()
        browser.hub.headers.update(forged)
        await browser.sign_in("ada")
    addresses = await asyncio.to_thread(_addresses, unbuilt.database)
    assert len(addresses) == 1
    assert "203.0.113.99" not in addresses


def _addresses(database: SqlDatabase) -> set[str]:
    with database.reading(TEST) as session:
        return set(session.exec(select(EventOrigin.address)).all())


async def test_a_press_on_an_open_page_comes_from_its_browser(live: Live) -> None:
    seen: list[Whence | None] = []

    @ui.page("/whence")
    def whence() -> None:
        async def press() -> None:
            seen.append(await in_thread(here))

        ui.button("Press", on_click=press)

    page = await live.page("/whence")
    own = await live.socket(page)
    await own.emit("event", page.press())
    await until(lambda: len(seen) == 1)
    assert seen[0] is not None
    assert seen[0].address == "127.0.0.1"


def exported(world: World) -> list[dict[str, str]]:
    content = b"".join(world.audit.export_csv(world.owner, TrailQuery(), plain))
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def plain(row: Happened) -> tuple[str, str, str]:
    return row.type, row.actor_name, row.address
