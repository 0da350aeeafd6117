"""The door for files of support: who may post, what is answered, how files are served."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi import FastAPI

from core.clock import FixedClock
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from tests.services.support_world import World, build
from tests.services.test_support_files import PDF, upload
from tests.support.support_door import Browser, door

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def world(migrated_file: Path, tmp_path: Path) -> Iterator[World]:
    feed = LocalFeed()
    url = f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'hub.sqlite3')}"
    database = SqlDatabase(url, feed, threads=4)
    yield build(database, FixedClock(NOW), feed)
    database.close()


@pytest.fixture
def app(world: World) -> FastAPI:
    return door(world)


def test_a_picture_is_posted_sent_and_shown(world: World, app: FastAPI) -> None:
    owner, sam = Browser(world, app, world.owner), Browser(world, app, world.sam)
    answer = owner.post("/support/files?name=shot.png", content=upload("U01"))
    assert answer.status_code == 201
    told = answer.json()
    assert told["name"] == "shot.png"
    id_ = world.support.open(world.owner, "Look", "", (told["id"],)).row.id
    for who, path in ((owner, "/support/files/"), (sam, "/desk/files/")):
        shown = who.get(path + told["id"])
        assert shown.status_code == 200
        assert shown.headers["content-type"] == "image/png"
        assert shown.headers["content-disposition"].startswith("inline;")
        assert "sandbox" in shown.headers["content-security-policy"]
        assert shown.headers["x-content-type-options"] == "nosniff"
        assert shown.headers["cache-control"] == "private, no-store"
    back = sam.post(f"/desk/files?conversation={id_}&name=how%20to.pdf", content=PDF)
    world.desk.answer(world.sam, id_, "", (back.json()["id"],))
    saved = owner.get(f"/support/files/{back.json()['id']}")
    assert saved.content == PDF
    assert saved.headers["content-disposition"].startswith('attachment; filename="how to.pdf"')


def test_a_name_cannot_leave_its_header(world: World, app: FastAPI) -> None:
    owner = Browser(world, app, world.owner)
    name = 'é";\r\nX-Evil: 1; filename="evil.html'
    kept = owner.post("/support/files", params={"name": name}, content=PDF)
    saved = owner.get(f"/support/files/{kept.json()['id']}")
    assert "x-evil" not in saved.headers
    assert saved.headers["content-disposition"].count('"') == 2
    assert saved.headers["content-disposition"].endswith(".pdf")


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        (b"", 400, "empty"),
        (b"GIF89a", 400, "Only PNG"),
        (b"%PDF-1.4" + b" " * 2**21 + b"%%EOF", 413, "too large"),
    ],
)
def test_a_refusal_is_in_words(
    world: World, app: FastAPI, content: bytes, status: int, words: str
) -> None:
    owner = Browser(world, app, world.owner)
    answer = owner.post("/support/files?name=x", content=content)
    assert answer.status_code == status
    assert words in answer.json()["why"]


def test_who_may_not_gets_nothing(world: World, app: FastAPI) -> None:
    owner = Browser(world, app, world.owner)
    posted = owner.post("/support/files?name=a.pdf", content=PDF)
    file_id = posted.json()["id"]
    id_ = world.support.open(world.owner, "Look", "", (file_id,)).row.id
    nobody, member = Browser(world, app, None), Browser(world, app, world.member())
    stranger, sam = Browser(world, app, world.stranger), Browser(world, app, world.sam)
    assert _statuses(nobody, file_id, id_) == [401, 401, 401, 401]
    assert _statuses(member, file_id, id_) == [403, 403, 403, 403]
    assert _statuses(stranger, file_id, id_) == [201, 404, 403, 403]
    assert _statuses(owner, file_id, id_) == [201, 200, 403, 403]
    assert _statuses(sam, file_id, id_) == [403, 403, 201, 200]
    unknown = owner.get(f"/support/files/{'A' * 22}")
    foreign = stranger.get(f"/support/files/{file_id}")
    assert (unknown.status_code, unknown.content) == (foreign.status_code, foreign.content)


def _statuses(who: Browser, file_id: str, conversation: str) -> list[int]:
    answers = [
        who.post("/support/files?name=a.pdf", content=PDF),
        who.get(f"/support/files/{file_id}"),
        who.post(f"/desk/files?conversation={conversation}&name=a.pdf", content=PDF),
        who.get(f"/desk/files/{file_id}"),
    ]
    return [answer.status_code for answer in answers]
