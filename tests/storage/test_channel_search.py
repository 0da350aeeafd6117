"""The search index follows the channels and shows nobody else's."""

import pytest
from sqlalchemy import delete, insert, text, update

from core.accounts.entities import Channel
from core.clock import SystemClock
from core.ports import Everything
from storage.channel_search import SqlChannelSearch
from storage.database import SqlDatabase
from storage.tenancy import TenancyError, vetted
from tests.storage.conftest import World

search = SqlChannelSearch()


@pytest.mark.parametrize("words", ["anna", "ber", "1234567", "number of minepa", "a b"])
def test_any_part_of_the_text_finds_the_channel(
    words: str, database: SqlDatabase, world: World
) -> None:
    with database.reading(world.mine) as session:
        assert search.matching(session, "minePA", words, 10) == [world.my_channel]


@pytest.mark.parametrize("words", ["otherpa", "anna  berlin", "nobody", "xyz", "100%", "an_a"])
def test_what_no_own_channel_contains_finds_nothing(
    words: str, database: SqlDatabase, world: World
) -> None:
    with database.reading(world.mine) as session:
        assert search.matching(session, "minePA", words, 10) == []


@pytest.mark.parametrize("words", ['"', '"""', "a\"b'c", "text : x", "a OR b", "NEAR(", "*", "\\"])
def test_signs_of_a_query_language_are_plain_letters(
    words: str, database: SqlDatabase, world: World
) -> None:
    with database.transaction(world.mine) as session:
        row = session.get_one(Channel, world.my_channel)
        row.search_text = f"before {words} after"
    with database.reading(world.mine) as session:
        found = search.matching(session, "minePA", f"before {words} after", 10)
        assert found == [world.my_channel]


def test_the_index_follows_changes_however_they_are_made(
    database: SqlDatabase, world: World
) -> None:
    def found(words: str) -> list[str]:
        with database.reading(world.mine) as session:
            return search.matching(session, "minePA", words, 10)

    with database.transaction(world.mine) as session:
        session.get_one(Channel, world.my_channel).search_text = "changed by hand"
    assert (found("by hand"), found("anna")) == ([world.my_channel], [])
    with database.transaction(world.mine) as session:
        session.execute(update(Channel).values(search_text="changed by update"))
    assert (found("by update"), found("by hand")) == ([world.my_channel], [])
    with database.transaction(world.mine) as session:
        session.execute(delete(Channel))
    assert found("by update") == []
    with database.transaction(world.mine) as session:
        now = SystemClock().now()
        row = Channel(
            id="newCH",
            partner_id="minePA",
            client_id="clminePA",
            waba_account_id="waminePA",
            search_text="a new one",
            created_at=now,
            modified_at=now,
        )
        session.execute(insert(Channel).values(row.model_dump()))
    assert found("new one") == ["newCH"]


def test_no_more_than_the_limit_are_found(database: SqlDatabase, world: World) -> None:
    with database.transaction(world.mine) as session:
        first = session.get_one(Channel, world.my_channel)
        for number in range(5):
            values = first.model_dump(exclude={"id", "external_id"})
            session.add(Channel(**values, id=f"more{number}CH"))
    with database.reading(world.mine) as session:
        assert len(search.matching(session, "minePA", "anna", 3)) == 3
        assert len(search.matching(session, "minePA", "anna", 10)) == 6


def test_another_partners_channels_are_not_searched(database: SqlDatabase, world: World) -> None:
    with database.reading(world.mine) as session, pytest.raises(TenancyError):
        search.matching(session, "otherPA", "anna", 10)
    with database.reading(Everything("test")) as session:
        assert search.matching(session, "otherPA", "anna", 10) == [world.other_channel]


def test_the_database_itself_searches_only_the_armed_partner(
    database: SqlDatabase, world: World
) -> None:
    if database.writer.dialect.name == "sqlite":
        return
    foreign = vetted(text("SELECT hub_channel_search('otherPA', 'anna', 10)"))
    with database.reading(world.mine) as session:
        assert session.execute(foreign).all() == []
