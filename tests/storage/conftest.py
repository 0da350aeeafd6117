"""A migrated database of either kind for each test, with two partners in it."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from core.accounts.entities import Channel, Client, WabaAccount
from core.clock import SystemClock
from core.events import EventType, record
from core.partners.entities import Partner
from core.ports import Everything, Tenant
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from storage.migrate import migrate
from tests.support.postgres import PostgresServer


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "hub.sqlite3"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def migrated_url(
    request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path
) -> Iterator[str]:
    """The URL of a database at the newest schema, this test's own."""
    if request.param == "sqlite":
        path = shutil.copy(sqlite_template, tmp_path / "hub.sqlite3")
        yield f"sqlite:///{path}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.clone(server.template("storage_template", migrate)) as url:
        yield url


@pytest.fixture
def feed() -> LocalFeed:
    return LocalFeed()


@pytest.fixture
def database(migrated_url: str, feed: LocalFeed) -> Iterator[SqlDatabase]:
    database = SqlDatabase(migrated_url, feed, threads=4)
    yield database
    database.close()


@dataclass(frozen=True)
class World:
    """Two partners, each with a client, a WABA and a channel."""

    mine: Tenant
    other: Tenant
    my_channel: str
    other_channel: str


@pytest.fixture
def world(database: SqlDatabase) -> World:
    channels = {}
    for partner_id in ("minePA", "otherPA"):
        with database.transaction(Everything("test world")) as session:
            for row in rows_of(partner_id):
                session.add(row)
                session.flush()
            channels[partner_id] = f"ch{partner_id}"
            record(
                session,
                SystemClock(),
                EventType.CHANNEL_CREATED,
                partner_id=partner_id,
                subject=("channel", channels[partner_id]),
            )
    return World(Tenant("minePA"), Tenant("otherPA"), channels["minePA"], channels["otherPA"])


def rows_of(partner_id: str) -> list[SQLModel]:
    """The rows of one partner, in an order that foreign keys accept."""
    now = SystemClock().now()
    own = {"partner_id": partner_id, "created_at": now, "modified_at": now}
    return [
        Partner(id=partner_id, brand_name=partner_id, created_at=now),
        Client(id=f"cl{partner_id}", name="Anna", email=f"a@{partner_id}.example", **own),
        WabaAccount(
            id=f"wa{partner_id}", client_id=f"cl{partner_id}", external_id=f"x{partner_id}", **own
        ),
        Channel(
            id=f"ch{partner_id}",
            client_id=f"cl{partner_id}",
            waba_account_id=f"wa{partner_id}",
            name=f"Number of {partner_id}",
            search_text=f"number of {partner_id.lower()} 4915112345678 anna berlin",
            **own,
        ),
    ]
