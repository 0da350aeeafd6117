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
# Rows that ANALYZE reads of each index: some milliseconds altogether, however large the tables.
_ANALYSED = 1000


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
    learn_sizes(database)


def learn_sizes(database: SqlDatabase) -> None:
    """The planner knows how many rows each value of an index stands for; after a large import too.

    Without that it takes a partner's whole index for as good as a primary key. `PRAGMA optimize`
    looks at tables only that its own connection has asked, so everything is looked at, shortly.
    """
    if is_sqlite(database.writer):
        with database.transaction(Everything("upkeep: statistics")) as session:
            session.execute(vetted(text(f"PRAGMA analysis_limit = {_ANALYSED}")))
            session.execute(vetted(text("ANALYZE")))
        database.reader.dispose()  # a connection learns of sizes when it is opened
