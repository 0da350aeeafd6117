"""Who works for a partner: listed, given another role, removed, and always one owner left."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from core.access import Principal
from core.clock import FixedClock
from core.errors import Conflict, NotFound
from core.events import Event
from core.partners.entities import Role
from core.partners.members import change_member_role, members, remove_member
from core.ports import Tenant
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from tests.services.support_world import World, build


@pytest.fixture
def world(database: SqlDatabase, clock: FixedClock, feed: LocalFeed) -> World:
    return build(database, clock, feed)


def remove(world: World, who: Principal) -> None:
    with world.room.database.transaction(Tenant(world.partner_id)) as session:
        remove_member(session, world.room.clock, world.partner_id, who.person_id, by="staff")


def change(world: World, who: Principal, role: Role) -> None:
    with world.room.database.transaction(Tenant(world.partner_id)) as session:
        change_member_role(
            session, world.room.clock, world.partner_id, who.person_id, role, by="staff"
        )


def listed(world: World) -> list[tuple[str, Role, bool]]:
    with world.room.database.reading(Tenant(world.partner_id)) as session:
        found = members(session, world.partner_id)
    return [(m.id, m.role, m.is_last_owner) for m in found]


def test_owners_are_listed_first_and_nobody_of_another_partner(world: World) -> None:
    member = world.member()
    assert listed(world)[-1] == (member.person_id, Role.MEMBER, False)
    assert {person for person, _, _ in listed(world)} == {
        world.owner.person_id,
        world.other_owner.person_id,
        member.person_id,
    }


def test_the_last_owner_is_neither_removed_nor_demoted(world: World) -> None:
    remove(world, world.owner)
    assert listed(world) == [(world.other_owner.person_id, Role.OWNER, True)]
    with pytest.raises(Conflict, match="last_owner"):
        remove(world, world.other_owner)
    with pytest.raises(Conflict, match="last_owner"):
        change(world, world.other_owner, Role.MEMBER)


def test_two_owners_removed_at_the_same_time_leave_one(world: World) -> None:
    def attempt(who: Principal) -> str:
        try:
            remove(world, who)
        except Conflict as error:
            return error.code
        return "removed"

    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(attempt, (world.owner, world.other_owner)))
    assert told == ["last_owner", "removed"]
    assert len(listed(world)) == 1


def test_a_change_is_told_with_before_and_after(world: World) -> None:
    member = world.member()
    change(world, member, Role.OWNER)
    change(world, member, Role.OWNER)  # nothing changes
    change(world, world.owner, Role.MEMBER)
    told = [e for e in world.below.rows(Event) if e.type == "role_changed"]
    assert [(e.subject_id, e.actor, e.data["change"]["role"]) for e in told] == [
        (member.person_id, "staff", {"previous": "member", "current": "owner"}),
        (world.owner.person_id, "staff", {"previous": "owner", "current": "member"}),
    ]


def test_a_removed_or_foreign_person_is_unknown(world: World) -> None:
    member = world.member()
    remove(world, member)
    for act in (
        lambda: remove(world, member),
        lambda: change(world, member, Role.OWNER),
        lambda: remove(world, world.stranger),
        lambda: change(world, world.stranger, Role.MEMBER),
    ):
        with pytest.raises(NotFound):
            act()
