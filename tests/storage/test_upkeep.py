"""Upkeep changes nothing that anybody sees."""

from storage.channel_search import SqlChannelSearch
from storage.database import SqlDatabase
from storage.upkeep import tidy
from tests.storage.conftest import World


def test_a_tidied_database_finds_what_it_found(database: SqlDatabase, world: World) -> None:
    tidy(database)
    tidy(database)
    with database.reading(world.mine) as session:
        assert SqlChannelSearch().matching(session, "minePA", "anna", 9) == [world.my_channel]
