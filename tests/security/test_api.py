"""The guards around what programs ask for; each is in the register and missed here."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from core.access import Gate
from core.accounts.at_meta import WabaDoor
from core.accounts.entities import Channel
from core.accounts.meta_assets import MetaAssets
from core.audit.service import Audit, AuditQuery
from core.clock import FixedClock
from core.errors import Conflict, NotFound
from core.events import EventType, record
from core.onboarding.shared_numbers import SharedNumber
from storage.database import SqlDatabase
from tests import factories
from tests.services.onboarding_world import TEST, OnboardingWorld, onboarding_world
from tests.support.accounts import PlainVault
from tests.support.twins import Signup

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def world(database: SqlDatabase) -> OnboardingWorld:
    return onboarding_world(database, FixedClock(NOW))


def client_of(world: OnboardingWorld) -> str:
    return world.onboarding.share_client(world.owner, name="Mill", email="ada@mill.example")


def told_of(world: OnboardingWorld, signup: Signup, **values: Any) -> SharedNumber:
    given = {"waba_id": signup.waba_id, "phone_id": signup.phone_id}
    return SharedNumber(**({"solution_id": world.partner.solution_id} | given | values))


def test_a_flow_is_reached_through_its_own_account_only(world: OnboardingWorld) -> None:
    """One business may have accounts with two partners, and its token reaches both."""
    mine = world.meta.popup()
    other = world.meta.popup(business_id=mine.business_id)
    token = world.meta.exchange_code(mine.code).value
    with world.database.transaction(TEST) as session:
        client = factories.make_client(session, world.partner)
        sealed = f"waba_account:{mine.waba_id}:token|{token}"
        waba = factories.make_waba(session, client, external_id=mine.waba_id, token=sealed)
    gate = Gate(world.database, world.clock)
    assets = MetaAssets(WabaDoor(gate, world.clock, PlainVault()), world.meta)
    given = {"name": "Theirs", "categories": ["OTHER"]}
    flow = world.meta.create_flow(other.waba_id, given, token)
    with pytest.raises(NotFound):
        assets.upload_flow_json(world.owner, waba.id, flow, b"{}")
    assert world.meta.flow_nodes[flow]["validation_errors"] is None


def test_another_solution_brings_nobodys_number(world: OnboardingWorld) -> None:
    client_id, signup = client_of(world), world.meta.popup()
    world.meta.waba_solutions[signup.waba_id] = ["999"]
    told = told_of(world, signup, client_id=client_id, solution_id="999")
    with pytest.raises(Conflict):
        world.onboarding.share_number(world.owner, told)
    assert channels(world) == []


def test_an_account_that_meta_does_not_name_as_shared_is_not_taken(
    world: OnboardingWorld,
) -> None:
    client_id, signup = client_of(world), world.meta.popup()
    world.meta.waba_solutions[signup.waba_id] = ["another partner's"]
    with pytest.raises(Conflict):
        world.onboarding.share_number(world.owner, told_of(world, signup, client_id=client_id))
    assert channels(world) == []


def test_without_an_active_solution_nothing_is_shared(world: OnboardingWorld) -> None:
    client_id, signup = client_of(world), world.meta.popup()
    world.change_partner(solution_status="DEACTIVATED")
    with pytest.raises(Conflict):
        world.onboarding.share_number(world.owner, told_of(world, signup, client_id=client_id))
    with pytest.raises(Conflict):
        world.onboarding.share_client(world.owner, name="New", email="new@mill.example")
    assert (channels(world), len(world.clients())) == ([], 1)


def test_what_staff_note_is_not_told_to_programs(world: OnboardingWorld) -> None:
    with world.database.transaction(TEST) as session:
        subject = ("support_conversation", "c1")
        for kind in (EventType.NOTE_WRITTEN, EventType.MESSAGE_WRITTEN):
            record(session, world.clock, kind, partner_id=world.partner.id, subject=subject)
    found = Audit(Gate(world.database, world.clock)).events(world.owner, AuditQuery())
    assert [row.type for row in found.rows] == [EventType.MESSAGE_WRITTEN.value]
    assert found.total == 1


def channels(world: OnboardingWorld) -> list[Channel]:
    return world.channels()
