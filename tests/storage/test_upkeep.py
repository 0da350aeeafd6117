"""Upkeep changes nothing that anybody sees."""

import pytest
from sqlalchemy import text
from sqlmodel import Session

from core.accounts.entities import Channel
from core.ports import Everything
from storage.channel_search import SqlChannelSearch
from storage.database import SqlDatabase
from storage.engines import is_sqlite
from storage.tenancy import vetted
from storage.upkeep import tidy
from tests.storage.conftest import World, rows_of


def test_a_tidied_database_finds_what_it_found(database: SqlDatabase, world: World) -> None:
    tidy(database)
    tidy(database)
    with database.reading(world.mine) as session:
        assert SqlChannelSearch().matching(session, "minePA", "anna", 9) == [world.my_channel]


def test_a_tidied_database_finds_ids_by_their_index_not_among_all_of_a_partner(
    database: SqlDatabase, world: World
) -> None:
    if not is_sqlite(database.reader):
        pytest.skip("PostgreSQL keeps its statistics by itself")
    with database.transaction(Everything("test")) as session:
        like = next(row for row in rows_of("minePA") if isinstance(row, Channel)).model_dump()
        session.add_all(Channel(**like | {"id": f"c{n:04}CH"}) for n in range(2_000))
    with database.reading(Everything("test")) as session:
        assert "partner_id=?" in _plan(session)  # a connection that is there already
    tidy(database)
    with database.reading(Everything("test")) as session:
        assert "(id=?)" in _plan(session)


def _plan(session: Session) -> str:
    asked = "SELECT name FROM channel WHERE partner_id = 'minePA' AND id IN ('a', 'b', 'c')"
    told = session.execute(vetted(text(f"EXPLAIN QUERY PLAN {asked}")))
    return " ".join(str(row.detail) for row in told)
