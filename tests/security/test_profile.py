"""Guards of brands and of switching; each is in the register, switched off once, missed here."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from nicegui import ui

from core.access import Permission
from core.clock import FixedClock
from core.errors import InvalidInput
from core.partners.entities import Role
from core.partners.profile.service import ProfileView
from core.whereabouts import Thing
from storage.database import SqlDatabase
from tests.security.rig import Browser, Rig
from tests.services.conftest import NOW
from tests.services.test_profile import World as Profiles
from tests.services.test_profile import png
from tests.services.test_whereabouts import TEST, World
from tests.ui.conftest import serving
from tests.ui.fake_hub import ACME, fake_hub
from ui import guards
from ui.api import profile_logo
from ui.elements.logo_crop import LogoCrop
from ui.pages import profile
from ui.places import sections

CORPUS = {
    file["id"]: base64.b64decode(file["b64"])
    for file in json.loads((Path(__file__).parents[1] / "corpora" / "uploads.json").read_text())[
        "files"
    ]
    if file["b64"] is not None
}

LOOK = ProfileView(
    partner_id=ACME.id,
    brand_name="Acme",
    logo_hash="",
    brand_color="",
    is_direct_paid=False,
    clients_may_add_numbers=True,
)


@pytest.fixture
def profiles(database: SqlDatabase, tmp_path: Path) -> Profiles:
    return Profiles(database, FixedClock(NOW), tmp_path / "blobs")


@pytest.fixture
def world(database: SqlDatabase) -> World:
    return World(database, FixedClock(NOW))


def code_of(profiles: Profiles, content: bytes) -> str:
    with pytest.raises(InvalidInput) as refusal:
        profiles.profile.set_logo(profiles.owner, content)
    return refusal.value.code


def test_a_logo_has_two_mebibytes_at_the_most(profiles: Profiles) -> None:
    picture = png(64, 64)
    padded = picture + b" " * (2 * 2**20 + 1 - len(picture))
    assert code_of(profiles, padded) == "file_too_large"


def test_a_logo_with_many_pixels_is_not_decoded(profiles: Profiles) -> None:
    for id_ in ("U45", "U47"):
        assert code_of(profiles, CORPUS[id_]) == "picture_too_large"


def test_a_logo_is_nothing_but_a_picture(profiles: Profiles) -> None:
    for id_ in ("U13", "U15", "U23", "U31", "U35"):
        assert code_of(profiles, CORPUS[id_]) == "file_type"


def test_nothing_rides_along_with_a_logo(profiles: Profiles) -> None:
    for id_ in ("U09", "U11"):
        profiles.profile.set_logo(profiles.owner, CORPUS[id_])
        assert b"script" not in profiles.blobs.get(profiles.row().logo_hash)[0]


def test_a_name_cannot_turn_itself_around(profiles: Profiles) -> None:
    for text in ("\u202eemcA", "A\x00", "A\r\nBcc: a@evil.example"):
        with pytest.raises(InvalidInput, match="signs"):
            profiles.profile.set_brand_name(profiles.owner, text)


async def test_another_sites_page_changes_no_logo(unbuilt: Rig, profiles: Profiles) -> None:
    hub = dataclasses.replace(unbuilt.hub, profile=profiles.profile)
    app = FastAPI()
    guards.install(app, hub.settings)
    profile_logo.install(app, hub)
    secret, _ = await asyncio.to_thread(unbuilt.session_of, "ada")
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(
        transport=transport,
        base_url=unbuilt.settings.base_url,
        cookies={"__Host-hub": secret},
    ) as ada:
        for origin in ("https://evil.example", "null", "https://hub.test.evil.example"):
            answer = await ada.post(
                "/profile/logo", content=png(64, 64), headers={"origin": origin}
            )
            assert answer.status_code == 403, origin
        ours = {"origin": unbuilt.settings.origin}
        wide = await ada.post("/profile/logo?left=0&top=0&width=65&height=64", headers=ours,
                              content=png(64, 64))  # fmt: skip
        assert (wide.status_code, "outside" in wide.json()["why"]) == (400, True)
        large = await ada.post("/profile/logo", headers=ours, content=b"x" * (3 * 2**20))
        assert large.status_code == 413
        taken = await ada.post("/profile/logo", headers=ours, content=png(64, 64))
        assert taken.status_code == 201
        ada.cookies.clear()
        assert (await ada.post("/profile/logo", headers=ours)).status_code == 401


def test_the_preview_shows_pictures_from_its_own_browser_only() -> None:
    drafts: list[str] = []
    told = LogoCrop._told
    part: Any = SimpleNamespace(_on_draft=drafts.append)
    for args in (
        "https://evil.example/x.png",
        "data:image/svg+xml;base64,PHN2Zy8+",
        "data:text/html;base64,AAAA",
        'data:image/png;base64,AAAA" onerror="x',
        {"a": 1},
    ):
        told(part, SimpleNamespace(args=args))
    assert drafts == [""] * 5
    told(part, SimpleNamespace(args="data:image/webp;base64,UklGRg=="))
    assert drafts[-1] == "data:image/webp;base64,UklGRg=="


async def test_nothing_comes_of_pressing_a_button_of_the_preview() -> None:
    """The browser takes no clicks there; a socket may tell of one all the same."""
    hub, done = fake_hub(), []
    hub.onboarding.sign_up = lambda *args: done.append(args)
    hub.profile = SimpleNamespace(look=lambda _who: LOOK)
    async with serving(sections({"/profile": profile.build}), hub) as site:
        user = site.browser()
        await user.open("/profile")
        (button,) = user.find(kind=ui.button, content="Continue").elements
        for listener in list(button._event_listeners.values()):
            with user.page:
                button._handle_event({"listener_id": listener.id, "args": {}})
        await user.should_see("Connect WhatsApp with Acme")
        for _ in range(20):
            await asyncio.sleep(0)
    assert done == []


def test_nobody_learns_whether_a_strangers_thing_exists(world: World) -> None:
    for thing in Thing:
        told = world.whereabouts.elsewhere(
            world.eve, thing, world.id_of(thing, world.far), Permission.BILLING
        )
        assert told is None, thing


def test_a_member_there_learns_nothing_of_what_owners_see(world: World) -> None:
    with world.database.transaction(TEST) as session:
        world.join(world.eve, world.far, Role.MEMBER, session)
    for thing in (Thing.INVOICE, Thing.PAYMENT, Thing.LEDGER_ENTRY, Thing.DELIVERY):
        id_ = world.id_of(thing, world.far)
        assert world.whereabouts.elsewhere(world.eve, thing, id_, Permission.BILLING) is None


async def test_following_a_link_switches_nothing(rig: Rig, visitor: Browser) -> None:
    def second() -> str:
        partner = rig.hub.partners.create_partner(brand_name="Beta")
        rig.hub.partners.invite_first_owner(partner.id, email="ada@acme.example")
        return partner.id

    beta = await asyncio.to_thread(second)
    await visitor.sign_in("ada")
    secret = visitor.session or ""
    before = await asyncio.to_thread(rig.hub.sign_in.principal, secret)
    target = beta if before.partner_id != beta else rig.partner_id
    for path in (f"/switch?partner_id={target}", f"/switched?from=/accounts&partner_id={target}"):
        await visitor.hub.request(
            "GET", path, data={"partner_id": target}, headers={"sec-fetch-site": "same-origin"}
        )
    after = await asyncio.to_thread(rig.hub.sign_in.principal, secret)
    assert after.partner_id == before.partner_id
