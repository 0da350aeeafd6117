"""Coming back: another language, another browser, one more number than there is room for."""

from datetime import timedelta

import pytest

from core.clock import FixedClock
from core.errors import InvalidInput, NotFound, RateLimited
from core.onboarding.entities import RunStep
from core.onboarding.errors import OnboardingRefused, RunElsewhere
from core.onboarding.service import new_browser_secret
from core.onboarding.views import RunKey
from core.ports import Database
from tests.services.onboarding_world import TEST, Browser, OnboardingWorld, onboarding_world


@pytest.fixture
def world(database: Database, clock: FixedClock) -> OnboardingWorld:
    return onboarding_world(database, clock)


@pytest.fixture
def anna(world: OnboardingWorld) -> Browser:
    anna = world.browser("lang=de")
    anna.sign_up()
    return anna


@pytest.mark.parametrize(
    ("query", "language"),
    [("lang=es", "es"), ("", "de"), ("state=two", "de"), ("lang=xx", "de"), ("lang=", "de")],
)
def test_only_a_language_that_the_link_names_changes_a_run_under_way(
    world: OnboardingWorld, anna: Browser, query: str, language: str
) -> None:
    again = world.onboarding.open_link(world.partner.id, query, anna.secret, guessed="pt_BR")
    assert again.run_id == anna.key.run_id
    assert again.language == language


@pytest.mark.parametrize(
    ("query", "language"), [("", "pt_BR"), ("lang=de", "de"), ("lang=xx", "pt_BR")]
)
def test_a_new_run_begins_in_the_links_language_or_the_browsers(
    world: OnboardingWorld, query: str, language: str
) -> None:
    secret = new_browser_secret()
    view = world.onboarding.open_link(world.partner.id, query, secret, guessed="pt_BR")
    assert view.language == language


def test_all_wrong_values_of_a_form_are_named(world: OnboardingWorld) -> None:
    ben = world.browser()
    with pytest.raises(InvalidInput) as refused:
        ben.service.sign_up(ben.key, " ", "", "not-an-address")
    assert refused.value.about["field"] == "company"
    assert refused.value.about["fields"] == ("company", "full_name", "email")


def test_the_browser_before_learns_that_the_run_goes_on_elsewhere(
    world: OnboardingWorld, anna: Browser
) -> None:
    phone = world.onboarding.resume(world.mailer.token)

    with pytest.raises(RunElsewhere) as refused:
        world.onboarding.progress(anna.key)
    assert refused.value.code == "run_elsewhere"
    assert refused.value.brand is not None
    assert refused.value.language == "de"
    with pytest.raises(RunElsewhere):
        world.onboarding.set_language(anna.key, "es")
    with pytest.raises(NotFound) as unknown:
        world.onboarding.progress(RunKey(phone.run.run_id, new_browser_secret()))
    assert unknown.value.code == "unknown_run"


def test_the_same_browser_does_not_lock_itself_out(world: OnboardingWorld, anna: Browser) -> None:
    world.onboarding.resume(world.mailer.token, anna.secret)
    assert world.onboarding.progress(anna.key).step is RunStep.META


def test_the_browser_before_gets_the_run_back_by_a_new_mail_only(
    world: OnboardingWorld, anna: Browser
) -> None:
    world.clock.advance(timedelta(minutes=2))
    phone = world.onboarding.resume(world.mailer.token)

    world.onboarding.mail_link(anna.key)
    world.jobs.drain()

    # Asking moves nothing: only who reads the client's mail can take the run over.
    assert world.onboarding.progress(RunKey(phone.run.run_id, phone.secret))
    assert world.mailer.mails[-1].to == "anna@client.example"
    world.onboarding.resume(world.mailer.token, anna.secret)
    assert world.onboarding.progress(anna.key)
    with pytest.raises(RunElsewhere):
        world.onboarding.progress(RunKey(phone.run.run_id, phone.secret))
    with pytest.raises(RateLimited):
        world.onboarding.mail_link(RunKey(phone.run.run_id, phone.secret))


def test_a_guessed_link_makes_no_mail(world: OnboardingWorld, anna: Browser) -> None:
    world.clock.advance(timedelta(minutes=2))
    sent = len(world.mailer.mails)
    for key in (RunKey(anna.key.run_id, new_browser_secret()), RunKey("guessed", anna.secret)):
        with pytest.raises(NotFound):
            world.onboarding.mail_link(key)
    world.jobs.drain()
    assert len(world.mailer.mails) == sent


def full(world: OnboardingWorld, anna: Browser, code: str) -> Browser:
    """Anna's client has a number already; its second run comes to the popup."""
    anna.connect()
    with world.database.transaction(TEST) as session:
        client = session.merge(world.clients()[0])
        client.max_channels = 1 if code == "max_channels_reached" else None
    world.change_partner(clients_may_add_numbers=code != "numbers_not_allowed")
    world.clock.advance(timedelta(minutes=5))
    second = world.browser()
    second.sign_up()
    return second


@pytest.mark.parametrize("code", ["max_channels_reached", "numbers_not_allowed"])
def test_without_room_for_a_number_the_popup_is_not_offered(
    world: OnboardingWorld, anna: Browser, code: str
) -> None:
    second = full(world, anna, code)

    assert second.view.step is RunStep.META
    assert second.view.no_room == code
    assert second.view.launch is None
    with pytest.raises(OnboardingRefused) as refused:
        second.service.begin_signup(second.key)
    assert refused.value.code == code


def test_room_that_the_partner_makes_opens_the_popup(world: OnboardingWorld, anna: Browser) -> None:
    second = full(world, anna, "numbers_not_allowed")
    world.change_partner(clients_may_add_numbers=True)
    assert second.view.no_room == ""
    assert second.view.launch is not None


def test_a_runs_own_number_takes_no_room_from_it(world: OnboardingWorld, anna: Browser) -> None:
    world.change_partner(clients_may_add_numbers=False)
    world.meta.fail("register", 133006)
    anna.connect()
    assert anna.view.trouble is not None
    assert anna.view.no_room == ""
    assert anna.view.launch is not None
