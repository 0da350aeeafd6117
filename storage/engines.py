"""SQLAlchemy engines by URL: SQLite in WAL mode or PostgreSQL through psycopg 3.

On SQLite writers take the write lock at the first statement (`BEGIN IMMEDIATE`), readers see one
snapshot and cannot write. The driver's own transaction magic is switched off for both: it begins
too late, after the first read.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError

from core.errors import Unavailable

# How long a statement waits for a lock before the caller is told to try again later, in *seconds*.
# Below the 15 s after which proxies and Meta's webhook sender give up on us.
LOCK_TIMEOUT = 10.0
# A request's statement that runs longer has met a missing index; in *seconds*.
STATEMENT_TIMEOUT = 30.0


def database_url(url: str | URL) -> URL:
    """The URL with psycopg 3 as PostgreSQL's driver; raises ValueError for other databases."""
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    if backend in {"postgresql", "postgres"}:
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise ValueError(f"the hub runs on SQLite and PostgreSQL, not on {backend}")
    if not parsed.database or parsed.database == ":memory:":
        raise ValueError("SQLite needs a file: its threads and processes share one database")
    return parsed


def require_reachable(url: str | URL) -> None:
    """Returns when a connection can be made; raises Unavailable with a sentence for an operator.

    For the start of a process; the address is named, the password is not.
    """
    engine = jobs_engine(url, connections=1)
    try:
        with engine.connect():
            pass
    except DBAPIError as error:
        shown = engine.url.render_as_string(hide_password=True)
        reason = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else "no answer"
        raise Unavailable(f"The database {shown} does not answer: {reason}") from error
    finally:
        engine.dispose()


def is_sqlite(engine: Engine) -> bool:
    """Whether the engine's database is SQLite."""
    return engine.dialect.name == "sqlite"


def writing_engine(url: str | URL, *, connections: int = 16) -> Engine:
    """The engine of `Database.transaction`.

    SQLite gets exactly one connection: it has one writer anyway, and threads queue for a pool
    fairly while SQLite's busy handler sleeps and guesses.
    """
    parsed = database_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_engine(parsed, connections=1, begin="BEGIN IMMEDIATE")
    return _postgres_engine(parsed, connections)


def reading_engine(url: str | URL, *, connections: int = 16) -> Engine:
    """SQLite's engine of `Database.reading`; its connections refuse to write."""
    return _sqlite_engine(database_url(url), connections=connections, begin="BEGIN", frozen=True)


def truncate_journal(engine: Engine, patience: float) -> bool:
    """SQLite's journal is in the file, and empty; False when others held it for `patience` seconds.

    Not in a transaction, where SQLite refuses it.
    """
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {int(patience * 1000)}")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        ((busy, _pages, _moved),) = cursor.fetchall()
        return not busy
    finally:
        connection.cursor().execute(f"PRAGMA busy_timeout = {int(LOCK_TIMEOUT * 1000)}")
        connection.close()


def hasty(engine: Engine) -> Engine:
    """The same connections; their commits are in order and whole but do not wait for the disk."""
    return engine.execution_options(hub_hasty=True)


def is_hasty(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get("hub_hasty"))


def jobs_engine(url: str | URL, *, connections: int = 8) -> Engine:
    """The engine that DBOS works on.

    DBOS writes `BEGIN IMMEDIATE` itself where it matters and expects the driver to begin before
    any other write, so on SQLite this engine keeps the driver's legacy mode, with our pragmas.
    """
    parsed = database_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_engine(parsed, connections=connections, begin=None)
    return create_engine(parsed, pool_size=connections, max_overflow=connections)


def _sqlite_engine(
    url: URL, *, connections: int, begin: str | None, frozen: bool = False
) -> Engine:
    Path(url.database or "").parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        pool_size=connections,
        # DBOS nests connections, so its pool may grow; ours never need to.
        max_overflow=connections if begin is None else 0,
        pool_timeout=LOCK_TIMEOUT,
        connect_args={"timeout": LOCK_TIMEOUT, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = "IMMEDIATE" if begin is None else None
        for pragma in _pragmas(frozen):
            connection.execute(f"PRAGMA {pragma}")

    if begin is not None:

        @event.listens_for(engine, "begin")
        def start(connection: Connection) -> None:
            if not frozen:
                _flush_as_asked(connection)
            connection.exec_driver_sql(begin)

    return engine


def _flush_as_asked(connection: Connection) -> None:
    """SQLite has this per connection, and changes it between transactions only."""
    wanted = "NORMAL" if is_hasty(connection) else "FULL"
    if connection.info.get("synchronous", "FULL") != wanted:
        connection.exec_driver_sql(f"PRAGMA synchronous = {wanted}")
        connection.info["synchronous"] = wanted


def _pragmas(frozen: bool) -> list[str]:
    pragmas = [
        "journal_mode = WAL",
        f"busy_timeout = {int(LOCK_TIMEOUT * 1000)}",
        "foreign_keys = ON",
        "recursive_triggers = ON",  # REPLACE fires the triggers that refuse DELETE
        "synchronous = FULL",  # money: a commit that was answered survives a power cut
        "secure_delete = ON",  # who is erased leaves no bytes in free pages
    ]
    return [*pragmas, "query_only = ON"] if frozen else pragmas


def _postgres_engine(url: URL, connections: int) -> Engine:
    limits = {
        "lock_timeout": LOCK_TIMEOUT,
        "statement_timeout": STATEMENT_TIMEOUT,
        "idle_in_transaction_session_timeout": 2 * STATEMENT_TIMEOUT,
    }
    options = " ".join(f"-c {name}={int(seconds * 1000)}" for name, seconds in limits.items())
    return create_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=LOCK_TIMEOUT,
        connect_args={"connect_timeout": 5, "options": options},
    )
