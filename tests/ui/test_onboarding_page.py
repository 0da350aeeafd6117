"""The client's way through the steps on one page that follows its run."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from nicegui import ui

from core.onboarding.entities import RunStatus, RunStep
from core.onboarding.views import RUN_SUBJECT, TickState
from core.ports import Notice
from tests.ui.conftest import until
from tests.ui.fake_hub import NOW
from tests.ui.fake_onboarding import (
    CODE,
    EXIT,
    LAUNCH,
    NUMBER,
    ORIGIN,
    PARTNER,
    ticks,
    trouble,
)
from tests.ui.onboarding_site import (
    RUN_PATH,
    client_of,
    field,
    onboarding_site,
    opened,
    part_of,
    put,
    sees,
    signal,
    text_at,
)

AT_CODE: dict[str, Any] = {
    "step": RunStep.CODE,
    "company": "Demo Bakery",
    "full_name": "Ada Lovelace",
    "email": "ada@bakery.example",
    "code_expires_at": NOW + timedelta(minutes=15),
}
AT_META: dict[str, Any] = {"step": RunStep.META, "step_number": 2, "launch": LAUNCH}
WORKING: dict[str, Any] = {
    "step": RunStep.REGISTER,
    "status": RunStatus.WORKING,
    "step_number": 3,
    "ticks": ticks(1),
}
STOPPED: dict[str, Any] = WORKING | {
    "status": RunStatus.STOPPED,
    "ticks": ticks(6, TickState.FAILED),
    "launch": LAUNCH,
}


async def test_from_the_first_field_to_the_partner_s_site() -> None:
    async with onboarding_site() as (site, service):
        client = await opened(site)
        await sees(client, "Step 1 of 5 · Your details")
        put(client, company="Demo Bakery", full_name="Ada", email="ada@bakery.example")
        client.find("Continue").click()
        await sees(client, "We sent six digits to ada@bakery.example.")
        put(client, code=CODE)
        client.find("Confirm").click()
        await sees(client, "Step 2 of 5 · Meta")
        await sees(client, "Continue with Meta")
        part = client.find(kind=type(part_of(client)))
        part.trigger("signal", signal("opened"))
        await sees(client, "Go on in Meta’s window")
        part.trigger("signal", signal("code", "the-code", id_="2"))
        await sees(client, "We are setting up your number")
        service.now(
            step=RunStep.PERMISSION, step_number=4, status=RunStatus.OPEN, numbers=(NUMBER,)
        )
        await sees(client, "May Acme Messaging use your number?")
        client.find("Continue").click()
        await sees(client, "Done! Your number is connected")
        await until(lambda: part_of(client).props.get("exit") == EXIT)
        assert service.said[-4:] == [
            ("begin_signup",),
            ("meta_code", "the-code"),
            ("permission", ["CH1"]),
            ("finish",),
        ]


async def test_what_the_link_brought_is_filled_in() -> None:
    async with onboarding_site(email="ada@bakery.example", number_hint="49301234567") as (site, _):
        client = await opened(site)
        assert field(client, "email").value == "ada@bakery.example"
        await sees(client, "+49 30 1234567")


async def test_an_error_stands_at_its_field_and_nothing_typed_is_lost() -> None:
    texts = {
        "company": "Please enter the name of your company.",
        "full_name": "Please enter your name.",
        "email": "This e-mail address is not complete.",
    }
    async with onboarding_site() as (site, _):
        client = await opened(site)
        for name, text in texts.items():
            typed = {"company": "Demo", "full_name": "Ada", "email": "ada@x.example"} | {name: ""}
            put(client, **typed)
            client.find("Continue").click()
            await until(lambda at=name, said=text: text_at(client, at) == said)  # type: ignore[misc]
            wrong = field(client, name)
            assert wrong.props["aria-invalid"] == "true"
            assert wrong.props["aria-describedby"] == f"ob-{name}-more"
            for other, value in typed.items():
                assert field(client, other).value == value
            put(client, **{name: "now@x.example"})
            assert "aria-invalid" not in wrong.props


async def test_a_client_with_an_account_only_gives_its_address() -> None:
    async with onboarding_site() as (site, service):
        client = await opened(site)
        client.find("I have been here before").click()
        await sees(client, "Welcome back")
        put(client, email="ada@bakery.example")
        client.find("Send code").click()
        await sees(client, "Enter the code from our e-mail")
        assert service.said[-1] == ("log_in", "ada@bakery.example")


async def test_next_login_begins_with_the_address() -> None:
    async with onboarding_site(logs_in=True) as (site, _):
        await sees(await opened(site), "Welcome back")


async def test_a_wrong_code_says_how_many_tries_are_left() -> None:
    async with onboarding_site(**AT_CODE) as (site, _):
        client = await opened(site)
        put(client, code="000000")
        client.find("Confirm").click()
        await until(lambda: "4 tries left" in text_at(client, "code"))


async def test_the_last_wrong_code_says_what_to_do_next() -> None:
    async with onboarding_site(**AT_CODE | {"code_tries_left": 1}) as (site, _):
        client = await opened(site)
        put(client, code="000000")
        client.find("Confirm").click()
        await until(lambda: "Ask for a new code" in text_at(client, "code"))
        assert "0 tries" not in text_at(client, "code")


async def test_all_wrong_fields_are_marked_at_once_and_the_first_gets_the_focus() -> None:
    async with onboarding_site() as (site, _):
        client = await opened(site)
        focused = []
        part_of(client).run_method = lambda name, *args: focused.append((name, *args))  # type: ignore[assignment,method-assign]
        put(client, company="Demo", full_name="", email="no-address")
        client.find("Continue").click()
        await until(lambda: "aria-invalid" in field(client, "email").props)
        assert "aria-invalid" in field(client, "full_name").props
        assert "aria-invalid" not in field(client, "company").props
        assert focused == [("wrong", "ob-full_name")]


async def test_a_client_without_room_for_a_number_sees_that_before_metas_window() -> None:
    at_meta = {"step": RunStep.META, "step_number": 2, "no_room": "max_channels_reached"}
    async with onboarding_site(**at_meta) as (site, service):
        client = await opened(site)
        await sees(client, "No more numbers can be added")
        await sees(client, "It is Acme Messaging’s turn.")
        await client.should_not_see("Continue with Meta")
        # The partner raises the limit; nothing of the run changes.
        service.view = replace(service.view, no_room="", launch=LAUNCH)
        client.find("Look again").click()
        await sees(client, "Continue with Meta")


async def test_a_page_that_is_looked_at_is_a_visit_and_a_fetched_one_is_not() -> None:
    async with onboarding_site() as (site, service):
        assert (await client_of(site).look(RUN_PATH)).status_code == 200
        assert service.visits == 0
        await opened(site)
        await until(lambda: service.visits == 1)


async def test_a_code_field_is_made_for_phones() -> None:
    async with onboarding_site(**AT_CODE) as (site, _):
        props = field(await opened(site), "code").props
        assert (props["inputmode"], props["autocomplete"]) == ("numeric", "one-time-code")


async def test_another_code_goes_to_the_same_address() -> None:
    async with onboarding_site(**AT_CODE) as (site, service):
        client = await opened(site)
        resend = next(e for e in client.page.elements.values() if type(e).__name__ == "Resend")
        assert resend.props["seconds"] == 30
        client.find(kind=type(resend)).trigger("resend")
        await until(lambda: bool(service.said))
        assert service.said == [("sign_up", "Demo Bakery", "Ada Lovelace", "ada@bakery.example")]


async def test_another_address_brings_the_form_back_filled_in() -> None:
    async with onboarding_site(**AT_CODE) as (site, _):
        client = await opened(site)
        client.find("Use another address").click()
        await sees(client, "Connect WhatsApp with Acme Messaging")
        assert field(client, "company").value == "Demo Bakery"


async def test_the_language_changes_in_place_and_typing_stays() -> None:
    async with onboarding_site() as (site, _):
        client = await opened(site)
        put(client, company="Bäckerei")
        client.find("Deutsch").click()
        await sees(client, "Unternehmen")
        assert field(client, "company").value == "Bäckerei"
        assert part_of(client).props["language"] == "de"


async def test_the_page_says_its_language_from_the_start() -> None:
    async with onboarding_site(language="pt_BR") as (site, _):
        answer = await client_of(site).look(RUN_PATH)
        assert '<html lang="pt-BR"' in answer.text


async def test_a_second_click_while_the_first_is_on_its_way_does_nothing() -> None:
    async with onboarding_site() as (site, service):
        client = await opened(site)
        put(client, company="Demo", full_name="Ada", email="ada@x.example")
        client.find("Continue").click().click()
        await sees(client, "Enter the code from our e-mail")
        assert len(service.said) == 1


async def test_the_database_being_away_is_a_card_and_nothing_is_lost() -> None:
    async with onboarding_site() as (site, service):
        client = await opened(site)
        put(client, company="Demo", full_name="Ada", email="ada@x.example")
        service.is_down = True
        client.find("Continue").click()
        await sees(client, "We cannot save this at the moment")
        assert field(client, "company").value == "Demo"


async def test_an_ending_of_the_popup_is_told_in_plain_words() -> None:
    texts = {
        "popup_blocked": "Your browser blocked Meta’s window",
        "cancelled": "You left Meta’s window before the end",
        "popup_closed": "Meta’s window was closed before the end",
        "number_registered_elsewhere": "This number is still registered somewhere else",
    }
    async with onboarding_site(**AT_META) as (site, service):
        client = await opened(site)
        for key, text in texts.items():
            service.now(trouble=trouble(key), status=RunStatus.STOPPED)
            await sees(client, text)
            await sees(client, "Open Meta’s window again")
            await sees(client, "It is your turn.")


async def test_meta_s_own_error_is_shown_as_text_for_support() -> None:
    error = trouble("meta_unknown", meta_code=4711, meta_message="<img src=x>", meta_session="S1")
    async with onboarding_site(**AT_META, trouble=error) as (site, _):
        await sees(await opened(site), "Meta’s error 4711 · “<img src=x>” · reference S1")


async def test_ticks_change_one_by_one_in_place() -> None:
    async with onboarding_site(**WORKING) as (site, service):
        client = await opened(site)
        await sees(client, "WhatsApp account found")
        before = {e.id for e in client.page.elements.values() if e.tag == "li"}
        service.now(ticks=ticks(2))
        await until(lambda: sum("is-done" in e.classes for e in _lines(client)) == 2)
        assert {e.id for e in _lines(client)} == before
        told = next(e for e in client.page.elements.values() if "only-read" in e.classes)
        assert told.text == "WhatsApp account found"  # type: ignore[attr-defined]


def _lines(client: Any) -> list[Any]:
    return [e for e in client.page.elements.values() if e.tag == "li"]


async def test_a_notice_about_another_run_is_not_ours() -> None:
    async with onboarding_site(**WORKING) as (site, service):
        client = await opened(site)
        await until(lambda: service.reads == 2)  # the page, and its connection
        service.feed.publish([Notice(PARTNER, "onboarding_step", RUN_SUBJECT, "another")])
        await until(lambda: site.live.counts.pushed == 1)
        service.now(ticks=ticks(5))
        await until(lambda: sum("is-done" in e.classes for e in _lines(client)) == 5)
        assert service.reads == 3


async def test_a_number_with_a_pin_of_its_own_asks_for_it() -> None:
    async with onboarding_site(**STOPPED, trouble=trouble("pin_mismatch")) as (site, service):
        client = await opened(site)
        await sees(client, "Your number has a PIN of its own")
        put(client, pin="12")
        client.find("Use this PIN").click()
        await until(lambda: text_at(client, "pin") == "A PIN has six digits.")
        put(client, pin="654321")
        client.find("Use this PIN").click()
        await sees(client, "We are setting up your number")
        assert service.said[-1] == ("give_pin", "654321")


async def test_a_stop_offers_the_ways_on_that_make_sense() -> None:
    async with onboarding_site(**STOPPED, trouble=trouble("pin_wait")) as (site, service):
        client = await opened(site)
        await client.should_not_see("Open Meta’s window again")
        client.find("Try again").click()
        await sees(client, "We are setting up your number")
        assert service.said == [("retry",)]


async def test_without_meta_s_permission_only_the_popup_helps() -> None:
    late = STOPPED | {"ticks": ticks(0, TickState.FAILED), "trouble": trouble("code_expired")}
    async with onboarding_site(**late) as (site, _):
        client = await opened(site)
        await sees(client, "Open Meta’s window again")
        await client.should_not_see("Try again")


async def test_what_the_hub_repeats_by_itself_asks_nobody() -> None:
    async with onboarding_site(**WORKING) as (site, service):
        client = await opened(site)
        service.now(trouble=trouble("meta_busy"))
        await sees(client, "Meta is busy at the moment")
        await sees(client, "We take care of it.")
        await client.should_not_see("Try again")


async def test_a_number_can_be_kept_back() -> None:
    numbers = {"step": RunStep.PERMISSION, "numbers": (NUMBER,)}
    async with onboarding_site(**numbers) as (site, service):
        client = await opened(site)
        client.find(kind=ui.switch).click()
        client.find("Continue").click()
        await sees(client, "Saved: Acme Messaging may not use your number")
        assert service.said == [("permission", []), ("finish",)]


@pytest.mark.parametrize(("asks", "is_on"), [(False, True), (True, False)])
async def test_partner_paid_grants_by_default_direct_paid_asks(asks: bool, is_on: bool) -> None:
    number = (NUMBER.__class__(channel_id="CH1", display="1", name="", granted=False, live=True),)
    at = {"step": RunStep.PERMISSION, "numbers": number, "asks_permission": asks}
    async with onboarding_site(**at) as (site, _):
        (switch,) = (await opened(site)).find(kind=ui.switch).elements
        assert switch.value is is_on


async def test_without_a_number_the_run_ends_by_itself_and_says_what_is_missing() -> None:
    async with onboarding_site(**WORKING, redirects_to="") as (site, service):
        client = await opened(site)
        service.now(step=RunStep.DONE, status=RunStatus.OPEN, tasks=("add_number",))
        await sees(client, "It has no number yet.")
        await sees(client, "You can close this page now.")
        assert service.said == [("finish",)]


async def test_a_run_taken_up_elsewhere_says_so_here() -> None:
    async with onboarding_site() as (site, service):
        client = await opened(site)
        service.secret = "o" * 43
        service.now(company="X")
        await sees(client, "You went on in another browser")


async def test_a_message_is_passed_on_with_its_origin_for_the_service_to_judge() -> None:
    async with onboarding_site(**AT_META) as (site, service):
        client = await opened(site)
        part = client.find(kind=type(part_of(client)))
        part.trigger("signal", signal("message", '{"type":"WA_EMBEDDED_SIGNUP"}', ORIGIN))
        part.trigger("signal", {"kind": "evil"})
        await until(lambda: bool(service.said))
        assert service.said == [("meta_message", '{"type":"WA_EMBEDDED_SIGNUP"}', ORIGIN)]


async def test_meta_s_script_kept_away_is_explained() -> None:
    async with onboarding_site(**AT_META) as (site, _):
        client = await opened(site)
        client.find(kind=type(part_of(client))).trigger("unloadable")
        await sees(client, "Meta’s part of this page was not loaded")


async def test_a_run_put_aside_can_begin_again() -> None:
    async with onboarding_site(status=RunStatus.ABANDONED, step=RunStep.META) as (site, _):
        await sees(await opened(site), "Begin again")


@pytest.mark.parametrize("values", [{}, AT_CODE, AT_META, WORKING, STOPPED])
async def test_a_page_stays_small(values: dict[str, Any]) -> None:
    given = values | ({"trouble": trouble("pin_mismatch")} if values is STOPPED else {})
    async with onboarding_site(**given) as (site, _):
        assert len((await opened(site)).page.elements) <= 150


async def test_a_page_that_is_left_hears_nothing_more() -> None:
    async with onboarding_site() as (site, _):
        client = await opened(site)
        assert site.live.subscribers("PAacme") == 1
        client.page.delete()
        assert site.live.subscribers("PAacme") == 0
