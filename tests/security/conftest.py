"""A fresh hub on SQLite for every security test; the guards do not care which database it is."""

import shutil
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from storage.changes import LocalFeed
from storage.database import SqlDatabase
from tests.security.live import Live, rig_on, serving
from tests.security.register import obey_environment
from tests.security.rig import Browser, Rig, running, settings_for_tests

obey_environment()


@pytest.fixture
def feed() -> LocalFeed:
    return LocalFeed()


@pytest.fixture
def database(tmp_path: Path, migrated_file: Path, feed: LocalFeed) -> Iterator[SqlDatabase]:
    url = f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'hub.sqlite3')}"
    database = SqlDatabase(url, feed, threads=4)
    yield database
    database.close()


@pytest.fixture
def unbuilt(database: SqlDatabase, feed: LocalFeed) -> Rig:
    """A rig that a test builds itself, with its own wire to the provider."""
    return Rig(settings=settings_for_tests(), database=database, feed=feed)


@pytest.fixture
async def rig(unbuilt: Rig) -> AsyncIterator[Rig]:
    async with running(unbuilt):
        yield unbuilt


@pytest.fixture
def visitor(rig: Rig) -> Browser:
    return rig.browser()


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A free loopback port, ours from the start."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener


@pytest.fixture
def live_rig(listener: socket.socket, database: SqlDatabase, feed: LocalFeed) -> Rig:
    return rig_on(listener, database, feed)


@pytest.fixture
async def live(live_rig: Rig, listener: socket.socket) -> AsyncIterator[Live]:
    """A hub that real sockets reach."""
    async with serving(live_rig, listener) as live:
        yield live


@pytest.fixture
def free_port() -> int:
    """Nobody listens there a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
