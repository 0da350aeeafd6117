"""The whole way of a client: from the link to the exit, with every ending of the popup."""

from datetime import timedelta

import pytest

from core.accounts.entities import Channel, ChannelStatus, ConsentState
from core.clock import FixedClock
from core.onboarding.entities import RunStatus, RunStep
from core.onboarding.live import GoingLive
from core.onboarding.views import TickState
from core.ports import Database
from tests.services.onboarding_world import TEST, WAY_TO_LIVE, OnboardingWorld, onboarding_world


@pytest.fixture
def world(database: Database, clock: FixedClock) -> OnboardingWorld:
    return onboarding_world(database, clock)


def test_a_client_comes_back_with_its_number_live(world: OnboardingWorld) -> None:
    browser = world.browser("state=abc%20d&lang=de")
    browser.sign_up()
    view = browser.connect()
    assert (view.step, view.status) == (RunStep.PERMISSION, RunStatus.OPEN)
    channel = world.channels()[0]
    client = world.clients()[0]
    assert browser.service.finish(browser.key) == (
        f"https://partner.example/done?client={client.id}&channels=[{channel.id}]&state=abc%20d"
    )
    assert browser.view.status is RunStatus.FINISHED
    assert channel.status == ChannelStatus.READY
    assert channel.consent == ConsentState.GRANTED
    assert channel.live_at is not None
    assert channel.client_name == "Bäckerei Sonne"
    assert [kind for kind in world.kinds("channel") if kind in WAY_TO_LIVE] == WAY_TO_LIVE
    assert world.kinds("client") == ["client_created"]


def test_meta_is_asked_once_for_everything_that_changes_something(world: OnboardingWorld) -> None:
    browser = world.browser()
    browser.sign_up()
    browser.connect()
    for call in ("exchange_code", "subscribe", "register", "waba", "phone_numbers"):
        assert world.meta.asked(call) == 1
    assert world.meta.asked("debug_token") == 0


def test_finishing_twice_gives_the_same_exit_and_tells_once(world: OnboardingWorld) -> None:
    browser = world.browser()
    browser.sign_up()
    browser.connect()
    first = browser.service.finish(browser.key)
    assert browser.service.finish(browser.key) == first
    assert world.kinds("onboarding_run").count("onboarding_finished") == 1


def test_the_code_may_come_before_the_message(world: OnboardingWorld) -> None:
    browser = world.browser()
    browser.sign_up()
    signup = browser.popup()
    browser.hand_over(signup)
    browser.tell(signup)
    world.jobs.drain()
    assert browser.view.step is RunStep.PERMISSION
    assert world.meta.asked("debug_token") == 0


def test_without_the_message_the_token_tells_the_account(world: OnboardingWorld) -> None:
    browser = world.browser()
    browser.sign_up()
    signup = browser.popup()
    browser.hand_over(signup)
    world.jobs.drain()
    assert browser.view.step is RunStep.PERMISSION
    assert world.wabas()[0].external_id == signup.waba_id
    assert world.meta.asked("debug_token") == 1


def test_every_tick_is_done_at_the_end(world: OnboardingWorld) -> None:
    browser = world.browser()
    browser.sign_up()
    view = browser.connect()
    assert {tick.state for tick in view.ticks} == {TickState.DONE}


def test_the_region_is_set_before_the_number_is_registered(world: OnboardingWorld) -> None:
    world.change_partner(region_default="DE")
    browser = world.browser()
    browser.sign_up()
    browser.connect()
    assert world.meta.calls.index("set_storage_region") < world.meta.calls.index("register")
    assert world.channels()[0].region == "DE"


def test_coexistence_is_never_registered_and_syncs_the_app(world: OnboardingWorld) -> None:
    world.change_partner(region_default="DE")
    browser = world.browser()
    browser.sign_up()
    view = browser.connect("coexistence")
    assert view.step is RunStep.PERMISSION
    assert view.numbers[0].coexistence
    assert world.meta.asked("register") == world.meta.asked("set_storage_region") == 0
    assert world.meta.asked("sync_app_data") == 2
    assert [kind for kind in world.kinds("channel") if kind in WAY_TO_LIVE] == WAY_TO_LIVE


def test_coexistence_is_recognised_without_the_message(world: OnboardingWorld) -> None:
    browser = world.browser()
    browser.sign_up()
    browser.hand_over(browser.popup("coexistence"))
    world.jobs.drain()
    assert world.meta.asked("register") == 0
    assert browser.view.numbers[0].coexistence


def test_without_a_number_the_client_gets_the_task_to_add_one(world: OnboardingWorld) -> None:
    browser = world.browser()
    browser.sign_up()
    view = browser.connect("no_number")
    assert (view.step, view.tasks) == (RunStep.DONE, ("add_number",))
    assert browser.service.finish(browser.key) == (
        f"https://partner.example/done?client={world.clients()[0].id}&channels=[]"
    )


def test_a_grant_only_ending_keeps_the_token_and_asks_for_nothing_more(
    world: OnboardingWorld,
) -> None:
    browser = world.browser()
    browser.sign_up()
    view = browser.connect("grant_only")
    assert (view.step, view.tasks) == (RunStep.DONE, ())
    assert world.wabas()[0].token
    assert world.meta.asked("subscribe") == world.meta.asked("register") == 0


def test_an_on_behalf_of_number_is_not_registered_again(world: OnboardingWorld) -> None:
    browser = world.browser()
    browser.sign_up()
    view = browser.connect("obo")
    assert view.numbers[0].live
    assert world.meta.asked("register") == 0


def test_the_client_withdraws_a_number_at_the_end(world: OnboardingWorld) -> None:
    browser = world.browser()
    browser.sign_up()
    browser.connect()
    view = browser.service.permission(browser.key, [])
    assert not view.numbers[0].granted
    channel, client = world.channels()[0], world.clients()[0]
    assert browser.service.finish(browser.key) == (
        f"https://partner.example/done?client={client.id}&channels=[]&revoked=[{channel.id}]"
    )
    assert world.kinds("channel")[-1] == "channel_permission_revoked"


def test_a_second_number_goes_to_the_same_client(world: OnboardingWorld) -> None:
    first = world.browser()
    first.sign_up()
    first.connect()
    first.service.finish(first.key)
    second = world.browser("next=login")
    assert second.view.logs_in
    second.service.log_in(second.key, "ANNA@client.example")
    world.jobs.drain()
    second.service.confirm_code(second.key, world.mailer.code)
    second.connect()
    assert len(world.clients()) == 1
    assert {channel.client_id for channel in world.channels()} == {world.clients()[0].id}
    assert world.kinds("client") == ["client_created"]


def test_without_a_redirect_url_the_way_ends_on_our_own_page(world: OnboardingWorld) -> None:
    world.change_partner(redirect_url="")
    browser = world.browser()
    browser.sign_up()
    browser.connect()
    assert browser.service.finish(browser.key) is None


def test_a_changed_redirect_url_does_not_move_a_run_that_has_begun(world: OnboardingWorld) -> None:
    browser = world.browser()
    world.change_partner(redirect_url="https://elsewhere.example/done")
    browser.sign_up()
    browser.connect()
    exit_url = browser.service.finish(browser.key)
    assert exit_url is not None
    assert exit_url.startswith("https://partner.example/done?")


def test_nothing_secret_stands_in_any_event(world: OnboardingWorld) -> None:
    browser = world.browser()
    browser.sign_up()
    signup = browser.popup()
    browser.tell(signup)
    browser.hand_over(signup)
    world.jobs.drain()
    secrets = [signup.code, *world.meta.tokens, world.mailer.code, browser.secret]
    secrets.append(str(world.meta.phones[signup.phone_id]["pin"]))
    told = " ".join(
        str(event.data) for kind in ("onboarding_run", "channel") for event in world.events(kind)
    )
    assert [secret for secret in secrets if secret in told] == []


def test_a_number_that_takes_a_moment_is_live_when_it_is_connected(world: OnboardingWorld) -> None:
    browser = world.browser()
    browser.sign_up()
    looks = iter(range(10))

    def slow(call: str) -> None:
        if call == "phone_number" and next(looks) < 2:
            next(iter(world.meta.phones.values()))["status"] = "PENDING"
        elif call == "phone_number":
            next(iter(world.meta.phones.values()))["status"] = "CONNECTED"

    world.meta.on_call = slow
    view = browser.connect()
    assert view.numbers[0].live
    assert world.meta.asked("phone_number") == 3


def test_a_number_that_meta_connects_much_later_is_told_as_live_then(
    world: OnboardingWorld,
) -> None:
    browser = world.browser()
    browser.sign_up()

    def never(call: str) -> None:
        if call == "phone_number":
            next(iter(world.meta.phones.values()))["status"] = "PENDING"

    world.meta.on_call = never
    view = browser.connect()
    assert view.step is RunStep.PERMISSION
    assert not view.numbers[0].live
    assert "channel_live" not in world.kinds("channel")
    going_live, channel_id = GoingLive(world.onboarding), view.numbers[0].channel_id
    assert not going_live.look(channel_id, view.run_id, 99)
    with world.database.transaction(TEST) as session:
        channel = session.get(Channel, channel_id)
        assert channel is not None
        channel.meta_status = "CONNECTED"
    assert going_live.look(channel_id, view.run_id, 99)
    assert going_live.look(channel_id, view.run_id, 99)
    assert world.kinds("channel").count("channel_live") == 1
    assert browser.view.numbers[0].live


def test_a_run_says_how_far_it_is(world: OnboardingWorld) -> None:
    browser = world.browser()
    assert (browser.view.step_number, browser.view.step_count) == (1, 5)
    browser.sign_up()
    assert browser.view.step_number == 2
    launch = browser.view.launch
    assert launch is not None
    assert launch.extras["setup"]["solutionID"] == world.partner.solution_id
    assert launch.extras["setup"]["business"]["email"] == "anna@client.example"
    world.clock.advance(timedelta(seconds=1))
    assert browser.service.begin_signup(browser.key) == launch
