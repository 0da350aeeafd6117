"""A login that row-level security cannot hold works as a role that it holds."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlmodel import select

from core.accounts.entities import Channel
from core.ports import Everything
from storage.channel_search import SqlChannelSearch
from storage.database import SqlDatabase
from storage.jobs import DbosJobs
from storage.migrate import downgrade, migrate
from storage.tenancy import vetted
from tests.storage.conftest import World
from tests.support.postgres import PostgresServer

pytestmark = pytest.mark.postgres


@pytest.fixture
def migrated_url(postgres: PostgresServer) -> Iterator[str]:
    name = postgres.create()
    url = postgres.url(name, "postgres")
    migrate(url)
    yield url
    postgres.drop(name)


def test_a_superuser_sees_and_changes_its_partners_rows_only(
    database: SqlDatabase, world: World
) -> None:
    with database.transaction(world.mine) as session:
        assert session.execute(vetted(text("SELECT current_user"))).scalar() == "hub_app"
        ids = vetted(text("SELECT id FROM channel"))
        assert session.execute(ids).scalars().all() == [world.my_channel]
        renamed = vetted(text("UPDATE channel SET name = 'New'"))
        assert session.execute(renamed).rowcount == 1  # type: ignore[attr-defined]
        session.get_one(Channel, world.my_channel).search_text = "found by the trigger"
    with database.reading(world.mine) as session:
        assert SqlChannelSearch().matching(session, "minePA", "trigger", 9) == [world.my_channel]
        assert len(session.exec(select(Channel)).all()) == 1
    with pytest.raises(Exception, match="denied"), database.reading(world.mine) as session:
        session.execute(vetted(text("SELECT * FROM channel_search")))


def test_it_still_enqueues_in_its_transaction(database: SqlDatabase, world: World) -> None:
    jobs = DbosJobs(str(database.writer.url.render_as_string(hide_password=False)))
    jobs.register("nothing", lambda _steps: None)
    for scope in (world.mine, Everything("test")):
        with database.transaction(scope) as session:
            jobs.enqueue(session, "nothing", key=str(scope))
    jobs.stop()


def test_it_migrates_down_and_up_again(migrated_url: str) -> None:
    downgrade(migrated_url)
    migrate(migrated_url)
