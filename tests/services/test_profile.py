"""The brand that clients see: what is taken, what is told of it, and who may."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlmodel import col, select

from core.access import Gate, Principal
from core.clock import FixedClock
from core.errors import Conflict, Forbidden, InvalidInput
from core.events import Event
from core.integration.shapes.partner import partner_object
from core.partners.entities import BillingModel, Partner, Role
from core.partners.profile.rules import LOGO_SIDE, Crop, name_fault, tidy_name
from core.partners.profile.service import Profile
from core.ports import Everything
from core.uploads.pictures import Pictures
from storage.blobs import FolderBlobs
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from tests import factories

TEST = Everything("test")
CORPORA = Path(__file__).parents[1] / "corpora"
UPLOADS = json.loads((CORPORA / "uploads.json").read_text())["files"]


class World:
    """An owner and a member of one partner."""

    def __init__(self, database: SqlDatabase, clock: FixedClock, folder: Path) -> None:
        self.database = database
        self.blobs = FolderBlobs(folder)
        self.profile = Profile(Gate(database, clock), clock, self.blobs, Pictures())
        with database.transaction(TEST) as session:
            partner = factories.make_partner(session, brand_name="Acme", brand_color="")
            self.partner_id = partner.id
            self.owner = factories.make_principal(session, partner, clock=clock)
            self.member = factories.make_principal(session, partner, Role.MEMBER, clock)

    def row(self) -> Partner:
        with self.database.reading(TEST) as session:
            return session.get_one(Partner, self.partner_id)

    def change(self, **values: Any) -> None:
        with self.database.transaction(TEST) as session:
            session.get_one(Partner, self.partner_id).sqlmodel_update(values)

    def changes(self) -> list[tuple[str, str, Any, Any]]:
        """Who, field, before, after; oldest first."""
        with self.database.reading(TEST) as session:
            found = select(Event).where(Event.type == "profile_changed").order_by(col(Event.id))
            rows = session.exec(found).all()
        return [(e.actor, e.data["field"], e.data["before"], e.data["after"]) for e in rows]

    def logo(self) -> Image.Image:
        content, media_type = self.blobs.get(self.row().logo_hash)
        picture = Image.open(BytesIO(content))
        assert picture.get_format_mimetype() == media_type
        return picture


@pytest.fixture
def world(
    tmp_path: Path, migrated_file: Path, feed: LocalFeed, clock: FixedClock
) -> Iterator[World]:
    url = f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'alone.sqlite3')}"
    database = SqlDatabase(url, feed, threads=4)
    yield World(database, clock, tmp_path / "blobs")
    database.close()


def png(width: int, height: int, color: str = "red", box: tuple[int, ...] = ()) -> bytes:
    picture = Image.new("RGB", (width, height), color)
    if box:
        picture.paste("blue", box)  # type: ignore[arg-type]
    written = BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()


def test_each_thing_is_saved_alone_and_told_with_what_was_before(world: World) -> None:
    who = world.owner
    assert world.profile.set_brand_name(who, "  Acme   Söhne ").brand_name == "Acme Söhne"
    world.profile.set_brand_color(who, "#0f766e")
    world.profile.set_brand_name(who, "Acme Söhne")  # as it is: nothing happens
    world.profile.set_clients_may_add_numbers(who, False)
    by = who.person_id
    assert world.changes() == [
        (by, "brand_name", "Acme", "Acme Söhne"),
        (by, "brand_color", "", "#0F766E"),
        (by, "clients_may_add_numbers", True, False),
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "needed"),
        ("  ", "needed"),
        ("\u200d", "needed"),
        ("\u0301", "needed"),
        ("A\x00", "signs"),
        ("A\r\nBcc: x@y", "signs"),
        ("\u202eemcA", "signs"),
        ("A\u200b", "signs"),
        ("A\u2028B", "signs"),
        ("\ud800", "signs"),
        ("a" * 121, "too_long"),
        ("a" * 120, ""),
        ("北京 <b>&</b> {{7*7}}", ""),
        ("👨\u200d👩\u200d👧 Familie", ""),
    ],
)
def test_a_name_is_what_it_looks_like(text: str, code: str) -> None:
    assert name_fault(text) == code


def test_names_are_kept_in_one_form() -> None:
    assert tidy_name(" A\u030a  B ") == "Å B"


def test_only_colours_are_colours(world: World) -> None:
    for text in ("red", "#FFF", "#GGGGGG", "#000000;x", "#000000\n#"):
        with pytest.raises(InvalidInput, match="color_form"):
            world.profile.set_brand_color(world.owner, text)
    assert world.profile.set_brand_color(world.owner, "").brand_color == ""


def test_the_part_that_was_chosen_is_the_logo_and_no_larger_than_needed(world: World) -> None:
    content = png(1600, 1000, box=(200, 100, 1400, 900))
    world.profile.set_logo(world.owner, content, Crop(left=200, top=100, width=1200, height=800))
    logo = world.logo().convert("RGB")
    assert logo.size == (LOGO_SIDE, round(LOGO_SIDE * 800 / 1200))
    corners = [(0, 0), (logo.width - 1, 0), (0, logo.height - 1), (logo.width - 1, logo.height - 1)]
    assert {logo.getpixel(at) for at in corners} == {(0, 0, 255)}
    small = png(100, 40)
    world.profile.set_logo(world.owner, small)
    assert world.logo().size == (100, 40)


def test_the_part_is_of_the_picture_the_right_way_up(world: World) -> None:
    picture = Image.new("RGB", (60, 100), "red")
    picture.paste("blue", (0, 0, 60, 40))
    exif = picture.getexif()
    exif[0x0112] = 6  # to be turned by 90 degrees: what was on top is on the right
    written = BytesIO()
    picture.save(written, "JPEG", exif=exif, quality=95)
    content = written.getvalue()
    world.profile.set_logo(world.owner, content, Crop(left=60, top=0, width=40, height=60))
    red, _, blue = world.logo().convert("RGB").getpixel((20, 30))  # type: ignore[misc]
    assert blue > 2 * red


@pytest.mark.parametrize(
    ("crop", "code"),
    [
        (Crop(left=0, top=0, width=101, height=50), "crop_outside"),
        (Crop(left=90, top=0, width=50, height=50), "crop_outside"),
        (Crop(left=-1, top=0, width=50, height=50), "crop_outside"),
        (Crop(left=0, top=0, width=100, height=31), "picture_too_small"),
        (Crop(left=10, top=10, width=0, height=0), "picture_too_small"),
    ],
)
def test_a_part_lies_within_the_picture(world: World, crop: Crop, code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        world.profile.set_logo(world.owner, png(100, 80), crop)
    assert refusal.value.code == code
    assert world.row().logo_hash == ""


def test_a_logo_can_be_seen_whatever_the_picture_is(world: World) -> None:
    for width, height in ((4000, 32), (32, 300)):
        with pytest.raises(InvalidInput) as refusal:
            world.profile.set_logo(world.owner, png(width, height))
        assert refusal.value.code == "picture_too_thin"
    thin = Crop(left=0, top=0, width=2000, height=100)
    with pytest.raises(InvalidInput, match="picture_too_thin"):
        world.profile.set_logo(world.owner, png(2000, 400), thin)
    assert world.row().logo_hash == ""
    world.profile.set_logo(world.owner, png(4000, 32), Crop(left=0, top=0, width=256, height=32))
    assert world.logo().size == (256, 32)


def test_no_file_of_the_corpus_gets_further_as_a_logo_than_it_should(world: World) -> None:
    for file in UPLOADS:
        if file["b64"] is None:
            continue
        content = base64.b64decode(file["b64"])
        if file["expect"] == "reject":
            with pytest.raises(InvalidInput):
                world.profile.set_logo(world.owner, content)
            continue
        world.profile.set_logo(world.owner, content)
        assert b"<script" not in world.blobs.get(world.row().logo_hash)[0]


def test_a_removed_logo_can_be_put_back_until_there_is_another(world: World) -> None:
    first = world.profile.set_logo(world.owner, png(64, 64)).logo_hash
    assert world.profile.remove_logo(world.owner).logo_hash == ""
    assert world.profile.put_logo_back(world.owner).logo_hash == first
    with pytest.raises(Conflict):
        world.profile.put_logo_back(world.owner)
    assert [change[1:] for change in world.changes()] == [
        ("logo_hash", "", first),
        ("logo_hash", first, ""),
        ("logo_hash", "", first),
    ]


def test_programs_are_told_the_same_brand(world: World) -> None:
    logo = world.profile.set_logo(world.owner, png(64, 64)).logo_hash
    world.profile.set_brand_name(world.owner, "New name")
    told = partner_object(world.row(), base_url="https://hub.test", plan="", webhook_url="")
    assert (told["brand_name"], told["logo_url"]) == ("New name", f"https://hub.test/logos/{logo}")
    world.profile.remove_logo(world.owner)
    told = partner_object(world.row(), base_url="https://hub.test", plan="", webhook_url="")
    assert told["logo_url"] == ""


def test_where_clients_pay_they_decide_for_themselves(world: World) -> None:
    world.change(billing_model=BillingModel.DIRECT_PAID.value)
    with pytest.raises(Conflict, match="direct_paid"):
        world.profile.set_clients_may_add_numbers(world.owner, False)
    assert world.row().clients_may_add_numbers


def test_members_neither_see_nor_change_it(world: World) -> None:
    def refused(verb: Any, *args: Any) -> None:
        with pytest.raises(Forbidden):
            verb(world.member, *args)

    member: Principal = world.member
    assert member.role == Role.MEMBER
    refused(world.profile.look)
    refused(world.profile.set_brand_name, "Mine")
    refused(world.profile.set_brand_color, "#000000")
    refused(world.profile.set_logo, png(64, 64))
    refused(world.profile.remove_logo)
    refused(world.profile.put_logo_back)
    refused(world.profile.set_clients_may_add_numbers, False)
    assert world.changes() == []
