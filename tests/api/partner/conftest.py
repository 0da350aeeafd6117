"""The partner API of two partners, on a database of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.clock import FixedClock
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from tests.services.api_world import ApiWorld, api_world
from tests.support.api_breadth import WholeHub
from tests.support.api_door import ApiHub, Program, api_app
from tests.support.asgi import AsgiThread

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def world(migrated_file: Path, tmp_path: Path, clock: FixedClock) -> Iterator[ApiWorld]:
    url = f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'hub.sqlite3')}"
    database = SqlDatabase(url, LocalFeed(), threads=4)
    yield api_world(database, clock)
    database.close()


@pytest.fixture
def wire(world: ApiWorld) -> Iterator[AsgiThread]:
    transport = AsgiThread(api_app(ApiHub(world)))
    yield transport
    transport.close()


@pytest.fixture
def key(world: ApiWorld) -> str:
    return world.credentials.create_key(world.owner, "Program").secret


@pytest.fixture
def program(world: ApiWorld, wire: AsgiThread, key: str) -> Program:
    """A program of `world.partner` with a key that may do everything."""
    return Program(wire, world.partner.id, key)


@pytest.fixture
def stranger(world: ApiWorld, wire: AsgiThread) -> Program:
    """A program of the other partner."""
    secret = world.credentials.create_key(world.stranger, "Stranger").secret
    return Program(wire, world.other.id, secret)


@pytest.fixture
def hub(world: ApiWorld) -> WholeHub:
    """The hub with all that the API calls."""
    return WholeHub(world)


@pytest.fixture
def whole(hub: WholeHub) -> Iterator[AsgiThread]:
    transport = AsgiThread(api_app(hub))
    yield transport
    transport.close()


@pytest.fixture
def ours(world: ApiWorld, whole: AsgiThread, key: str) -> Program:
    """A program of `world.partner` before the whole API."""
    return Program(whole, world.partner.id, key)


@pytest.fixture
def theirs(world: ApiWorld, whole: AsgiThread) -> Program:
    """A program of the other partner before the whole API."""
    secret = world.credentials.create_key(world.stranger, "Stranger").secret
    return Program(whole, world.other.id, secret)
