"""What every test has: settings of its own, and a database of either kind."""

import gc
import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.migrate import migrate
from tests.support.postgres import PostgresServer, shared_server

# A developer's own settings shall not change what a test sees.
for name in [name for name in os.environ if name.startswith("HUB_") and name != "HUB_CHROMIUM"]:
    del os.environ[name]


def pytest_collection_finish() -> None:
    # Whatever is imported now stays. NiceGUI's simulation looks through all objects several times
    # for each app that a test starts; without this that takes most of the time of a page's test.
    gc.collect()
    gc.freeze()
    # The rest is looked through seldom: a worker's heap grows with each test that it runs.
    gc.set_threshold(50_000, 20, 50)


_tests_of_this_worker = itertools.count(1)
_BETWEEN_FREEZES = 20


def pytest_runtest_setup() -> None:
    # What earlier tests left behind stays as well, and each app that starts asks all objects.
    if next(_tests_of_this_worker) % _BETWEEN_FREEZES == 0:
        gc.collect()
        gc.freeze()


# The path of a migrated SQLite file, where one was made before these tests.
MIGRATED = "TEST_MIGRATED_FILE"


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    if ready := os.environ.get(MIGRATED):
        return Path(ready)
    path = tmp_path_factory.mktemp("migrated") / "hub.sqlite3"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> PostgresServer:
    """The PostgreSQL of this test run, shared by its workers."""
    in_worker = "PYTEST_XDIST_WORKER" in os.environ
    base = tmp_path_factory.getbasetemp()
    return shared_server(
        folder=base.parent if in_worker else base,
        owner=os.getppid() if in_worker else os.getpid(),
    )


@pytest.fixture(scope="session")
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """A database that every test of this worker shares; take `database_url` for an empty one."""
    with postgres.database() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database of this test's own: the test runs on both kinds."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'hub.sqlite3'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.database() as url:
        yield url
