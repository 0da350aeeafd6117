"""Brings a database to the newest schema: our tables by alembic, DBOS's by DBOS itself.

Safe to run from several processes at once: the second waits and finds nothing to do.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from core.errors import Unavailable
from storage.engines import is_sqlite, jobs_engine, writing_engine
from storage.jobs.schema import migrate_dbos

# Any number, the same in all versions: who migrates holds this advisory lock.
_LOCK = 0x4855425F4D494752


def migrate(url: str, revision: str = "head") -> None:
    """The database has the schema of `revision`; idempotent. Raises what the database raises."""
    with _migrating(url) as (connection, config):
        command.upgrade(config, revision)
        connection.commit()
    migrate_dbos(url)


def downgrade(url: str, revision: str = "base") -> None:
    """The database has an older schema; what newer columns held is gone. DBOS's tables stay."""
    with _migrating(url) as (connection, config):
        command.downgrade(config, revision)
        connection.commit()


def require_migrated(url: str) -> None:
    """Returns when the schema is this version's; raises Unavailable with what to do otherwise."""
    wanted = ScriptDirectory.from_config(alembic_config()).get_current_head()
    engine = jobs_engine(url, connections=1)
    try:
        with engine.connect() as connection:
            found = MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()
    if found != wanted:
        raise Unavailable(
            f"The database's schema is {found or 'empty'}, this version needs {wanted}: "
            "run `python main.py migrate` first."
        )


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's settings, without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


@contextmanager
def _migrating(url: str) -> Iterator[tuple[Connection, Config]]:
    engine = writing_engine(url, connections=1)
    try:
        with engine.connect() as connection:
            _wait_for_others(engine, connection)
            yield connection, alembic_config(connection)
    finally:
        engine.dispose()


def _wait_for_others(engine: Engine, connection: Connection) -> None:
    if is_sqlite(engine):
        return  # BEGIN IMMEDIATE is the lock
    # Held to the end of the transaction; another hub may need longer than a request may wait.
    connection.execute(text("SET LOCAL lock_timeout = '60s'; SET LOCAL statement_timeout = 0"))
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
