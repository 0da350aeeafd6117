"""Open pages follow what is noted: every move is told, and told once."""

import pytest

from core.clock import FixedClock
from core.onboarding.entities import RunStep
from core.ports import Database
from tests.services.onboarding_world import Browser, onboarding_world


@pytest.fixture
def anna(database: Database, clock: FixedClock) -> Browser:
    anna = onboarding_world(database, clock).browser()
    anna.sign_up()
    return anna


def steps(anna: Browser) -> list[str]:
    told = anna.world.events("onboarding_run", anna.key.run_id)
    return [str(event.data["step"]) for event in told if event.type == "onboarding_step"]


def test_the_end_of_the_servers_work_is_told(anna: Browser) -> None:
    assert anna.connect().step is RunStep.PERMISSION

    assert steps(anna)[-1] == "set_up"


def test_a_message_whose_receipt_was_lost_is_noted_once(anna: Browser) -> None:
    signup = anna.popup()
    anna.tell(signup)
    before = anna.view

    anna.tell(signup)

    assert steps(anna).count("ids_received") == 1
    assert anna.view == before


def test_an_opening_that_the_browser_repeats_forgets_nothing(anna: Browser) -> None:
    anna.service.begin_signup(anna.key, "signal-1")
    signup = anna.world.meta.popup("finish")
    anna.tell(signup)

    anna.service.begin_signup(anna.key, "signal-1")
    anna.hand_over(signup)
    anna.world.jobs.drain()

    assert anna.view.step is RunStep.PERMISSION
    assert steps(anna).count("popup_opened") == 1
    assert steps(anna).count("ids_received") == 1
