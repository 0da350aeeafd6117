"""Numbers that a partner's program shares with its solution, without the hub's own pages."""

from __future__ import annotations

from typing import Any

import pytest

from core.accounts.entities import Client
from core.clock import FixedClock
from core.errors import Conflict, InvalidInput, NotFound, Unavailable
from core.onboarding.entities import RunStatus
from core.onboarding.shared_numbers import SharedNumber
from storage.database import SqlDatabase
from tests.services.onboarding_world import WAY_TO_LIVE, OnboardingWorld, onboarding_world
from tests.support.twins import Signup


@pytest.fixture
def world(database: SqlDatabase, clock: FixedClock) -> OnboardingWorld:
    return onboarding_world(database, clock)


def told_of(world: OnboardingWorld, signup: Signup, **values: Any) -> SharedNumber:
    given = {"waba_id": signup.waba_id, "phone_id": signup.phone_id}
    return SharedNumber(**({"solution_id": world.partner.solution_id} | given | values))


def client_of(world: OnboardingWorld, **values: str) -> str:
    given = {"name": "Mill GmbH", "email": "Mill@Example.com "} | values
    return world.onboarding.share_client(world.owner, **given)


def test_a_client_is_made_once_per_address(world: OnboardingWorld) -> None:
    client_id = client_of(world, user_name="Ada Mill")
    [client] = world.clients()
    assert (client.id, client.email, client.full_name) == (
        client_id,
        "mill@example.com",
        "Ada Mill",
    )
    assert world.kinds("client") == ["client_created"]
    with pytest.raises(Conflict) as again:
        client_of(world)
    assert (again.value.code, again.value.about["client_id"]) == ("client_exists", client_id)
    with pytest.raises(InvalidInput):
        client_of(world, email="nobody")
    client_of(world, name=" ", email="blank@example.com")
    assert {client.name for client in world.clients()} == {"Mill GmbH", "blank@example.com"}


def test_a_shared_number_is_a_channel_at_once_and_goes_live_by_itself(
    world: OnboardingWorld,
) -> None:
    client_id, signup = client_of(world), world.meta.popup()
    channel_id = world.onboarding.share_number(
        world.owner, told_of(world, signup, client_id=client_id, tier="premium")
    )
    [channel] = world.channels()
    assert (channel.id, channel.client_id) == (channel_id, client_id)
    assert channel.external_id == signup.phone_id
    world.jobs.drain()
    assert world.kinds("channel") == WAY_TO_LIVE
    assert world.meta.asked("register") == 1
    [run] = world.onboarding.runs(world.owner).rows
    assert world.run(run.run_id).status == RunStatus.FINISHED
    again = world.onboarding.share_number(world.owner, told_of(world, signup, client_id=client_id))
    assert again == channel_id
    assert len(world.channels()) == 1


def test_the_business_alone_leads_to_the_client_that_it_has(world: OnboardingWorld) -> None:
    client_id, first = client_of(world), world.meta.popup()
    world.onboarding.share_number(world.owner, told_of(world, first, client_id=client_id))
    second = world.meta.popup(business_id=first.business_id)
    told = told_of(world, second, business_id=first.business_id)
    world.onboarding.share_number(world.owner, told)
    assert {channel.client_id for channel in world.channels()} == {client_id}
    with pytest.raises(NotFound):
        world.onboarding.share_number(world.owner, told_of(world, second, business_id="999"))


def test_without_an_active_solution_it_is_off_and_says_why(world: OnboardingWorld) -> None:
    client_id, signup = client_of(world), world.meta.popup()
    with pytest.raises(Conflict) as other:
        world.onboarding.share_number(
            world.owner, told_of(world, signup, client_id=client_id, solution_id="999")
        )
    assert other.value.code == "solution_other"
    world.change_partner(solution_status="DEACTIVATED")
    for attempt in (
        lambda: client_of(world, email="other@example.com"),
        lambda: world.onboarding.share_number(
            world.owner, told_of(world, signup, client_id=client_id)
        ),
    ):
        with pytest.raises(Conflict) as refused:
            attempt()
        assert refused.value.code == "solution_inactive"
    assert len(world.clients()) == 1


def test_what_was_never_shared_with_the_solution_is_nobodys(world: OnboardingWorld) -> None:
    client_id, signup = client_of(world), world.meta.popup()
    world.meta.waba_solutions[signup.waba_id] = []
    told = told_of(world, signup, client_id=client_id)
    for wrong in (
        told,
        told_of(world, signup, client_id=client_id, waba_id="999"),
    ):
        with pytest.raises(Conflict) as refused:
            world.onboarding.share_number(world.owner, wrong)
        assert refused.value.code == "not_shared"
    assert world.channels() == []
    assert world.meta.asked("register") == 0


def test_another_partners_account_stays_where_it_is(world: OnboardingWorld) -> None:
    client_id, signup = client_of(world), world.meta.popup()
    world.onboarding.share_number(world.owner, told_of(world, signup, client_id=client_id))
    with pytest.raises(NotFound):
        world.onboarding.share_number(
            world.stranger,
            told_of(world, signup, client_id=client_id, solution_id=world.other.solution_id),
        )
    theirs = world.onboarding.share_client(world.stranger, name="Theirs", email="a@b.example")
    with pytest.raises(Conflict) as refused:
        world.onboarding.share_number(
            world.stranger,
            told_of(world, signup, client_id=theirs, solution_id=world.other.solution_id),
        )
    assert refused.value.code in ("waba_taken", "not_shared")
    assert [channel.client_id for channel in world.channels()] == [client_id]


def test_a_lost_answer_is_asked_for_again(world: OnboardingWorld) -> None:
    client_id, signup = client_of(world), world.meta.popup()
    told = told_of(world, signup, client_id=client_id)
    world.meta.fail("subscribe", Unavailable("gone", sent=True))
    with pytest.raises(Unavailable):
        world.onboarding.share_number(world.owner, told)
    channel_id = world.onboarding.share_number(world.owner, told)
    world.jobs.drain()
    assert [channel.id for channel in world.channels()] == [channel_id]
    assert world.kinds("channel") == WAY_TO_LIVE


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"waba_id": "../1"}, "waba_external_id"),
        ({"waba_id": ""}, "waba_external_id"),
        ({"solution_id": "x"}, "solution_id"),
        ({"phone_id": "x"}, "channel_external_id"),
        ({"client_id": ""}, "client_id"),
        ({"tier": "gold"}, "tier"),
    ],
)
def test_the_form_names_its_field(
    world: OnboardingWorld, wrong: dict[str, Any], field: str
) -> None:
    signup = world.meta.popup()
    with pytest.raises(InvalidInput) as refused:
        world.onboarding.share_number(
            world.owner, told_of(world, signup, **({"client_id": "abcdefCL"} | wrong))
        )
    assert refused.value.about["field"] == field


def test_a_client_that_pays_for_itself_needs_a_card_first(
    database: SqlDatabase, clock: FixedClock
) -> None:
    world = onboarding_world(database, clock)
    world.change_partner(billing_model="direct_paid")
    client_id, signup = client_of(world), world.meta.popup()
    [client] = [each for each in world.clients() if isinstance(each, Client)]
    assert client.status == "pending"
    with pytest.raises(Conflict) as refused:
        world.onboarding.share_number(world.owner, told_of(world, signup, client_id=client_id))
    assert refused.value.code == "card_missing"
    assert world.channels() == []
