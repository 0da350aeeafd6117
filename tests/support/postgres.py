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


_END_OTHERS: Final = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_TABLES: Final = """
SELECT schemaname, tablename FROM pg_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
AND tablename NOT IN ('alembic_version', 'dbos_migrations', 'plan_price', 'licence_price')
"""
# Rows that a migration made stay; those that a test has added count from its own time.
_SEEDED: Final = ("plan_price", "licence_price")
_ADDED: Final = "DELETE FROM {} WHERE effective_from > '2020-01-01T00:00:00Z'"
_RESTART_SEQUENCES: Final = """
SELECT setval(pg_class.oid::regclass, 1, false) FROM pg_class
JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relkind = 'S' AND nspname NOT IN ('pg_catalog', 'information_schema')
AND relname NOT IN ('plan_price_id_seq', 'licence_price_id_seq')
"""


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
    _emptied: dict[str, list[str]] = field(default_factory=dict)  # by template

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

    @contextlib.contextmanager
    def clone(self, template: str) -> Iterator[str]:
        """The URL of a database like `template`, which has no rows but versions and prices.

        Emptied and used again: making one takes ten times as long as emptying it. Not for tests
        that change the schema.
        """
        emptied = self._emptied.setdefault(template, [])
        name = emptied.pop() if emptied else self.create(template)
        try:
            yield self.url(name)
        finally:
            self._empty(name)
            emptied.append(name)

    def _empty(self, name: str) -> None:
        with psycopg.connect(self.url(name, "postgres"), autocommit=True) as connection:
            connection.execute(_END_OTHERS)
            # Neither append-only triggers nor foreign keys stand in the way of starting over.
            connection.execute("SET session_replication_role = replica")
            for schema, table in connection.execute(_TABLES).fetchall():
                place = sql.Identifier(schema, table)
                connection.execute(sql.SQL("DELETE FROM {}").format(place))
            for seeded in _SEEDED:
                if connection.execute("SELECT to_regclass(%s)", (seeded,)).fetchone() != (None,):
                    connection.execute(sql.SQL(_ADDED).format(sql.Identifier(seeded)))
            connection.execute(_RESTART_SEQUENCES)

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
