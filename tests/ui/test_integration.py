"""The Integration page: each setting alone, judged while it is typed, live for the other owner."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from nicegui import ui

from core.errors import Unavailable
from core.integration.outbound.signatures import signing_secret
from core.ports import OutgoingAnswer
from tests.services.integration_world import SOLUTION
from tests.ui.conftest import Browser, Serve, until
from tests.ui.integration_site import (
    PLACES,
    IntegrationSite,
    field,
    fire,
    integration_site,
    press,
    pressable,
    texts,
    type_into,
)

PATH = "/integration"
OTHER_SOLUTION = "999999999999999"
URL = "https://shop.example.com/done"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[IntegrationSite]:
    with integration_site(tmp_path) as site:
        yield site


def switch(user: Browser, label: str) -> ui.switch:
    (found,) = [
        e for e in user.page.elements.values() if isinstance(e, ui.switch) and e.text == label
    ]
    return found


def secret_on(user: Browser) -> str:
    """The secret in the open dialog, in its plain form."""
    (standard,) = [text for text in texts(user) if text.startswith("whsec_")]
    (plain,) = [text for text in texts(user) if signing_secret(text) == standard]
    return plain


async def saved(user: Browser, label: str, text: str) -> None:
    type_into(user, label, text)
    press(user, f"Save {label}")


async def test_the_page_says_what_is_set_and_what_is_next(
    serve: Serve, world: IntegrationSite
) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        await user.should_see("One step left")
        assert field(user, "Redirect URL").value == "https://partner.example/done"
        assert field(user, "Solution ID").value == SOLUTION
        assert field(user, "Region of new numbers").value == ""
        for text in ("Active", "Platform secret", "IO Signature", "Your server and the hub"):
            await user.should_see(text)
        assert f"http://test/onboarding/{world.partner.id}" in texts(user)
        assert len(user.page.elements) <= 200
        assert user.page.title == "Integration · Partner Hub"


async def test_a_field_is_judged_while_it_is_typed_and_saved_alone(
    serve: Serve, world: IntegrationSite
) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        save = pressable(user, "Save Redirect URL")
        assert save is not None
        assert not save.enabled
        type_into(user, "Solution ID", "123")
        typed = type_into(user, "Redirect URL", "http://shop.example.com/done")
        assert typed.error == "It has to begin with https://."
        assert not save.enabled
        type_into(user, "Redirect URL", URL)
        assert typed.error is None
        press(user, "Save Redirect URL")
        await until(lambda: world.partner.redirect_url == URL)
        assert not save.enabled
        assert field(user, "Solution ID").value == "123"
        assert world.partner.solution_id == SOLUTION


async def test_what_one_owner_saves_is_on_the_others_page(
    serve: Serve, world: IntegrationSite
) -> None:
    async with serve(PLACES, world.hub) as site:
        user, second = site.browser(), site.browser("second")
        await user.open(PATH)
        await second.open(PATH)
        await saved(user, "Redirect URL", URL)
        await saved(user, "Region of new numbers", "DE")
        await until(lambda: field(second, "Redirect URL").value == URL)
        await until(lambda: field(second, "Region of new numbers").value == "DE")


async def test_a_field_that_somebody_is_at_is_not_overwritten_but_told(
    serve: Serve, world: IntegrationSite
) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        mine = "https://mine.example.com/x"
        type_into(user, "Redirect URL", mine)
        world.do(world.hub.integration.set_redirect_url, URL)
        await user.should_see("What you type is kept")
        assert field(user, "Redirect URL").value == mine
        press(user, "Take it over")
        assert field(user, "Redirect URL").value == URL
        await user.should_not_see("What you type is kept")
        at = field(user, "Solution ID")
        fire(user, at, "focus")
        world.world.meta.solutions[OTHER_SOLUTION] = "ACTIVE"
        world.do(world.hub.integration.set_solution_id, OTHER_SOLUTION)
        await user.should_see("What you type is kept")
        assert at.value == SOLUTION


async def test_without_a_redirect_url_the_page_is_loud(
    serve: Serve, world: IntegrationSite
) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        await user.should_not_see("No redirect URL is set")
        await saved(user, "Redirect URL", "")
        await user.should_see("No redirect URL is set")
        await user.should_see("Nobody comes back")
        button = pressable(user, "Test the redirect URL")
        assert button is not None
        assert not button.enabled


async def test_the_test_shows_the_answer(serve: Serve, world: IntegrationSite) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        press(user, "Test the redirect URL")
        await user.should_see("HTTP 200")
        world.world.outgoing.answer = OutgoingAnswer(status=500, headers={}, body=b"", seconds=0.2)
        await until(
            lambda: (b := pressable(user, "Test the redirect URL")) is not None and b.enabled
        )
        press(user, "Test the redirect URL")
        await user.should_see("HTTP 500")
        await user.should_see("Clients would see that.")


async def test_origins_are_saved_as_they_are_compared(serve: Serve, world: IntegrationSite) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        label = "More origins (optional)"
        typed = type_into(user, label, "https://a.example.com/path")
        assert typed.error == (
            "https://a.example.com/path: Only scheme, host and port, such as "
            "https://test.example.com."
        )
        await saved(user, label, "https://a.example.com/, https://b.example.com")
        await until(lambda: typed.value == "https://a.example.com\nhttps://b.example.com")
        assert world.partner.extra_origins == ["https://a.example.com", "https://b.example.com"]


async def test_a_solution_is_checked_at_meta_before_it_is_saved(
    serve: Serve, world: IntegrationSite
) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        typed = field(user, "Solution ID")
        await saved(user, "Solution ID", OTHER_SOLUTION)
        await until(lambda: bool(typed.error))
        assert typed.error == "Meta knows no solution with this ID. Nothing was saved."
        world.world.meta.solutions[OTHER_SOLUTION] = "DEACTIVATED"
        world.world.meta.fail("solution", Unavailable("down", sent=False))
        press(user, "Save Solution ID")
        await until(lambda: str(typed.error).startswith("Meta does not answer"))
        press(user, "Save Solution ID")
        await user.should_see("Deactivated")
        await user.should_see("Clients cannot begin")
        world.world.meta.solutions[OTHER_SOLUTION] = "ACTIVE"
        press(user, "Ask Meta again")
        await user.should_see("Links can be issued and accounts shared.")


async def test_the_platform_secret_is_made_shown_once_and_rotated(
    serve: Serve, world: IntegrationSite
) -> None:
    async with serve(PLACES, world.hub) as site:
        user, second = site.browser(), site.browser("second")
        await user.open(PATH)
        await second.open(PATH)
        press(user, "Make a secret")
        await user.should_see("I have copied it")
        shown = secret_on(user)
        press(user, "I have copied it")
        await until(lambda: pressable(second, "Rotate") is not None)
        assert not {shown, signing_secret(shown)} & set(texts(second))
        press(second, "Rotate")
        await second.should_see("Rotate the platform secret?")
        press(second, "Rotate it")
        await second.should_see("The secret before stays good until")
        newer = secret_on(second)
        assert newer != shown
        await user.should_see("Rotating")
        press(user, "End the old one now")
        await user.should_see("End the old platform secret now?")
        press(user, "End it now")
        await until(lambda: world.partner.platform_secret_previous == "")
        await until(lambda: pressable(second, "Rotate") is not None)


async def test_a_secret_is_shown_again_after_a_confirmation(
    serve: Serve, world: IntegrationSite
) -> None:
    made = world.do(world.hub.integration.generate_secret)
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        press(user, "Show")
        await user.should_see("Show the platform secret?")
        assert made.secret not in texts(user)
        press(user, "Show it")
        await user.should_see(made.secret)


async def test_io_signature_needs_a_secret_and_asks_before(
    serve: Serve, world: IntegrationSite
) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        flip = switch(user, "IO Signature")
        with user.page:
            flip.value = True
        await user.should_see("Switch IO Signature on?")
        press(user, "Switch it on")
        await user.should_see("There is no platform secret yet. Make one first.")
        assert flip.value is False
        world.do(world.hub.integration.generate_secret)
        with user.page:
            flip.value = True
        await user.should_see("Switch IO Signature on?")
        press(user, "Cancel")
        await until(lambda: flip.value is False)
        with user.page:
            flip.value = True
        await user.should_see("Switch IO Signature on?")
        press(user, "Switch it on")
        await until(lambda: world.partner.io_signature)
        assert flip.value is True


async def test_clients_of_others_are_taken_unasked_only_when_switched_on(
    serve: Serve, world: IntegrationSite
) -> None:
    label = "Take them unasked"
    async with serve(PLACES, world.hub) as site:
        user, second = site.browser(), site.browser("second")
        for each in (user, second):
            await each.open(PATH)
        assert switch(user, label).value is False
        with user.page:
            switch(user, label).value = True
        await until(lambda: world.partner.partner_change_auto_approve)
        await until(lambda: switch(second, label).value is True)
        with second.page:
            switch(second, label).value = False
        await until(lambda: not world.partner.partner_change_auto_approve)
        await until(lambda: switch(user, label).value is False)


async def test_an_overlap_that_has_run_out_is_over(serve: Serve, world: IntegrationSite) -> None:
    world.do(world.hub.integration.generate_secret)
    world.do(world.hub.integration.rotate_secret)
    world.world.clock.advance(timedelta(days=8))
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        await user.should_see("It is the only one that is good.")
        assert pressable(user, "Rotate") is not None


async def test_a_member_is_told_that_it_is_for_owners(serve: Serve, world: IntegrationSite) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser("member")
        for path in (PATH, f"{PATH}/webhooks", f"{PATH}/webhooks/deliveries", f"{PATH}/keys"):
            assert await user.open_any(path) == 403
            await user.should_see("Your role does not allow this.")


async def test_another_partner_sees_its_own(serve: Serve, world: IntegrationSite) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser("stranger")
        await user.open(PATH)
        await user.should_see(f"http://test/onboarding/{world.world.other.id}")
        await user.should_not_see(world.partner.id)
