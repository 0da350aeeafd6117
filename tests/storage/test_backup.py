"""A backup taken while the hub runs comes back whole and held, and only from a whole file."""

from __future__ import annotations

import contextlib
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, text

from core.clock import SystemClock
from core.errors import Conflict, HubError, InvalidInput
from core.events import EventType, record
from core.operations.holding import Holding
from core.partners.entities import Partner
from core.ports import Everything
from storage.backup.archive import MANIFEST
from storage.backup.service import Place, back_up, restore
from storage.blobs import FolderBlobs
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from storage.engines import jobs_engine
from storage.jobs import DbosJobs
from storage.vault import AesVault
from tests.storage.conftest import World
from tests.support.postgres import PostgresServer

KEY = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
SCOPE = Everything("test: backup")
# What the kind of database makes no difference to.
on_sqlite = pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)
# What a restore writes itself.
_OWN = ("hold", "alembic_version", "dbos_migrations")


@pytest.fixture
def place(database: SqlDatabase, world: World, migrated_url: str, tmp_path: Path) -> Place:
    """A hub with two partners, a file, a sealed secret and a job that waits."""
    blobs = tmp_path / "var" / "blobs"
    FolderBlobs(blobs).put(b"a logo", "image/png")
    sealed = AesVault(KEY).seal("secret", context="partner:minePA:platform_secret")
    jobs = DbosJobs(migrated_url)
    jobs.register("send", lambda _steps: None)
    with database.transaction(SCOPE) as session:
        partner = session.get(Partner, "minePA")
        assert partner is not None
        partner.platform_secret = sealed
        jobs.enqueue(session, "send", key="waits")
    jobs.stop()
    return Place(database=migrated_url, blobs=blobs, vault_keys=KEY)


@pytest.fixture
def backup(place: Place, tmp_path: Path) -> Path:
    target = tmp_path / "hub.backup"
    back_up(place, target)
    return target


@pytest.fixture
def elsewhere(request: pytest.FixtureRequest, place: Place, tmp_path: Path) -> Iterator[Place]:
    """An empty place of the same kind."""
    with contextlib.ExitStack() as stack:
        if place.kind == "sqlite":
            url = f"sqlite:///{tmp_path / 'copy' / 'hub.sqlite3'}"
            (tmp_path / "copy").mkdir()
        else:
            server: PostgresServer = request.getfixturevalue("postgres")
            url = stack.enter_context(server.database())
        yield Place(database=url, blobs=tmp_path / "copy" / "blobs", vault_keys=KEY)


def test_everything_comes_back_and_waits_for_its_release(
    place: Place, backup: Path, elsewhere: Place
) -> None:
    restore(elsewhere, backup)
    assert rows_of(elsewhere.database) == rows_of(place.database)
    (logo,) = elsewhere.blobs.glob("??/*")
    assert FolderBlobs(elsewhere.blobs).get(logo.name) == (b"a logo", "image/png")
    with _opened(elsewhere) as copy:
        held = Holding(copy, SystemClock()).state()
        assert held is not None
        assert held.reason.startswith("restored from hub.backup")
        # Numbers go on where they were, and the belts hold.
        with copy.transaction(SCOPE) as session:
            about = {"partner_id": "minePA", "subject": ("channel", "chminePA")}
            record(session, SystemClock(), EventType.CHANNEL_READY, **about)
        with pytest.raises(Exception, match="append-only"), copy.writer.begin() as connection:
            connection.execute(text("DELETE FROM event"))


@on_sqlite
def test_a_backup_is_for_its_owners_eyes_and_holds_no_key(backup: Path) -> None:
    assert backup.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(backup) as archive:
        told = json.loads(archive.read(MANIFEST))
        assert list(told["vault_keys"]) == ["k1"]
        assert not any(KEY[3:].encode() in archive.read(name) for name in archive.namelist())


@on_sqlite
@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (lambda name, data: data[:-1] + b"!" if name.startswith("blobs/") else data, "damaged"),
        (lambda name, data: _changed(name, data, schema="9999"), "newer"),
        (lambda name, data: _changed(name, data, vault_keys={"k1": "another"}), "lacks k1"),
        (lambda name, data: _changed(name, data, format=2), "format 2"),
        (lambda name, data: data.replace(b"blobs/", b"../bin/"), "no backup holds"),
        (lambda name, data: b"{}" if name == MANIFEST else data, "manifest"),
    ],
)
def test_only_a_whole_backup_that_this_hub_knows_is_put_in_place(
    backup: Path, elsewhere: Place, harm: Callable[[str, bytes], bytes], told: str
) -> None:
    with pytest.raises(InvalidInput, match=told):
        restore(elsewhere, _harmed(backup, harm))
    assert not elsewhere.blobs.exists()
    assert not elsewhere.file.exists()


def test_partners_are_replaced_on_demand_and_by_nobody_at_work_only(
    backup: Path, elsewhere: Place
) -> None:
    restore(elsewhere, backup)
    with _opened(elsewhere) as copy, copy.transaction(SCOPE) as session:
        session.add(Partner(id="newPA", brand_name="New", created_at=SystemClock().now()))
        session.flush()
        with pytest.raises(Conflict, match="stop"):
            restore(elsewhere, backup, overwrite=True)
    with pytest.raises(Conflict, match="holds partners"):
        restore(elsewhere, backup)
    restore(elsewhere, backup, overwrite=True)
    with _opened(elsewhere) as copy, copy.reading(SCOPE) as session:
        assert session.get(Partner, "newPA") is None


@on_sqlite
def test_a_backup_replaces_no_file(place: Place, backup: Path) -> None:
    with pytest.raises(HubError, match="is there already"):
        back_up(place, backup)


def rows_of(url: str) -> dict[str, list[Any]]:
    """All rows of all tables, but for what a restore writes itself."""
    engine = jobs_engine(url, connections=1)
    found: dict[str, list[Any]] = {}
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT set_config('hub.scope', 'everything', true)"))
        for schema in (None, "dbos") if engine.dialect.name == "postgresql" else (None,):
            for table in inspect(engine).get_table_names(schema):
                if table not in _OWN and not table.startswith("channel_search"):
                    name = f'"{schema}"."{table}"' if schema else f'"{table}"'
                    rows = connection.execute(text(f"SELECT * FROM {name}"))  # noqa: S608
                    found[name] = sorted(map(repr, rows))
    engine.dispose()
    return found


@contextlib.contextmanager
def _opened(place: Place) -> Iterator[SqlDatabase]:
    database = SqlDatabase(place.database, LocalFeed(), threads=2)
    try:
        yield database
    finally:
        database.close()


def _harmed(backup: Path, harm: Callable[[str, bytes], bytes]) -> Path:
    target = backup.with_name("harmed.backup")
    with zipfile.ZipFile(backup) as archive, zipfile.ZipFile(target, "w") as written:
        for name in archive.namelist():
            written.writestr(name, harm(name, archive.read(name)))
    return target


def _changed(name: str, data: bytes, **values: Any) -> bytes:
    return json.dumps(json.loads(data) | values).encode() if name == MANIFEST else data
