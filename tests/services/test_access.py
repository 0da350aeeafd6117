"""The gate: authority is read from the database at the moment of the act."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from core.access import Gate, Permission, Principal
from core.clock import FixedClock
from core.errors import Forbidden, NotSignedIn
from core.partners.entities import Membership, Role, UserSession
from core.ports import Everything
from storage.database import SqlDatabase
from tests.factories import make_partner, make_principal

ALL = Everything("test")


@pytest.fixture
def gate(database: SqlDatabase, clock: FixedClock) -> Gate:
    return Gate(database, clock)


def somebody(database: SqlDatabase, clock: FixedClock, role: Role) -> Principal:
    with database.transaction(ALL) as session:
        return make_principal(session, make_partner(session), role, clock)


def act(gate: Gate, who: Principal, permission: Permission) -> None:
    with gate.writing(who, permission):
        pass


@pytest.mark.parametrize("permission", list(Permission))
def test_an_owner_may_do_everything(
    database: SqlDatabase, clock: FixedClock, gate: Gate, permission: Permission
) -> None:
    act(gate, somebody(database, clock, Role.OWNER), permission)


@pytest.mark.parametrize("permission", [p for p in Permission if p is not Permission.ACCOUNTS])
def test_a_member_may_work_with_accounts_only(
    database: SqlDatabase, clock: FixedClock, gate: Gate, permission: Permission
) -> None:
    member = somebody(database, clock, Role.MEMBER)
    act(gate, member, Permission.ACCOUNTS)
    with pytest.raises(Forbidden, match="role_too_low"):
        act(gate, member, permission)


def test_a_demotion_counts_at_once(database: SqlDatabase, clock: FixedClock, gate: Gate) -> None:
    owner = somebody(database, clock, Role.OWNER)
    _change_membership(database, owner, role=Role.MEMBER.value)
    with pytest.raises(Forbidden, match="role_too_low"):
        act(gate, owner, Permission.BILLING)


def test_a_removed_person_is_refused(database: SqlDatabase, clock: FixedClock, gate: Gate) -> None:
    owner = somebody(database, clock, Role.OWNER)
    _change_membership(database, owner, removed_at=clock.now())
    with pytest.raises(Forbidden, match="not_a_member"):
        act(gate, owner, Permission.ACCOUNTS)


@pytest.mark.parametrize("ended", ["revoked", "expired", "switched"])
def test_an_ended_session_is_refused(
    database: SqlDatabase, clock: FixedClock, gate: Gate, ended: str
) -> None:
    owner = somebody(database, clock, Role.OWNER)
    with database.transaction(ALL) as session:
        login = session.get(UserSession, owner.session_hash)
        assert login is not None
        if ended == "revoked":
            login.revoked_at = clock.now()
        elif ended == "expired":
            login.expires_at = clock.now() - timedelta(seconds=1)
        else:
            login.partner_id = make_partner(session).id
    with pytest.raises(NotSignedIn):
        act(gate, owner, Permission.ACCOUNTS)


def test_staff_without_a_partner_have_no_rows(clock: FixedClock, gate: Gate) -> None:
    staff = Principal(
        person_id="p",
        name="Sam",
        email="sam@hub.example",
        session_hash="h",
        partner_id=None,
        role=None,
        is_staff=True,
    )
    with pytest.raises(Forbidden, match="no_partner"):
        act(gate, staff, Permission.ACCOUNTS)


def _change_membership(database: SqlDatabase, who: Principal, **values: object) -> None:
    with database.transaction(who.tenant) as session:
        found = select(Membership).where(Membership.person_id == who.person_id)
        membership = session.exec(found).one()
        for name, value in values.items():
            setattr(membership, name, value)
