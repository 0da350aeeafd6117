"""Transactions: all or nothing, told afterwards, off the event loop, honest when unavailable."""

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select

from core.accounts.entities import Channel
from core.clock import SystemClock
from core.errors import Unavailable
from core.events import Event, EventType, record
from core.ports import Everything, Notice
from storage import engines
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from storage.tenancy import vetted
from tests.storage.conftest import World


def test_a_transaction_commits_at_its_end_and_keeps_loaded_values(
    database: SqlDatabase, world: World
) -> None:
    with database.transaction(world.mine) as session:
        channel = session.get_one(Channel, world.my_channel)
        channel.name = "New"
    assert channel.name == "New"
    with database.reading(world.mine) as session:
        assert session.get_one(Channel, world.my_channel).name == "New"


def test_only_work_that_is_done_again_does_not_wait_for_the_disk(
    migrated_url: str, feed: LocalFeed
) -> None:
    database = SqlDatabase(migrated_url, feed, threads=1)
    if database.writer.dialect.name == "postgresql":
        asked, waits, does_not = "SHOW synchronous_commit", "on", "off"
        with database.writer.begin() as connection:  # the tests' server flushes nothing
            connection.exec_driver_sql("SET synchronous_commit = on")
    else:
        asked, waits, does_not = "PRAGMA synchronous", "2", "1"
    found = []
    for waits_for_disk in (True, False, False, True):
        scope = Everything("test")
        with database.transaction(scope, waits_for_disk=waits_for_disk) as session:
            found.append(str(session.execute(vetted(text(asked))).scalar()))
    with database.writer.begin() as connection:  # as the intake does
        found.append(str(connection.exec_driver_sql(asked).scalar()))
    database.close()
    assert found == [waits, does_not, does_not, waits, waits]


def test_an_exception_undoes_everything_and_tells_nobody(
    database: SqlDatabase, feed: LocalFeed, world: World
) -> None:
    told: list[Notice] = []
    feed.subscribe(told.extend)
    with pytest.raises(ZeroDivisionError):
        _change_and_fail(database, world)
    with database.reading(world.mine) as session:
        assert session.get_one(Channel, world.my_channel).name != "New"
    assert told == []


def test_recorded_events_become_notices_after_the_commit(
    database: SqlDatabase, feed: LocalFeed, world: World
) -> None:
    seen: list[tuple[list[Notice], int]] = []

    def look(notices: list[Notice]) -> None:
        with database.reading(world.mine) as session:
            seen.append((notices, len(session.exec(select(Event)).all())))

    feed.subscribe(look)
    with database.transaction(world.mine) as session:
        _record(session, world)
    notice = Notice("minePA", "channel_live", "channel", world.my_channel)
    assert seen == [([notice], 2)]


def test_reading_changes_nothing(database: SqlDatabase, world: World) -> None:
    with pytest.raises(RuntimeError, match="only reads"), database.reading(world.mine) as session:
        _change(session, world)
    with (
        pytest.raises((DBAPIError, Unavailable)),
        database.reading(Everything("test")) as session,
    ):
        session.execute(vetted(text("UPDATE channel SET name = 'New'")))


async def test_a_transaction_on_the_event_loop_is_refused(database: SqlDatabase) -> None:
    with (
        pytest.raises(RuntimeError, match="event loop"),
        database.transaction(Everything("test")),
    ):
        pass
    with pytest.raises(RuntimeError, match="event loop"), database.reading(Everything("test")):
        pass


def test_events_only_grow(database: SqlDatabase, world: World) -> None:
    for statement in ("UPDATE event SET actor = 'me'", "DELETE FROM event"):
        with (
            pytest.raises(Exception, match="append-only"),
            database.transaction(Everything("test")) as session,
        ):
            session.execute(vetted(text(statement)))
    with pytest.raises(Exception, match="append-only"), database.transaction(world.mine) as session:
        session.exec(select(Event)).one().actor = "me"


def test_a_replaced_event_is_refused_as_well(database: SqlDatabase, world: World) -> None:
    if database.writer.dialect.name != "sqlite":
        return
    with (
        pytest.raises(Exception, match="append-only"),
        database.transaction(Everything("test")) as session,
    ):
        session.execute(vetted(text("REPLACE INTO event SELECT * FROM event")))


def test_a_locked_database_is_unavailable(
    migrated_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A setting made short for the test; nothing of ours is replaced.
    monkeypatch.setattr(engines, "LOCK_TIMEOUT", 0.05)
    first = SqlDatabase(migrated_url, LocalFeed(), threads=1)
    second = SqlDatabase(migrated_url, LocalFeed(), threads=1)
    lock = (
        "UPDATE person SET name = name"
        if first.writer.dialect.name == "sqlite"
        else "LOCK TABLE person IN ACCESS EXCLUSIVE MODE"
    )
    with first.transaction(Everything("holds the lock")) as session:
        session.execute(vetted(text(lock)))
        with pytest.raises(Unavailable), second.transaction(Everything("waits")) as other:
            other.execute(vetted(text(lock)))
    with second.transaction(Everything("works again")) as session:
        session.execute(vetted(text(lock)))
    first.close()
    second.close()


def test_a_full_database_is_unavailable_and_works_again(
    database: SqlDatabase, world: World
) -> None:
    if database.writer.dialect.name != "sqlite":
        return
    with database.transaction(Everything("make it small")) as session:
        pages = session.execute(vetted(text("PRAGMA page_count"))).scalar_one()
        session.execute(vetted(text(f"PRAGMA max_page_count = {pages}")))
    with pytest.raises(Unavailable), database.transaction(world.mine) as session:
        session.get_one(Channel, world.my_channel).facts = {"long": "x" * 1_000_000}
    with database.transaction(Everything("room again")) as session:
        session.execute(vetted(text("PRAGMA max_page_count = 1000000")))
    with database.transaction(world.mine) as session:
        session.get_one(Channel, world.my_channel).facts = {"long": "x" * 1_000_000}


def test_a_database_that_was_restarted_is_unavailable_once(
    database: SqlDatabase, world: World
) -> None:
    if database.writer.dialect.name == "sqlite":
        return
    with pytest.raises(Unavailable), database.reading(Everything("cut off")) as session:
        session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    with database.reading(world.mine) as session:
        assert session.get(Channel, world.my_channel) is not None


def test_misspelt_sql_is_a_bug_not_an_outage(database: SqlDatabase) -> None:
    with (
        pytest.raises(DBAPIError),
        database.reading(Everything("test")) as session,
    ):
        session.execute(vetted(text("SELECT nothing FROM nowhere")))


def test_sqlite_runs_with_the_pragmas_that_money_needs(
    database: SqlDatabase, migrated_url: str
) -> None:
    if database.writer.dialect.name != "sqlite":
        return
    wanted = {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2, "busy_timeout": 10000}
    for engine in (database.writer, database.reader):
        with engine.connect() as connection:
            for pragma, value in wanted.items():
                assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


def test_a_reader_sees_one_snapshot_while_a_writer_commits(
    database: SqlDatabase, migrated_url: str, world: World
) -> None:
    if database.writer.dialect.name != "sqlite":
        return
    with database.reading(world.mine) as session:
        before = session.exec(select(Channel.name)).one()
        with closing(sqlite3.connect(migrated_url.removeprefix("sqlite:///"))) as other, other:
            other.execute("UPDATE channel SET name = 'Changed'")
        assert session.exec(select(Channel.name)).one() == before


def _change_and_fail(database: SqlDatabase, world: World) -> None:
    with database.transaction(world.mine) as session:
        _record(session, world)
        _change(session, world)
        raise ZeroDivisionError


def _change(session: Session, world: World) -> None:
    session.get_one(Channel, world.my_channel).name = "New"
    session.flush()


def _record(session: Session, world: World) -> None:
    record(
        session,
        SystemClock(),
        EventType.CHANNEL_LIVE,
        partner_id="minePA",
        subject=("channel", world.my_channel),
    )
