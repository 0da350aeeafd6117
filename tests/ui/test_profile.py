"""The profile: each part alone, the client's page beside it, live for the other owner."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from nicegui import ui
from sqlmodel import func, select

from core.access import Gate
from core.onboarding.entities import OnboardingRun
from core.partners.entities import BillingModel
from core.partners.profile.service import Profile
from core.uploads.pictures import Pictures
from storage.blobs import FolderBlobs
from tests.services.integration_world import TEST
from tests.services.test_profile import png
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
from ui.elements.logo_crop import LogoCrop

PATH = "/profile"
DRAFT = "data:image/webp;base64,UklGRg=="
ADD = "Allow clients to add phone numbers"


def with_profile(site: IntegrationSite, folder: Path) -> IntegrationSite:
    world = site.world
    gate = Gate(world.database, world.clock)
    site.hub.profile = Profile(gate, world.clock, FolderBlobs(folder), Pictures())
    return site


@pytest.fixture
def world(tmp_path: Path) -> Iterator[IntegrationSite]:
    with integration_site(tmp_path, {"brand_color": "#0F766E"}) as site:
        yield with_profile(site, tmp_path / "blobs")


@pytest.fixture
def direct_paid(tmp_path: Path) -> Iterator[IntegrationSite]:
    direct = {"billing_model": BillingModel.DIRECT_PAID.value}
    with integration_site(tmp_path, direct) as site:
        yield with_profile(site, tmp_path / "blobs")


def switch(user: Browser) -> ui.switch:
    (found,) = [e for e in user.page.elements.values() if isinstance(e, ui.switch)]
    return found


def crop(user: Browser) -> LogoCrop:
    (found,) = [e for e in user.page.elements.values() if isinstance(e, LogoCrop)]
    return found


def classed(user: Browser, name: str) -> Any:
    """The element of the preview with this class."""
    (found,) = [e for e in user.page.elements.values() if name in e.classes]
    return found


def runs(world: IntegrationSite) -> int:
    with world.world.database.reading(TEST) as session:
        return session.exec(select(func.count()).select_from(OnboardingRun)).one()


async def test_the_preview_is_the_clients_own_page_and_makes_no_run(
    serve: Serve, world: IntegrationSite
) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        await user.should_see("Connect WhatsApp with Acme")
        room = classed(user, "pf-page")
        assert room.props["inert"] is True
        for step in ("Before Meta", "Setting up", "Permission", "Done", "A second number"):
            with user.page:
                field(user, "Step").value = step
        with user.page:
            field(user, "Language").value = "de"
        assert await asyncio.to_thread(runs, world) == 0


async def test_what_is_typed_is_seen_before_it_is_saved_and_only_here(
    serve: Serve, world: IntegrationSite
) -> None:
    async with serve(PLACES, world.hub) as site:
        user, second = site.browser(), site.browser("second")
        await user.open(PATH)
        await second.open(PATH)
        type_into(user, "Brand name", "Söhne")
        assert classed(user, "ob-brand").text == "Söhne"
        assert "Connect WhatsApp with Söhne" in texts(user)
        type_into(user, "Brand name", "  ")
        assert classed(user, "ob-brand").text == "Acme"
        save = pressable(user, "Save Brand name")
        assert save is not None
        assert not save.enabled
        type_into(user, "Brand colour", "#E4002B")
        assert "#E4002B" in str(classed(user, "ob").style)
        fire(user, crop(user), "draft", DRAFT)
        assert classed(user, "ob-logo").props["src"] == DRAFT
        fire(user, crop(user), "draft", "javascript:alert(1)")
        assert classed(user, "ob-logo").props["src"] == ""
        assert classed(second, "ob-brand").text == "Acme"
        assert world.partner.brand_name == "Acme"


async def test_what_one_owner_saves_is_on_the_others_page_and_in_the_top_bar(
    serve: Serve, world: IntegrationSite
) -> None:
    async with serve(PLACES, world.hub) as site:
        user, second = site.browser(), site.browser("second")
        await user.open(PATH)
        await second.open(PATH)
        type_into(user, "Brand name", "Söhne")
        press(user, "Save Brand name")
        await until(lambda: field(second, "Brand name").value == "Söhne")
        assert classed(second, "ob-brand").text == "Söhne"
        logo = world.do(world.hub.profile.set_logo, png(64, 64)).logo_hash
        await until(lambda: crop(user).props["logo"] == f"/logos/{logo}")
        assert classed(user, "ob-logo").props["src"] == f"/logos/{logo}"


async def test_somebody_who_types_is_told_and_keeps_it(
    serve: Serve, world: IntegrationSite
) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        type_into(user, "Brand name", "Mine")
        world.do(world.hub.profile.set_brand_name, "Theirs")
        await user.should_see("What you type is kept")
        assert field(user, "Brand name").value == "Mine"
        press(user, "Take it over")
        assert field(user, "Brand name").value == "Theirs"
        assert classed(user, "ob-brand").text == "Theirs"


async def test_what_was_saved_is_no_longer_typed_and_gives_way_to_what_another_owner_saves(
    serve: Serve, world: IntegrationSite
) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        fire(user, field(user, "Brand name"), "focus")
        typed = type_into(user, "Brand name", "Mine")
        fire(user, typed, "keydown.enter")
        await until(lambda: world.partner.brand_name == "Mine")
        await user.should_see("The name is saved.")
        world.do(world.hub.profile.set_brand_name, "Theirs")
        await until(lambda: typed.value == "Theirs")
        assert classed(user, "ob-brand").text == "Theirs"
        await user.should_not_see("What you type is kept")


async def test_what_is_typed_outlives_a_break_of_the_connection_but_not_leaving_the_page(
    serve: Serve, world: IntegrationSite
) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        first = type_into(user, "Brand name", "Söhne")
        await user.page.handle_handshake("test-again", "tab", None, "document-again", None)
        await until(lambda: first.is_deleted and pressable(user, "Save Brand name") is not None)
        await until(lambda: field(user, "Brand name").value == "Söhne")
        assert classed(user, "ob-brand").text == "Söhne"
        save = pressable(user, "Save Brand name")
        assert save is not None
        assert save.enabled
        await user.go("/integration")
        await user.go(PATH)
        assert field(user, "Brand name").value == "Acme"


async def test_a_colour_that_nobody_could_read_is_not_taken(
    serve: Serve, world: IntegrationSite
) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        await user.should_see("It can be read on light and on dark.")
        type_into(user, "Brand colour", "#FFD400")
        await user.should_see("Used on dark pages.")
        typed = type_into(user, "Brand colour", "#777")
        assert typed.error == "A # and six hexadecimal digits, such as #0F766E."


async def test_removing_the_logo_and_the_switch_can_be_undone(
    serve: Serve, world: IntegrationSite
) -> None:
    logo = world.do(world.hub.profile.set_logo, png(64, 64)).logo_hash
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        fire(user, crop(user), "remove")
        await until(lambda: world.partner.logo_hash == "")
        await until(lambda: pressable(user, "Undo") is not None)
        press(user, "Undo")
        await until(lambda: world.partner.logo_hash == logo)
        await until(lambda: pressable(user, "Undo") is None)
        with user.page:
            switch(user).value = False
        await until(lambda: not world.partner.clients_may_add_numbers)
        with user.page:
            field(user, "Step").value = "A second number"
        await user.should_see("Numbers are added by Acme")
        await until(lambda: pressable(user, "Undo") is not None)
        press(user, "Undo")
        await until(lambda: world.partner.clients_may_add_numbers)
        await until(lambda: switch(user).value is True)
        await user.should_see("Now connect your WhatsApp account")


async def test_where_clients_pay_the_page_says_why_there_is_no_switch(
    serve: Serve, direct_paid: IntegrationSite
) -> None:
    async with serve(PLACES, direct_paid.hub) as site:
        user = site.browser()
        await user.open(PATH)
        await user.should_see("Your clients pay for themselves")
        await user.should_not_see(ADD)


async def test_members_are_told_that_owners_do_this(serve: Serve, world: IntegrationSite) -> None:
    async with serve(PLACES, world.hub) as site:
        assert await site.browser("member").open_any(PATH) == 403
