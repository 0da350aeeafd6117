"""A number that has ended is brought back: by its client, by another one, for another partner."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.accounts.cancelling import end_now
from core.accounts.entities import Channel
from core.accounts.leaving import Leaving
from core.accounts.states import State
from core.clock import FixedClock
from core.ports import Database
from tests.services.onboarding_world import (
    TEST,
    WAY_TO_LIVE,
    Browser,
    OnboardingWorld,
    onboarding_world,
)
from tests.support.accounts import PlainVault
from tests.support.twins import Signup


@pytest.fixture
def world(database: Database, clock: FixedClock) -> OnboardingWorld:
    world = onboarding_world(database, clock)
    Leaving(database, clock, PlainVault(), world.meta, world.jobs)
    # Each call takes its time, so that what Meta says later counts as newer.
    world.meta.on_call = lambda _: clock.advance(timedelta(seconds=1))
    return world


@pytest.fixture
def signup(world: OnboardingWorld) -> Signup:
    """Anna's number came, and has ended."""
    anna = world.browser()
    anna.sign_up()
    signup = anna.popup()
    finish(world, anna, signup)
    (number,) = world.channels()
    assert number.state == State.LIVE
    end(world, number)
    return signup


def finish(world: OnboardingWorld, browser: Browser, signup: Signup) -> None:
    browser.tell(signup)
    browser.hand_over(signup)
    world.jobs.drain()


def end(world: OnboardingWorld, number: Channel) -> None:
    with world.database.transaction(TEST) as session:
        end_now(session, world.clock, world.jobs, number.id, by="hub")
    world.jobs.drain()
    world.clock.advance(timedelta(hours=1))


def again(world: OnboardingWorld, browser: Browser, signup: Signup) -> None:
    """Meta's popup ends with the same number as before."""
    fresh = browser.popup(business_id=signup.business_id)
    gone = world.meta.phones.pop(fresh.phone_id)
    assert gone["waba"] == fresh.waba_id
    del world.meta.wabas[fresh.waba_id]
    message = signup.message
    finish(world, browser, Signup(**{**vars(signup), "code": fresh.code, "message": message}))


def numbers(world: OnboardingWorld) -> tuple[Channel, Channel]:
    """The ended row and the new one."""
    ended, back = sorted(world.channels(), key=lambda each: each.created_at)
    return ended, back


def test_it_comes_back_as_a_new_channel_with_its_old_pin(
    world: OnboardingWorld, signup: Signup
) -> None:
    assert world.meta.phones[signup.phone_id]["platform_type"] == "NOT_APPLICABLE"
    assert not world.meta.wabas[signup.waba_id]["subscribed"]
    anna = world.browser()
    anna.sign_up()
    again(world, anna, signup)
    ended, back = numbers(world)
    assert (ended.state, back.state) == (State.CANCELLED, State.LIVE)
    assert (ended.external_id, back.external_id) == (None, signup.phone_id)
    assert ended.facts["former_id"] == signup.phone_id
    assert [event.type for event in world.events("channel", back.id)] == WAY_TO_LIVE
    assert world.meta.phones[signup.phone_id]["platform_type"] == "CLOUD_API"
    assert world.meta.wabas[signup.waba_id]["subscribed"]
    assert len(world.wabas()) == 1


def test_an_ended_number_takes_no_room_and_the_returned_one_does(
    world: OnboardingWorld, signup: Signup
) -> None:
    with world.database.transaction(TEST) as session:
        session.merge(world.clients()[0]).max_channels = 1
    anna = world.browser()
    anna.sign_up()
    again(world, anna, signup)
    assert numbers(world)[1].state == State.LIVE


@pytest.mark.parametrize("elsewhere", [False, True])
def test_another_client_brings_it_back_of_this_partner_or_another(
    world: OnboardingWorld, signup: Signup, elsewhere: bool
) -> None:
    partner = world.other if elsewhere else world.partner
    # Another client does not get the PIN that the hub keeps; its owner has switched it off.
    world.meta.phones[signup.phone_id]["pin"] = None
    ben = world.browser(partner=partner)
    ben.sign_up("ben@other.example", "Mühle")
    again(world, ben, signup)
    ended, back = numbers(world)
    assert (ended.state, back.state) == (State.CANCELLED, State.LIVE)
    assert back.partner_id == partner.id
    assert back.client_id != ended.client_id
    assert back.waba_account_id != ended.waba_account_id
    former = next(waba for waba in world.wabas() if waba.id == ended.waba_account_id)
    assert former.token == ""
    details_id = former.external_id
    assert details_id.startswith(signup.waba_id)
    assert details_id != signup.waba_id


def test_an_account_with_a_number_that_goes_on_stays_with_its_client(
    world: OnboardingWorld, signup: Signup
) -> None:
    with world.database.transaction(TEST) as session:
        ended = session.get_one(Channel, world.channels()[0].id)
        values = ended.model_dump(exclude={"id", "external_id", "terminated_at"})
        session.add(Channel(**values, external_id="77"))
    ben = world.browser(partner=world.other)
    ben.sign_up("ben@other.example", "Mühle")
    again(world, ben, signup)
    told = ben.view.trouble
    assert told is not None
    assert told.key == "waba_taken"


def test_work_that_is_left_from_the_end_does_not_touch_the_number_that_came_back(
    world: OnboardingWorld, signup: Signup
) -> None:
    anna = world.browser()
    anna.sign_up()
    again(world, anna, signup)
    late = next(job for job in world.jobs.done if job.name == "leave_meta")
    with world.database.transaction(TEST) as session:
        world.jobs.enqueue(session, late.name, *late.args, key="late")
    world.jobs.drain()
    assert world.meta.phones[signup.phone_id]["platform_type"] == "CLOUD_API"
    assert world.meta.wabas[signup.waba_id]["subscribed"]
