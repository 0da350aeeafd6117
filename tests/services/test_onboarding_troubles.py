"""What goes wrong on the way, who is told to do what, and that nothing happens twice."""

from datetime import timedelta

import pytest

from core.clock import FixedClock
from core.errors import InvalidInput, MetaError, Unavailable
from core.onboarding.entities import RunStatus, RunStep
from core.onboarding.errors import OnboardingRefused
from core.onboarding.views import Turn
from core.ports import Database
from tests import factories
from tests.services.onboarding_world import (
    ORIGIN,
    TEST,
    Browser,
    OnboardingWorld,
    onboarding_world,
)


@pytest.fixture
def world(database: Database, clock: FixedClock) -> OnboardingWorld:
    return onboarding_world(database, clock)


@pytest.fixture
def anna(world: OnboardingWorld) -> Browser:
    anna = world.browser()
    anna.sign_up()
    return anna


def trouble(anna: Browser) -> str:
    told = anna.view.trouble
    return told.key if told else ""


def test_a_late_code_asks_for_the_popup_again_and_then_it_works(
    world: OnboardingWorld, anna: Browser
) -> None:
    signup = anna.popup()
    world.clock.advance(timedelta(seconds=40))
    anna.hand_over(signup)
    world.jobs.drain()
    told = anna.view.trouble
    assert told is not None
    assert (told.key, told.turn, told.reopen) == ("code_expired", Turn.CLIENT, True)
    assert anna.view.launch is not None
    assert anna.connect().step is RunStep.PERMISSION


def test_the_same_code_is_exchanged_once_from_two_tabs(
    world: OnboardingWorld, anna: Browser
) -> None:
    signup = anna.popup()
    anna.tell(signup)
    anna.hand_over(signup)
    anna.hand_over(signup)
    world.jobs.drain()
    anna.hand_over(signup)
    world.jobs.drain()
    assert world.meta.asked("exchange_code") == 1
    assert len(world.channels()) == len(world.clients()) == 1


@pytest.mark.parametrize("call", ["subscribe", "set_storage_region", "register"])
def test_a_lost_answer_is_looked_up_instead_of_asked_again(
    world: OnboardingWorld, anna: Browser, call: str
) -> None:
    world.change_partner(region_default="DE")
    world.meta.lose_answer(call)
    assert anna.connect().step is RunStep.PERMISSION
    assert world.meta.asked(call) == 1


def test_a_lost_answer_to_the_code_is_made_up_for_by_the_solution(
    world: OnboardingWorld, anna: Browser
) -> None:
    world.meta.lose_answer("exchange_code")
    assert anna.connect().step is RunStep.PERMISSION
    assert world.meta.asked("exchange_code") == 1
    assert world.meta.asked("solution_token") == 1


def test_without_ids_a_lost_answer_to_the_code_needs_the_popup_again(
    world: OnboardingWorld, anna: Browser
) -> None:
    world.meta.lose_answer("exchange_code")
    anna.hand_over(anna.popup())
    world.jobs.drain()
    assert trouble(anna) == "code_lost"
    assert world.meta.asked("solution_token") == 0


def test_a_lost_answer_never_gives_a_client_an_account_that_is_anothers(
    world: OnboardingWorld, anna: Browser
) -> None:
    first = world.browser()
    first.sign_up("first@client.example")
    taken = first.popup()
    first.tell(taken)
    first.hand_over(taken)
    world.jobs.drain()
    world.meta.lose_answer("exchange_code")
    own = anna.popup()
    anna.service.meta_message(anna.key, taken.message, ORIGIN)
    anna.hand_over(own)
    world.jobs.drain()
    assert trouble(anna) == "code_lost"
    owners = {client.id: client.email for client in world.clients()}
    assert [owners[waba.client_id] for waba in world.wabas()] == ["first@client.example"]


@pytest.mark.parametrize("code", [1, 2, 131000, 131016, 133004, 4, 80007])
def test_what_passes_by_itself_is_tried_again_without_anybody(
    world: OnboardingWorld, anna: Browser, code: int
) -> None:
    world.meta.fail("register", code, times=3)
    assert anna.connect().step is RunStep.PERMISSION
    assert world.meta.asked("register") == 4


def test_an_outage_is_waited_out_and_then_needs_a_person(
    world: OnboardingWorld, anna: Browser
) -> None:
    world.meta.fail("subscribe", Unavailable("down", sent=False), times=50)
    anna.connect()
    assert trouble(anna) == "meta_unreachable"
    assert anna.view.status is RunStatus.STOPPED
    world.meta.heal()
    anna.service.retry(anna.key)
    world.jobs.drain()
    assert anna.view.step is RunStep.PERMISSION


def test_a_long_wait_holds_no_place_of_other_runs(world: OnboardingWorld, anna: Browser) -> None:
    world.meta.fail("register", 4, times=2)
    anna.connect()
    assert anna.view.step is RunStep.PERMISSION
    laps = [job for job in world.jobs.done if job.name == "onboarding"]
    assert [job.delay for job in laps] == [0, 300, 300]


def test_what_a_page_waits_for_is_said_while_it_works(
    world: OnboardingWorld, anna: Browser
) -> None:
    seen = []

    def look(call: str) -> None:
        told = anna.view.trouble
        seen.append((call, anna.view.status, told.key if told else ""))

    world.meta.fail("subscribe", Unavailable("down", sent=False))
    world.meta.on_call = look
    anna.connect()
    assert ("subscribe", RunStatus.WORKING, "meta_unreachable") in seen
    assert anna.view.trouble is None


def test_a_pin_that_is_set_already_is_asked_for_before_a_registration_is_wasted(
    world: OnboardingWorld, anna: Browser
) -> None:
    anna.connect(pin="424242")
    told = anna.view.trouble
    assert told is not None
    assert told.needs_pin
    assert world.meta.asked("register") == 0
    with pytest.raises(InvalidInput):
        anna.service.give_pin(anna.key, "12345")
    anna.service.give_pin(anna.key, "42 42 42")
    world.jobs.drain()
    assert anna.view.step is RunStep.PERMISSION
    assert world.meta.asked("register") == 1


def test_a_wrong_pin_is_asked_for_again(world: OnboardingWorld, anna: Browser) -> None:
    anna.connect(pin="424242")
    anna.service.give_pin(anna.key, "111111")
    world.jobs.drain()
    assert trouble(anna) == "pin_mismatch"
    with pytest.raises(OnboardingRefused) as refused:
        anna.service.retry(anna.key)
    assert refused.value.code == "wrong_step"
    anna.service.give_pin(anna.key, "424242")
    world.jobs.drain()
    assert anna.view.step is RunStep.PERMISSION


@pytest.mark.parametrize(
    ("code", "key", "turn"),
    [
        (133016, "register_budget_used", Turn.META),
        (133006, "number_not_verified", Turn.CLIENT),
        (190, "token_invalid", Turn.CLIENT),
        (200, "permission_missing", Turn.CLIENT),
        (987654, "meta_unknown", Turn.META),
    ],
)
def test_meta_codes_become_guidance_and_stop_the_run(
    world: OnboardingWorld, anna: Browser, code: int, key: str, turn: Turn
) -> None:
    error = MetaError("no", meta_code=code, trace_id="Atrace", user_message="<b>Sorry</b>")
    world.meta.fail("register", error)
    told = anna.connect().trouble
    assert told is not None
    assert (told.key, told.turn, told.meta_code, told.trace_id) == (key, turn, code, "Atrace")
    assert anna.view.status is RunStatus.STOPPED
    assert world.meta.asked("register") == 1


def test_a_waba_of_another_partner_is_refused_and_nothing_of_it_is_shown(
    world: OnboardingWorld, anna: Browser
) -> None:
    signup = anna.popup()
    with world.database.transaction(TEST) as session:
        client = factories.make_client(session, world.other, name="Secret Client")
        factories.make_waba(session, client, external_id=signup.waba_id, name="Secret WABA")
    anna.tell(signup)
    anna.hand_over(signup)
    world.jobs.drain()
    assert trouble(anna) == "waba_taken"
    assert world.channels() == []
    told = str([event.data for event in world.events("onboarding_run")]) + repr(anna.view)
    assert "Secret" not in told


def test_a_waba_of_another_client_is_not_found_through_the_token_either(
    world: OnboardingWorld, anna: Browser
) -> None:
    signup = anna.popup()
    with world.database.transaction(TEST) as session:
        client = factories.make_client(session, world.partner)
        factories.make_waba(session, client, external_id=signup.waba_id)
    anna.hand_over(signup)
    world.jobs.drain()
    assert trouble(anna) == "waba_taken"


def test_a_number_in_use_elsewhere_is_refused(world: OnboardingWorld, anna: Browser) -> None:
    signup = anna.popup()
    with world.database.transaction(TEST) as session:
        factories.make_number(session, world.other, external_id=signup.phone_id)
    anna.tell(signup)
    anna.hand_over(signup)
    world.jobs.drain()
    assert trouble(anna) == "number_in_use"
    assert world.meta.asked("register") == 0


def test_no_more_numbers_than_the_partner_allows(world: OnboardingWorld, anna: Browser) -> None:
    signup = anna.popup()
    with world.database.transaction(TEST) as session:
        client = session.get(type(world.clients()[0]), world.clients()[0].id)
        assert client is not None
        client.max_channels = 0
    anna.tell(signup)
    anna.hand_over(signup)
    world.jobs.drain()
    told = anna.view.trouble
    assert told is not None
    assert (told.key, told.turn) == ("max_channels_reached", Turn.PARTNER)
    with pytest.raises(OnboardingRefused) as refused:
        anna.service.begin_signup(anna.key)
    assert refused.value.code == "max_channels_reached"


def test_a_client_who_leaves_is_recorded_with_the_screen(anna: Browser) -> None:
    anna.popup()
    told = anna.left(current_step="PHONE_NUMBER_SETUP").trouble
    assert told is not None
    assert (told.key, told.step) == ("cancelled", "PHONE_NUMBER_SETUP")
    assert anna.service.meta_code(anna.key, "").trouble == told


def test_an_error_reported_in_the_popup_becomes_guidance(anna: Browser) -> None:
    anna.popup()
    told = anna.left(
        error_code="2655093", error_message="Shared already", session_id="f12", timestamp="1"
    ).trouble
    assert told is not None
    assert (told.key, told.meta_session, told.meta_message) == (
        "waba_shared_elsewhere",
        "f12",
        "Shared already",
    )


def test_a_closed_popup_without_any_signal_is_said(anna: Browser) -> None:
    anna.popup()
    anna.service.meta_code(anna.key, "")
    assert trouble(anna) == "popup_closed"
    anna.service.popup_blocked(anna.key)
    assert trouble(anna) == "popup_blocked"


@pytest.mark.parametrize(
    "origin",
    [
        "https://evilfacebook.com",
        "https://www.facebook.com.evil.example",
        "http://www.facebook.com",
        "https://www.facebook.com:444",
        "null",
        "",
    ],
)
def test_messages_of_foreign_origins_are_ignored(anna: Browser, origin: str) -> None:
    signup = anna.popup()
    anna.tell(signup, origin)
    assert anna.world.run(anna.key.run_id).waba_external_id == ""


def test_a_forged_message_gives_nobody_elses_account(world: OnboardingWorld, anna: Browser) -> None:
    victim = world.meta.popup()
    own = anna.popup()
    anna.service.meta_message(anna.key, victim.message, ORIGIN)
    anna.hand_over(own)
    world.jobs.drain()
    assert [waba.external_id for waba in world.wabas()] == [own.waba_id]


def test_an_account_shared_without_finishing_is_said(world: OnboardingWorld, anna: Browser) -> None:
    signup = anna.popup("no_number")
    anna.left(current_step="PERMISSIONS")
    told = anna.service.partner_added(
        signup.waba_id, signup.business_id, world.partner.solution_id, world.clock.now()
    )
    assert told == [anna.key.run_id]
    assert trouble(anna) == "shared_unfinished"


def test_a_webhook_helps_a_run_that_found_no_account(world: OnboardingWorld, anna: Browser) -> None:
    signup = anna.popup()
    hidden = world.meta.wabas.pop(signup.waba_id)
    anna.hand_over(signup)
    world.jobs.drain()
    assert trouble(anna) == "waba_not_found"
    world.meta.wabas[signup.waba_id] = hidden
    anna.service.partner_added(signup.waba_id, "", world.partner.solution_id, world.clock.now())
    world.jobs.drain()
    assert anna.view.step is RunStep.PERMISSION


def test_a_webhook_of_another_solution_concerns_nobody(
    world: OnboardingWorld, anna: Browser
) -> None:
    signup = anna.popup()
    assert anna.service.partner_added(signup.waba_id, "", "999", world.clock.now()) == []


def test_a_late_message_helps_a_run_that_found_no_account(
    world: OnboardingWorld, anna: Browser
) -> None:
    signup = anna.popup()
    hidden = world.meta.wabas.pop(signup.waba_id)
    anna.hand_over(signup)
    world.jobs.drain()
    world.meta.wabas[signup.waba_id] = hidden
    anna.tell(signup)
    world.jobs.drain()
    assert anna.view.step is RunStep.PERMISSION


def test_a_newer_popup_takes_over_from_an_older_one(world: OnboardingWorld, anna: Browser) -> None:
    world.meta.fail("register", 133006)
    anna.connect()
    assert trouble(anna) == "number_not_verified"
    second = anna.connect()
    assert second.step is RunStep.PERMISSION
    assert world.meta.asked("exchange_code") == 2


def test_templates_that_cannot_be_read_do_not_hold_up_the_number(
    world: OnboardingWorld, anna: Browser
) -> None:
    world.meta.fail("templates", 100)
    assert anna.connect().step is RunStep.PERMISSION


def test_a_bug_leaves_a_stopped_run_and_not_a_turning_wheel(
    world: OnboardingWorld, anna: Browser
) -> None:
    def broken(call: str) -> None:
        if call == "waba":
            raise ZeroDivisionError

    world.meta.on_call = broken
    with pytest.raises(ZeroDivisionError):
        anna.connect()
    assert trouble(anna) == "hub_fault"
    world.meta.on_call = lambda call: None
    anna.service.retry(anna.key)
    world.jobs.drain()
    assert anna.view.step is RunStep.PERMISSION
