"""The guards of support and of files; each is in the register, and missed here when it is off."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session

from core.clock import FixedClock
from core.errors import Conflict, Forbidden, FreshSignInNeeded, InvalidInput
from core.partners.entities import Membership, Role
from core.partners.members import remove_member
from core.support.states import RequestKind
from core.support.views import InboxQuery
from core.uploads import draw, pictures
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from tests.services.support_world import World, build
from tests.services.test_support_files import PDF, upload
from tests.support.support_door import Browser, door
from ui.guards.bodies import MIB

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CHUNK = 64 * 1024


@pytest.fixture
def world(database: SqlDatabase, feed: LocalFeed) -> World:
    return build(database, FixedClock(NOW), feed)


def test_only_staff_by_the_flag_in_the_database_have_a_desk(world: World) -> None:
    id_ = world.open("Nobody else reads this").row.id
    world.change(world.sam.person_id, is_staff=False)
    for who in (world.sam, world.stranger):
        with pytest.raises(Forbidden):
            world.desk.inbox(who, InboxQuery())
        with pytest.raises(Forbidden):
            world.desk.conversation(who, id_)
        with pytest.raises(Forbidden):
            world.desk.answer(who, id_, "Hello")
    assert len(world.support.conversation(world.owner, id_).messages) == 1


def test_notes_stay_at_the_desk(world: World) -> None:
    id_ = world.open().row.id
    world.desk.note(world.sam, id_, "secret")
    assert "secret" not in str(world.support.conversation(world.owner, id_))
    assert "secret" in str(world.desk.conversation(world.una, id_))


def test_an_old_sign_in_carries_nothing_out_at_the_desk(
    database: SqlDatabase, feed: LocalFeed
) -> None:
    clock, an_hour = FixedClock(NOW), timedelta(hours=1)
    world = build(database, clock, feed, fresh_sign_in=an_hour)
    member = world.member()
    asked = world.support.ask(world.owner, RequestKind.REMOVE_USER, {"person_id": member.person_id})
    preview = world.desk.preview(world.sam, asked.row.id)
    clock.advance(an_hour)
    with pytest.raises(FreshSignInNeeded):
        world.desk.accept(world.sam, asked.row.id, preview.version)
    (held,) = [m for m in world.below.rows(Membership) if m.person_id == member.person_id]
    assert held.removed_at is None


def test_a_request_that_means_something_else_by_now_is_not_accepted(world: World) -> None:
    member = world.member()
    asked = world.support.ask(world.owner, RequestKind.REMOVE_USER, {"person_id": member.person_id})
    shown = world.desk.preview(world.sam, asked.row.id)
    (held,) = [m for m in world.below.rows(Membership) if m.person_id == member.person_id]

    def promote(session: Session) -> None:
        session.get_one(Membership, held.id).role = Role.OWNER.value

    world.below.write(promote)
    with pytest.raises(Conflict):
        world.desk.accept(world.sam, asked.row.id, shown.version)


def test_a_request_is_not_decided_twice(world: World) -> None:
    asked = world.support.ask(world.owner, RequestKind.OTHER, {"subject": "Logo"}, "x")
    shown = world.desk.preview(world.sam, asked.row.id)
    world.desk.refuse(world.una, asked.row.id, "No")
    with pytest.raises(Conflict):
        world.desk.accept(world.sam, asked.row.id, shown.version)


def test_the_last_owner_stays(world: World) -> None:
    asked = [
        world.support.ask(world.owner, RequestKind.REMOVE_USER, {"person_id": who.person_id})
        for who in (world.owner, world.other_owner)
    ]
    shown = world.desk.preview(world.sam, asked[0].row.id)
    world.desk.accept(world.sam, asked[0].row.id, shown.version)
    late = world.desk.preview(world.sam, asked[1].row.id)
    assert [obstacle.code for obstacle in late.against] == ["last_owner"]
    person, by = world.other_owner.person_id, world.sam.person_id

    def remove(session: Session) -> None:
        remove_member(session, world.room.clock, world.partner_id, person, by=by)

    with pytest.raises(Conflict):
        world.below.write(remove)


def test_a_large_upload_ends_while_it_comes(world: World) -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        for _ in range(20 * MIB // CHUNK):
            taken += CHUNK
            yield b"x" * CHUNK

    owner = Browser(world, door(world), world.owner)
    assert owner.post("/support/files?name=a.pdf", content=endless()).status_code == 413
    assert taken <= 2.5 * MIB + CHUNK


def test_another_sites_page_uploads_nothing(world: World) -> None:
    owner = Browser(world, door(world), world.owner)
    for headers in (
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "https://hub.test.evil.example"},
    ):
        answer = owner.post("/support/files?name=a.pdf", content=PDF, headers=headers)
        assert answer.status_code == 403


def test_a_served_file_can_do_nothing(world: World) -> None:
    owner = Browser(world, door(world), world.owner)
    kept = owner.post("/support/files?name=a.pdf", content=PDF).json()
    served = owner.get(f"/support/files/{kept['id']}")
    assert served.headers["content-security-policy"].startswith("default-src 'none'; sandbox")
    assert served.headers["x-content-type-options"] == "nosniff"
    assert served.headers["content-disposition"].startswith("attachment")


def test_nothing_rides_along_with_a_picture(world: World) -> None:
    for id_ in ("U09", "U11"):
        kept = world.support.keep_file(world.owner, "a.png", upload(id_))
        assert b"script" not in world.support.file(world.owner, kept.id)[2]


def test_a_small_file_with_many_pixels_is_not_decoded(world: World) -> None:
    for id_ in ("U45", "U47"):
        with pytest.raises(InvalidInput) as refusal:
            world.support.keep_file(world.owner, "a.png", upload(id_))
        assert refusal.value.code == "picture_too_large"


def test_a_decoder_has_so_much_memory_and_no_more() -> None:
    """Were the size not looked at, or wrong: 81 megapixels do not fit."""
    unbounded = ["PNG", "1", "100000", str(10**10), str(pictures.MEMORY), "60"]
    done = subprocess.run(
        [sys.executable, "-I", draw.__file__, *unbounded],
        input=upload("U45"),
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode or done.stdout == b"file_broken\n"
