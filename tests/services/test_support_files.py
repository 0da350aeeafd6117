"""Files of conversations: drawn anew, sent once, seen by whom they were sent to."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from core.clock import FixedClock
from core.errors import Conflict, InvalidInput, NotFound
from core.support import assembly
from core.support.files import FILES_PER_MESSAGE, MOST_UNSENT
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from tests.services.support_world import World, build

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
UPLOADS = Path(__file__).parents[1] / "corpora" / "uploads.json"


@pytest.fixture
def world(database: SqlDatabase, clock: FixedClock, feed: LocalFeed) -> World:
    return build(database, clock, feed)


def upload(id_: str) -> bytes:
    """A file of the corpus."""
    files = {file["id"]: file for file in json.loads(UPLOADS.read_text())["files"]}
    return base64.b64decode(files[id_]["b64"])


def test_a_picture_is_stored_as_we_drew_it(world: World) -> None:
    kept = world.support.keep_file(world.owner, "../../shot.PNG.exe", upload("U11"))
    assert (kept.name, kept.media_type) == ("shot.PNG.png", "image/png")
    name, media_type, content = world.support.file(world.owner, kept.id)
    assert (name, media_type, len(content)) == (kept.name, kept.media_type, kept.size)
    assert b"<script" not in content


def test_a_pdf_is_kept_as_it_is(world: World) -> None:
    kept = world.support.keep_file(world.owner, "contract.pdf", PDF)
    assert world.support.file(world.owner, kept.id) == ("contract.pdf", "application/pdf", PDF)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (PDF + b" " * 2**21, "file_too_large"),
        (b"GIF89a", "file_type"),
        (b"<html>%PDF-1.7 %%EOF", "file_type"),
        (b"\x89PNG\r\n\x1a\nnothing", "file_broken"),
    ],
)
def test_what_is_no_such_file_is_refused(world: World, content: bytes, code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        world.support.keep_file(world.owner, "x.pdf", content)
    assert (refusal.value.code, refusal.value.about["field"]) == (code, "file")


def test_a_file_goes_with_one_message_and_is_seen_by_both_sides(world: World) -> None:
    file = world.support.keep_file(world.owner, "a.pdf", PDF)
    with pytest.raises(NotFound):
        world.desk.file(world.sam, file.id)  # not sent yet
    with pytest.raises(NotFound):
        world.support.file(world.other_owner, file.id)
    id_ = world.open("", file_ids=(file.id, file.id)).row.id
    assert world.desk.conversation(world.sam, id_).messages[0].files == (file,)
    assert world.desk.file(world.sam, file.id)[2] == PDF
    assert world.support.file(world.other_owner, file.id)[2] == PDF
    with pytest.raises(InvalidInput, match="unknown_file"):
        world.support.write(world.owner, id_, "again", (file.id,))
    with pytest.raises(NotFound):
        world.support.file(world.stranger, file.id)


def test_nobody_sends_the_files_of_others(world: World) -> None:
    mine = world.support.keep_file(world.owner, "a.pdf", PDF)
    id_ = world.open().row.id
    before = len(world.support.conversation(world.owner, id_).messages)
    for who in (world.other_owner, world.stranger):
        with pytest.raises((InvalidInput, NotFound)):
            world.support.write(who, id_, "look", (mine.id,))
    with pytest.raises(InvalidInput, match="unknown_file"):
        world.desk.answer(world.sam, id_, "look", (mine.id,))
    for unknown in ("A" * 22, "", "\x00"):
        with pytest.raises(InvalidInput, match="unknown_file"):
            world.support.write(world.owner, id_, "look", (unknown,))
    assert len(world.support.conversation(world.owner, id_).messages) == before


def test_staff_send_files_that_the_partner_sees_once_they_are_sent(world: World) -> None:
    id_ = world.open().row.id
    file = world.desk.keep_file(world.sam, id_, "how.pdf", PDF)
    with pytest.raises(NotFound):
        world.support.file(world.owner, file.id)
    with pytest.raises(NotFound):
        world.desk.file(world.una, file.id)
    world.desk.answer(world.sam, id_, "", (file.id,))
    assert world.support.file(world.owner, file.id)[2] == PDF
    elsewhere = world.open(who=world.stranger).row.id
    other = world.desk.keep_file(world.sam, id_, "b.pdf", PDF)
    with pytest.raises(InvalidInput, match="unknown_file"):  # kept for another partner
        world.desk.answer(world.sam, elsewhere, "", (other.id,))


def test_files_are_few(world: World) -> None:
    kept = [world.support.keep_file(world.owner, "a.pdf", PDF) for _ in range(MOST_UNSENT)]
    with pytest.raises(Conflict, match="too_many_files"):
        world.support.keep_file(world.owner, "a.pdf", PDF)
    ids = tuple(file.id for file in kept)
    with pytest.raises(InvalidInput, match="too_many_files"):
        world.open("", file_ids=ids)
    world.open("", file_ids=ids[:FILES_PER_MESSAGE])
    world.support.keep_file(world.owner, "a.pdf", PDF)


def test_what_nobody_sends_is_forgotten_after_a_day(world: World) -> None:
    sent = world.support.keep_file(world.owner, "a.pdf", PDF)
    world.open("", file_ids=(sent.id,))
    world.support.keep_file(world.owner, "b.pdf", PDF)
    world.pass_time(hours=23)
    assert assembly.sweep(world.room) == 0
    world.pass_time(hours=2)
    late = world.support.keep_file(world.owner, "c.pdf", PDF)
    assert world.below.jobs.tick(assembly.SWEEP) == 1
    assert world.support.file(world.owner, sent.id)[2] == PDF
    assert world.support.file(world.owner, late.id)[2] == PDF
