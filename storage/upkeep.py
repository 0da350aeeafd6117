"""What a database needs now and then to stay fast; schedule `tidy` a few times a day.

PostgreSQL does all of it by itself (autovacuum).
"""

from __future__ import annotations

from sqlalchemy import text

from core.ports import Everything
from storage.database import SqlDatabase
from storage.engines import is_sqlite
from storage.tenancy import vetted

# Pages of the search index merged per transaction: some ten milliseconds of the only writer.
_PAGES = 200
_ROUNDS = 200


def tidy(database: SqlDatabase) -> None:
    """The planner knows the tables' sizes, the search index is in few pieces."""
    if not is_sqlite(database.writer):
        return
    scope = Everything("upkeep: statistics and search index")
    merge = text("INSERT INTO channel_search (channel_search, rank) VALUES ('merge', :pages)")
    pages = -_PAGES  # negative: take up all pieces, not only those of one level
    for _ in range(_ROUNDS):
        with database.transaction(scope) as session:
            before = session.execute(vetted(text("SELECT total_changes()"))).scalar_one()
            session.execute(vetted(merge), {"pages": pages})
            after = session.execute(vetted(text("SELECT total_changes()"))).scalar_one()
        if after - before < 2:  # noqa: PLR2004 - SQLite's word for "there was nothing left"
            break
        pages = _PAGES
    with database.transaction(scope) as session:
        session.execute(vetted(text("PRAGMA optimize")))
