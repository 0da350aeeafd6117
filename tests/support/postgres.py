"""A throwaway PostgreSQL for the tests: one server per run, an own database for whoever asks.

The first worker that needs it starts it under a keeper process; the others find it by its note.
The keeper ends the server and deletes its files once the test run is gone, however that went.
Nothing in it survives a crash (fsync is off): never point anything but tests at it.
"""

import contextlib
import fcntl
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql

ROLE: Final = "hub"
KEEPER: Final = Path(__file__).with_name("postgres_keeper.py")


def shared_server(folder: Path, owner: int) -> "PostgresServer":
    """The server of this test run, started if no other worker has; it lives as long as *owner*."""
    note = folder / "postgres.json"
    with _exclusive(folder / "postgres.lock"):
        if not note.exists():
            note.write_text(json.dumps({"port": _start(owner)}))
        return PostgresServer(port=json.loads(note.read_text())["port"], folder=folder)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresServer:
    """Hands out databases owned by an ordinary role: row-level security holds for it."""

    port: int
    folder: Path
    _names: Iterator[int] = field(default_factory=itertools.count)

    def url(self, database: str, role: str = ROLE) -> str:
        return f"postgresql://{role}:{role}@127.0.0.1:{self.port}/{database}"

    def create(self, template: str = "template0") -> str:
        """A new database, empty unless *template* says otherwise; returns its name."""
        name = f"test_{os.getpid()}_{next(self._names)}"
        self._run(
            "CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY file_copy", name, template, ROLE
        )
        return name

    def drop(self, name: str) -> None:
        """The database is gone, with whoever was still connected to it."""
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    @contextlib.contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """The URL of a new database for as long as the block lasts."""
        name = self.create(template)
        try:
            yield self.url(name)
        finally:
            self.drop(name)

    def template(self, name: str, build: Callable[[str], None]) -> str:
        """A database that *build* filled once for the whole run, to be cloned by `database(name)`.

        *build* gets its URL and must have closed every connection when it returns.
        """
        with _exclusive(self.folder / f"{name}.lock"):
            built = self.folder / f"{name}.built"
            if not built.exists():
                self._run("CREATE DATABASE {} TEMPLATE template0 OWNER {}", name, ROLE)
                build(self.url(name))
                built.touch()
        return name

    def _run(self, statement: str, *names: str) -> None:
        query = sql.SQL(statement).format(*map(sql.Identifier, names))
        with psycopg.connect(self.url("postgres", "postgres"), autocommit=True) as connection:
            connection.execute(query)


def _start(owner: int) -> int:
    keeper = subprocess.Popen(
        [sys.executable, KEEPER, str(owner), ROLE],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C reaches the test run first, the keeper follows it
    )
    assert keeper.stdout is not None
    with keeper.stdout:
        answer = keeper.stdout.readline().strip()
    keeper.returncode = 0  # it outlives this worker on purpose; Popen shall not warn about it
    if not answer.isdigit():
        raise RuntimeError(f"No PostgreSQL for the tests: {answer or 'its keeper died'}")
    return int(answer)


@contextlib.contextmanager
def _exclusive(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
