"""A migrated database of either kind for every service test, and a clock that stands still."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.clock import FixedClock
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from storage.migrate import migrate
from tests.support.postgres import PostgresServer

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def migrated_url(
    request: pytest.FixtureRequest, tmp_path: Path, migrated_file: Path
) -> Iterator[str]:
    """The URL of a database at the newest schema, this test's own."""
    if request.param == "sqlite":
        yield f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'hub.sqlite3')}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.clone(server.template("services_template", migrate)) as url:
        yield url


@pytest.fixture
def feed() -> LocalFeed:
    return LocalFeed()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def database(migrated_url: str, feed: LocalFeed) -> Iterator[SqlDatabase]:
    database = SqlDatabase(migrated_url, feed, threads=4)
    yield database
    database.close()
