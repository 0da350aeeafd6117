"""SQLite's whole database file: copied while the hub runs, and put in place while none does."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from core.errors import Conflict
from storage.backup.archive import Reader, Writer

MEMBER = "database.sqlite3"


def copy_out(database: Path, writer: Writer, scratch: Path) -> None:
    """One moment of the database; writers go on meanwhile."""
    copy = scratch / MEMBER
    with closing(_opened(database)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)  # one read transaction: a snapshot, since the hub runs in WAL mode
        target.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
    writer.add(MEMBER, copy)
    copy.unlink()


def put_in_place(
    reader: Reader, database: Path, prepare: Callable[[str], None], *, overwrite: bool
) -> None:
    """The database is the backup's, prepared, or what it was before.

    `prepare` is given the URL of the draft. Raises Conflict (restore_refused) for a database that
    is in use, or holds partners and may not be replaced.
    """
    require_free(database, overwrite=overwrite)
    draft = database.with_name(f"{database.name}.restoring")
    try:
        reader.extract(MEMBER, draft)
        prepare(f"sqlite:///{draft}")
        with closing(sqlite3.connect(draft)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
        for beside in ("-wal", "-shm"):
            database.with_name(database.name + beside).unlink(missing_ok=True)
        draft.replace(database)
    finally:
        for beside in ("", "-wal", "-shm", "-journal"):
            draft.with_name(draft.name + beside).unlink(missing_ok=True)


def require_free(database: Path, *, overwrite: bool) -> None:
    """Nobody works on it and nothing in it would be lost; raises Conflict (restore_refused)."""
    if not database.exists():
        return
    with closing(_opened(database)) as connection:
        try:
            # Leaving WAL needs the file for oneself: whoever has it open is found out.
            connection.execute("PRAGMA busy_timeout = 0")
            connection.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.OperationalError as error:
            raise _refused("a hub works on it; stop it first") from error
        if not overwrite and _holds_partners(connection):
            raise _refused("it holds partners already; --overwrite replaces it")


def _holds_partners(connection: sqlite3.Connection) -> bool:
    try:
        return connection.execute("SELECT 1 FROM partner LIMIT 1").fetchone() is not None
    except sqlite3.OperationalError:
        return False  # no such table: nobody has used it


def _opened(database: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{database}?mode=rw", uri=True)


def _refused(why: str) -> Conflict:
    return Conflict(f"The database is not replaced: {why}.", code="restore_refused")
