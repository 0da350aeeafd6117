"""Who gets in, how a client proves who it is, and what the partner sees and may do."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from core.clock import FixedClock
from core.errors import Conflict, InvalidInput, NotFound, RateLimited, Unavailable
from core.onboarding.entities import RunStep
from core.onboarding.errors import OnboardingRefused
from core.onboarding.links import io_signature
from core.onboarding.service import new_browser_secret
from core.onboarding.views import RunKey
from core.partners.platform_secret import platform_secret_context
from core.ports import Database
from tests import factories
from tests.services.onboarding_world import TEST, OnboardingWorld, onboarding_world
from tests.support.accounts import PlainVault

SECRET = "platform-secret"


@pytest.fixture
def world(database: Database, clock: FixedClock) -> OnboardingWorld:
    return onboarding_world(database, clock)


def refusal(world: OnboardingWorld, query: str = "", partner_id: str = "") -> OnboardingRefused:
    with pytest.raises(OnboardingRefused) as refused:
        world.onboarding.open_link(partner_id or world.partner.id, query, new_browser_secret())
    return refused.value


@pytest.mark.parametrize("partner_id", ["nobodyPA", "", "../../etc", "'; DROP TABLE partner;--"])
def test_an_unknown_partner_is_not_found(world: OnboardingWorld, partner_id: str) -> None:
    refused = refusal(world, partner_id=partner_id or "x")
    assert refused.code == "unknown_partner"
    assert isinstance(refused, NotFound)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"blocked": True, "plan_unpaid": True}, "partner_blocked"),
        ({"plan_unpaid": True}, "plan_unpaid"),
        ({"plan_ended": True, "plan_unpaid": True}, "plan_ended"),
        ({"solution_id": "", "solution_status": "NONE"}, "solution_inactive"),
    ],
)
def test_a_partner_that_takes_no_clients_is_said_with_its_brand(
    world: OnboardingWorld, values: dict[str, Any], code: str
) -> None:
    world.change_partner(**values)
    refused = refusal(world, "lang=pt-BR")
    assert refused.code == code
    assert refused.brand is not None
    assert (refused.brand.name, refused.language) == ("Acme", "pt_BR")


def test_the_solution_is_what_meta_says_it_is(world: OnboardingWorld) -> None:
    world.meta.solutions[world.partner.solution_id] = "DEACTIVATED"
    assert refusal(world).code == "solution_inactive"
    world.meta.solutions[world.partner.solution_id] = "ACTIVE"
    world.clock.advance(timedelta(minutes=6))
    world.browser()
    assert world.meta.asked("solution") == 2


def test_meta_down_does_not_close_the_door(world: OnboardingWorld) -> None:
    world.meta.fail("solution", Unavailable("down", sent=False))
    assert world.browser().view.step is RunStep.SIGN_UP


def signed(world: OnboardingWorld, at: float | None = None, secret: str = SECRET) -> str:
    stamp = str(int(world.clock.now().timestamp() if at is None else at))
    signature = io_signature(secret, world.partner.id, stamp)
    return f"io_signature={signature}&io_timestamp={stamp}"


@pytest.fixture
def signing(world: OnboardingWorld) -> OnboardingWorld:
    context = platform_secret_context(world.partner.id)
    sealed = PlainVault().seal(SECRET, context=context)
    world.change_partner(io_signature=True, platform_secret=sealed)
    return world


def test_a_signature_opens_the_page_for_ten_minutes(signing: OnboardingWorld) -> None:
    query = signed(signing)
    browser = signing.browser(query)
    signing.clock.advance(timedelta(minutes=11))
    assert refusal(signing, query).code == "signature_old"
    again = signing.onboarding.open_link(signing.partner.id, query, browser.secret)
    assert again.run_id == browser.key.run_id


def test_a_missing_bad_or_future_signature_is_refused(signing: OnboardingWorld) -> None:
    now = signing.clock.now().timestamp()
    assert refusal(signing).code == "signature_missing"
    assert refusal(signing, signed(signing, secret="other")).code == "signature_bad"
    assert refusal(signing, signed(signing).upper()).code in ("signature_bad", "signature_missing")
    assert refusal(signing, signed(signing, at=now + 3600)).code == "signature_old"


def test_a_foreign_redirect_is_refused_and_an_extra_origin_is_taken(
    world: OnboardingWorld,
) -> None:
    world.change_partner(extra_origins=["https://shop.example:8443"])
    assert refusal(world, "redirect_url=https://evil.example/x").code == "foreign_redirect"
    browser = world.browser("redirect_url=https://shop.example:8443/back?a=1&b=2")
    assert browser.view.redirects_to == "https://shop.example:8443"


def test_a_foreign_redirect_is_refused_in_the_middle_of_a_run_too(world: OnboardingWorld) -> None:
    browser = world.browser("state=one")
    with pytest.raises(OnboardingRefused) as refused:
        world.onboarding.open_link(
            world.partner.id, "redirect_url=https://evil.example/x", browser.secret
        )
    assert refused.value.code == "foreign_redirect"
    assert world.run(browser.key.run_id).state == "one"


def test_the_same_browser_goes_on_with_its_run(world: OnboardingWorld) -> None:
    browser = world.browser("state=one")
    browser.sign_up()
    again = world.onboarding.open_link(world.partner.id, "", browser.secret)
    assert (again.run_id, again.step) == (browser.key.run_id, RunStep.META)
    assert world.run(again.run_id).state == "one"
    world.onboarding.open_link(world.partner.id, "state=two", browser.secret)
    assert world.run(again.run_id).state == "two"


def test_a_browser_has_one_run_per_partner_and_they_never_mix(world: OnboardingWorld) -> None:
    browser = world.browser()
    other = world.onboarding.open_link(world.other.id, "", browser.secret)
    assert other.run_id != browser.key.run_id
    assert other.brand.name == "Beta"
    browser.sign_up()
    assert {client.partner_id for client in world.clients()} == {world.partner.id}


@pytest.mark.parametrize("secret", ["", "x" * 43, "a"])
def test_a_run_cannot_be_reached_without_its_secret(world: OnboardingWorld, secret: str) -> None:
    browser = world.browser()
    with pytest.raises(NotFound):
        world.onboarding.progress(RunKey(browser.key.run_id, secret))
    with pytest.raises(NotFound):
        world.onboarding.progress(RunKey("guessed", browser.secret))


@pytest.mark.parametrize("typed", ["", "abc", "12345", "1234567", "12 34-5"])
def test_what_cannot_be_a_code_costs_no_try(world: OnboardingWorld, typed: str) -> None:
    browser = world.browser()
    browser.service.sign_up(browser.key, "Sonne", "Anna", "anna@client.example")
    world.jobs.drain()
    for _ in range(6):
        with pytest.raises(OnboardingRefused) as refused:
            browser.service.confirm_code(browser.key, typed)
        assert (refused.value.code, refused.value.about["tries_left"]) == ("code_wrong", 5)
    assert browser.service.confirm_code(browser.key, world.mailer.code).step is RunStep.META


def test_the_code_is_good_for_five_tries_and_a_quarter_of_an_hour(world: OnboardingWorld) -> None:
    browser = world.browser()
    browser.service.sign_up(browser.key, "Sonne", "Anna", "anna@client.example")
    world.jobs.drain()
    wrong = "000000" if world.mailer.code != "000000" else "000001"
    codes = []
    for _ in range(6):
        with pytest.raises(OnboardingRefused) as refused:
            browser.service.confirm_code(browser.key, wrong)
        codes.append(refused.value.code)
    assert codes == ["code_wrong"] * 5 + ["code_locked"]
    with pytest.raises(OnboardingRefused):
        browser.service.confirm_code(browser.key, world.mailer.code)
    world.clock.advance(timedelta(seconds=31))
    browser.service.sign_up(browser.key, "Sonne", "Anna", "anna@client.example")
    world.jobs.drain()
    world.clock.advance(timedelta(minutes=16))
    with pytest.raises(OnboardingRefused) as refused:
        browser.service.confirm_code(browser.key, world.mailer.code)
    assert refused.value.code == "code_expired"
    assert world.clients() == []


def test_codes_are_not_sent_without_end(world: OnboardingWorld) -> None:
    browser = world.browser()
    waits = []
    for _ in range(5):
        browser.service.sign_up(browser.key, "Sonne", "Anna", "anna@client.example")
        with pytest.raises(OnboardingRefused) as too_soon:
            browser.service.sign_up(browser.key, "Sonne", "Anna", "anna@client.example")
        assert too_soon.value.code == "too_many_codes"
        waits.append(too_soon.value.about["retry_after"])
        world.clock.advance(timedelta(minutes=1))
    assert waits == [30, 30, 30, 30, 3600]
    world.jobs.drain()
    assert len(world.mailer.mails) == 5


def test_after_an_hour_of_rest_codes_are_sent_again(world: OnboardingWorld) -> None:
    browser = world.browser()
    for _ in range(5):
        browser.service.sign_up(browser.key, "Sonne", "Anna", "anna@client.example")
        world.clock.advance(timedelta(minutes=1))
    with pytest.raises(OnboardingRefused):
        browser.service.sign_up(browser.key, "Sonne", "Anna", "anna@client.example")
    world.clock.advance(timedelta(hours=1))
    browser.service.sign_up(browser.key, "Sonne", "Anna", "anna@client.example")
    world.jobs.drain()
    assert len(world.mailer.mails) == 6


def test_confirming_twice_makes_one_client(world: OnboardingWorld) -> None:
    browser = world.browser()
    browser.sign_up()
    browser.service.confirm_code(browser.key, "999999")
    assert len(world.clients()) == 1


def test_two_browsers_that_confirm_at_once_make_one_client(world: OnboardingWorld) -> None:
    given = []
    for browser in (world.browser(), world.browser()):
        browser.service.sign_up(browser.key, "Sonne", "Anna", "anna@client.example")
        world.jobs.drain()
        given.append((browser.key, world.mailer.code))
    together = threading.Barrier(2)

    def confirm(key: RunKey, code: str) -> str:
        together.wait(timeout=20)
        world.onboarding.confirm_code(key, code)
        return str(world.run(key.run_id).client_id)

    with ThreadPoolExecutor(2) as threads:
        clients = list(threads.map(lambda pair: confirm(*pair), given))
    assert clients == [world.clients()[0].id] * 2
    assert world.kinds("client") == ["client_created"]


def test_logging_in_never_tells_on_the_page_whether_there_is_an_account(
    world: OnboardingWorld,
) -> None:
    browser = world.browser("next=login")
    view = browser.service.log_in(browser.key, "nobody@client.example")
    world.jobs.drain()
    assert view.step is RunStep.CODE
    assert "no account" in world.mailer.mails[-1].subject
    with pytest.raises(OnboardingRefused) as refused:
        browser.service.confirm_code(browser.key, "123456")
    assert refused.value.code == "code_wrong"


def test_a_colleagues_address_is_not_a_clients(world: OnboardingWorld) -> None:
    with world.database.transaction(TEST) as session:
        person = factories.make_person(session, email="Owner@Acme.example")
        factories.make_membership(session, world.partner, person)
    browser = world.browser()
    with pytest.raises(OnboardingRefused) as refused:
        browser.sign_up("owner@acme.example")
    assert refused.value.code == "email_other_account"
    assert world.clients() == []


@pytest.mark.parametrize(
    ("company", "name", "email", "field"),
    [
        ("", "Anna", "a@b.example", "company"),
        ("Sonne", " ", "a@b.example", "full_name"),
        ("Sonne", "Anna", "not-an-address", "email"),
        ("Sonne", "Anna", "a@b.example\r\nBcc: x@evil.example", "email"),
        ("x" * 201, "Anna", "a@b.example", "company"),
    ],
)
def test_values_of_the_form_are_checked(
    world: OnboardingWorld, company: str, name: str, email: str, field: str
) -> None:
    browser = world.browser()
    with pytest.raises(InvalidInput) as refused:
        browser.service.sign_up(browser.key, company, name, email)
    assert refused.value.about["field"] == field


def test_the_mailed_link_brings_another_device_into_the_run(world: OnboardingWorld) -> None:
    browser = world.browser("lang=es")
    browser.sign_up()
    world.clock.advance(timedelta(minutes=2))
    world.onboarding.send_resume_link(world.member, browser.key.run_id)
    world.jobs.drain()
    mail = world.mailer.mails[-1]
    assert mail.language == "es"
    assert mail.subject.startswith("Siga")
    resumed = world.onboarding.resume(world.mailer.token)
    assert (resumed.run.run_id, resumed.run.step) == (browser.key.run_id, RunStep.META)
    with pytest.raises(NotFound):
        world.onboarding.progress(browser.key)
    phone = world.onboarding.progress(RunKey(resumed.run.run_id, resumed.secret))
    assert phone.company == "Bäckerei Sonne"


def test_an_old_or_made_up_link_is_refused(world: OnboardingWorld) -> None:
    browser = world.browser()
    browser.sign_up()
    token = world.mailer.token
    for made_up in ("", "x", "y" * 43):
        with pytest.raises(OnboardingRefused) as refused:
            world.onboarding.resume(made_up)
        assert refused.value.code == "link_unknown"
    world.clock.advance(timedelta(days=31))
    with pytest.raises(OnboardingRefused) as refused:
        world.onboarding.resume(token)
    assert refused.value.code == "link_expired"


def test_a_mail_server_that_is_down_is_tried_again(world: OnboardingWorld) -> None:
    browser = world.browser()
    world.mailer.down = True
    browser.service.sign_up(browser.key, "Sonne", "Anna", "anna@client.example")
    world.jobs.drain()
    assert world.mailer.mails == []
    world.mailer.refuses, world.mailer.down = True, False
    world.clock.advance(timedelta(minutes=1))
    browser.service.sign_up(browser.key, "Sonne", "Anna", "anna@client.example")
    world.jobs.drain()
    assert world.mailer.mails == []


def test_the_partner_sees_where_every_run_stands(world: OnboardingWorld) -> None:
    first, second = world.browser(), world.browser()
    world.clock.advance(timedelta(seconds=5))
    first.sign_up()
    page = world.onboarding.runs(world.member, limit=1)
    assert [row.run_id for row in page.rows] == [first.key.run_id]
    rest = world.onboarding.runs(world.member, cursor=page.next_cursor, limit=1)
    assert [row.run_id for row in rest.rows] == [second.key.run_id]
    assert rest.next_cursor == ""
    found = world.onboarding.runs(world.member, search="BÄCK")
    assert [row.run_id for row in found.rows] in ([first.key.run_id], [])
    assert world.onboarding.runs(world.stranger).rows == ()


def test_the_flight_record_shows_every_step_and_every_call(world: OnboardingWorld) -> None:
    browser = world.browser()
    browser.sign_up()
    world.meta.fail("register", 133016)
    browser.connect()
    record = world.onboarding.run(world.owner, browser.key.run_id)
    calls = [e.data["call"] for e in record.flight if e.kind == "onboarding_meta_call"]
    assert calls == ["exchange_code", "phone_numbers", "waba", "subscribe", "register"]
    errors = [entry for entry in record.flight if entry.kind == "onboarding_error"]
    assert errors[0].data["key"] == "register_budget_used"
    assert record.row.trouble is not None
    assert record.row.trouble.wait == 72 * 3600


def test_another_partner_finds_no_run(world: OnboardingWorld) -> None:
    browser = world.browser()
    with pytest.raises(NotFound):
        world.onboarding.run(world.stranger, browser.key.run_id)
    with pytest.raises(NotFound):
        world.onboarding.send_resume_link(world.stranger, browser.key.run_id)


def test_a_link_is_not_mailed_to_nobody_and_not_twice_in_a_minute(world: OnboardingWorld) -> None:
    browser = world.browser()
    with pytest.raises(Conflict) as refused:
        world.onboarding.send_resume_link(world.owner, browser.key.run_id)
    assert refused.value.code == "no_email"
    browser.sign_up()
    with pytest.raises(RateLimited):
        world.onboarding.send_resume_link(world.owner, browser.key.run_id)


def test_the_partner_learns_why_it_has_no_link(world: OnboardingWorld) -> None:
    state = world.onboarding.link_state(world.member)
    assert state.ready
    assert state.url == f"https://hub.test/onboarding/{world.partner.id}"
    world.change_partner(solution_id="", redirect_url="", billing_model="direct_paid")
    state = world.onboarding.link_state(world.member)
    assert state.reasons == ("solution_missing",)
    assert state.warnings == ("no_redirect_url",)
