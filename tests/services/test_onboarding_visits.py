"""A run is the partner's business from the first look of a person, and until nobody comes back."""

from datetime import timedelta

import pytest

from core.clock import FixedClock
from core.errors import NotFound
from core.onboarding.entities import OnboardingRun, RunStatus, RunStep
from core.onboarding.service import new_browser_secret
from core.onboarding.views import RunFilter, RunKey
from core.partners.entities import Role
from core.ports import Database
from tests import factories
from tests.services.onboarding_world import TEST, OnboardingWorld, onboarding_world


@pytest.fixture
def world(database: Database, clock: FixedClock) -> OnboardingWorld:
    return onboarding_world(database, clock)


def preview(world: OnboardingWorld) -> RunKey:
    """A link preview or a bot: fetches the page and never comes back."""
    secret = new_browser_secret()
    view = world.onboarding.open_link(world.partner.id, "", secret)
    return RunKey(view.run_id, secret)


def names(world: OnboardingWorld, show: RunFilter = RunFilter.ALL) -> list[str]:
    with world.database.transaction(TEST) as session:  # signed in anew: days may have passed
        owner = factories.make_principal(session, world.partner, Role.OWNER, world.clock)
    return [row.run_id for row in world.onboarding.runs(owner, show=show).rows]


def test_previews_of_a_link_are_no_runs_for_the_partner(world: OnboardingWorld) -> None:
    keys = [preview(world) for _ in range(50)]
    assert names(world) == []
    assert world.events("onboarding_run") == []
    with pytest.raises(NotFound):
        world.onboarding.run(world.owner, keys[0].run_id)


def test_a_person_who_looks_has_opened_the_link_once(world: OnboardingWorld) -> None:
    key = preview(world)
    world.onboarding.arrive(key)
    world.onboarding.arrive(key)
    assert names(world) == [key.run_id]
    assert world.kinds("onboarding_run") == ["onboarding_started"]


def test_whoever_acts_has_been_there_too(world: OnboardingWorld) -> None:
    key = preview(world)
    world.onboarding.sign_up(key, "Sonne", "Anna", "anna@client.example")
    assert names(world) == [key.run_id]
    assert world.kinds("onboarding_run") == ["onboarding_started", "onboarding_step"]


def test_a_strangers_look_is_no_visit(world: OnboardingWorld) -> None:
    key = preview(world)
    with pytest.raises(NotFound):
        world.onboarding.arrive(RunKey(key.run_id, new_browser_secret()))
    assert names(world) == []


def test_rows_that_nobody_looked_at_are_gone_after_a_day(world: OnboardingWorld) -> None:
    preview(world)
    seen = world.browser()
    world.clock.advance(timedelta(hours=23))
    world.jobs.tick("onboarding_upkeep")
    assert len(world._all(OnboardingRun)) == 2
    world.clock.advance(timedelta(hours=2))
    world.jobs.tick("onboarding_upkeep")
    assert [run.id for run in world._all(OnboardingRun)] == [seen.key.run_id]


def test_a_run_that_nobody_touches_is_put_aside_and_keeps_its_place(
    world: OnboardingWorld,
) -> None:
    idle = world.browser()
    idle.sign_up()
    moved_at = world.run(idle.key.run_id).updated_at
    world.clock.advance(timedelta(days=13))
    fresh = world.browser()
    fresh.sign_up("ben@client.example")
    world.clock.advance(timedelta(days=1, minutes=1))

    world.jobs.tick("onboarding_upkeep")

    assert world.run(idle.key.run_id).status == RunStatus.ABANDONED
    assert world.run(idle.key.run_id).updated_at == moved_at
    assert world.run(fresh.key.run_id).status == RunStatus.OPEN
    assert names(world, RunFilter.PUT_ASIDE) == [idle.key.run_id]
    assert names(world, RunFilter.OPEN) == [fresh.key.run_id]
    told = world.events("onboarding_run", idle.key.run_id)[-1]
    assert told.data["step"] == "put_aside"
    world.jobs.tick("onboarding_upkeep")
    assert world.events("onboarding_run", idle.key.run_id)[-1].id == told.id


def test_the_servers_own_work_is_never_put_aside(world: OnboardingWorld) -> None:
    anna = world.browser()
    anna.sign_up()
    anna.hand_over(anna.popup())
    world.clock.advance(timedelta(days=60))
    world.jobs.tick("onboarding_upkeep")
    assert world.run(anna.key.run_id).status == RunStatus.WORKING


def test_the_mailed_link_brings_a_run_back_where_it_stood(world: OnboardingWorld) -> None:
    anna = world.browser()
    anna.sign_up()
    anna.popup()
    anna.left(current_step="PHONE_NUMBER_SETUP")
    token = world.mailer.token
    world.clock.advance(timedelta(days=15))
    world.jobs.tick("onboarding_upkeep")
    assert anna.view.status is RunStatus.ABANDONED
    assert anna.view.launch is None

    back = world.onboarding.resume(token).run

    # Its trouble is still there, so it waits for the client as before.
    assert (back.step, back.status) == (RunStep.META, RunStatus.STOPPED)
    assert back.trouble is not None
    assert back.launch is not None
    assert names(world, RunFilter.OPEN) == [anna.key.run_id]
