"""A partner's session sees and changes its own rows only, however the statement is put."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import column, delete, exists, func, insert, literal_column, table, text, update
from sqlalchemy import select as sa_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, select

from core.accounts.entities import Channel, Client, WabaAccount
from core.events import Event
from core.partners.entities import Partner
from core.ports import Everything, Tenant
from storage.database import SqlDatabase
from storage.tenancy import TenancyError, owner_column, tenant_classes, vetted
from tests.storage.conftest import World, rows_of

OTHER = aliased(Channel)
BARE: Any = Channel.__table__  # type: ignore[attr-defined]

COUNTS: dict[str, Any] = {
    "columns": select(Channel.id),
    "entity": select(Channel),
    "alias": select(OTHER),
    "join": select(Channel.id, Client.id).join(Client, Client.id == Channel.client_id),
    "join from a table of nobody's": select(Channel.id, Partner.id)
    .select_from(Partner)
    .join(Channel),
    "self join": sa_select(Channel.id, OTHER.id).where(OTHER.id <= Channel.id),
    "subquery": select(select(Channel.id).subquery()),
    "cte": select(select(Channel.id).cte()),
    "in": select(Client).where(Client.id.in_(select(OTHER.client_id))),  # type: ignore[attr-defined]
    "named in where only": select(Client.id).where(OTHER.client_id >= Client.id),
    "named in a function": select(func.max(Client.id), func.max(OTHER.id)).where(
        OTHER.client_id == Client.id
    ),
    "exists": select(Client.id).where(exists().where(OTHER.id != "x")),
    "exists for a foreign row": select(Client.id).where(
        ~exists().where(OTHER.partner_id != Client.partner_id)
    ),
    "grouped": select(Channel.status, func.count()).group_by(Channel.status),
}


@pytest.mark.parametrize("name", COUNTS)
def test_a_query_finds_only_own_rows(name: str, database: SqlDatabase, world: World) -> None:
    for scope in (world.mine, world.other):
        with database.reading(scope) as session:
            rows = session.execute(COUNTS[name]).all()
            assert len(rows) == 1
            # As tuples: a row's own text is cut after some hundred letters.
            told = str([tuple(row) for row in rows])
            assert scope.partner_id in told or name == "grouped"


@pytest.mark.parametrize("name", sorted(tenant_classes()))
def test_every_tenant_table_is_filtered(name: str, database: SqlDatabase, world: World) -> None:
    cls = tenant_classes()[name]
    with database.reading(world.mine) as session:
        owners = set(session.exec(select(owner_column(cls))).all())
        assert owners <= {world.mine.partner_id}
    with database.reading(Everything("test")) as session:
        found = session.exec(select(owner_column(cls))).all()
        assert set(found) in ({world.mine.partner_id, world.other.partner_id}, set())


def test_counts_sums_exists_and_unions_are_filtered(database: SqlDatabase, world: World) -> None:
    there = exists().where(Channel.id == world.other_channel)
    with database.reading(world.mine) as session:
        assert session.exec(select(func.count()).select_from(Channel)).one() == 1
        assert session.exec(select(func.count(Channel.id))).one() == 1  # type: ignore[arg-type]
        assert session.exec(select(there)).one() is False
        scalar = select(func.count(Channel.id)).scalar_subquery()  # type: ignore[arg-type]
        assert session.exec(select(scalar)).one() == 1
        union = sa_select(Channel.id).union(sa_select(Client.id))
        assert set(session.execute(union).scalars()) == {"chminePA", "clminePA"}
        both = sa_select(Channel).from_statement(sa_select(Channel).union_all(sa_select(Channel)))
        with pytest.raises(TenancyError):
            session.execute(both).all()


def test_an_outer_join_shows_no_foreign_row(database: SqlDatabase, world: World) -> None:
    joined = select(Client.id, Channel.id).join(Channel, isouter=True)
    foreign = select(Client.id, OTHER.id).join(OTHER, OTHER.id == world.other_channel, isouter=True)
    with database.reading(world.mine) as session:
        assert session.exec(joined).all() == [("clminePA", "chminePA")]
        assert session.exec(foreign).all() == [("clminePA", None)]


def test_a_foreign_id_is_as_unknown_as_any_other(database: SqlDatabase, world: World) -> None:
    with database.reading(world.mine) as session:
        assert session.get(Channel, world.my_channel) is not None
        assert session.get(Channel, world.other_channel) is None
        assert session.get(Channel, "nobodyCH") is None
        assert session.get(Partner, world.other.partner_id) is None


def test_the_identity_map_of_one_partner_is_not_the_next_ones(
    database: SqlDatabase, world: World
) -> None:
    with database.reading(world.other) as session:
        foreign = session.get_one(Channel, world.other_channel)
    with database.reading(world.mine) as session:
        with pytest.raises(Exception, match="not"):
            session.refresh(foreign)
        assert session.get(Channel, world.other_channel) is None


def test_update_and_delete_stop_at_the_fence(database: SqlDatabase, world: World) -> None:
    with database.transaction(world.mine) as session:
        assert session.execute(update(Channel).values(name="New")).rowcount == 1
        hit = update(Channel).where(Channel.id == world.other_channel).values(name="New")
        assert session.execute(hit).rowcount == 0
        assert session.execute(delete(Channel)).rowcount == 1
    with database.reading(Everything("test")) as session:
        [left] = session.exec(select(Channel)).all()
        assert (left.id, left.name) == (world.other_channel, "Number of otherPA")


def test_an_update_by_a_subquery_of_foreign_rows_finds_none(
    database: SqlDatabase, world: World
) -> None:
    with database.transaction(world.mine) as session:
        names = select(OTHER.name).where(OTHER.id == world.other_channel).scalar_subquery()
        session.execute(update(Channel).values(name=func.coalesce(names, "nothing")))
    with database.reading(world.mine) as session:
        assert session.get_one(Channel, world.my_channel).name == "nothing"


REFUSED: dict[str, Callable[[], Any]] = {
    "text": lambda: text("SELECT * FROM channel"),
    "text inside": lambda: select(Client).where(text("EXISTS (SELECT 1 FROM channel)")),
    "literal sql": lambda: select(Client.id, literal_column("(SELECT max(id) FROM channel)")),
    "core table": lambda: sa_select(BARE),
    "core column": lambda: sa_select(BARE.c.id),
    "core alias": lambda: sa_select(BARE.alias().c.id),
    "core beside the class": lambda: sa_select(Channel.id, BARE.alias()),
    "core alias beside an alias": lambda: sa_select(OTHER.id, BARE),
    "core sample": lambda: sa_select(func.count()).select_from(BARE.tablesample(50)),
    "core in a union": lambda: sa_select(Channel.id).union(sa_select(BARE.c.id)),
    "core cte": lambda: sa_select(sa_select(BARE.c.id).cte()),
    "core count": lambda: sa_select(func.count()).select_from(BARE),
    "core join": lambda: sa_select(Client.id).join(BARE, BARE.c.client_id == Client.id),
    "core subquery": lambda: select(Client).where(Client.id.in_(sa_select(BARE.c.client_id))),  # type: ignore[attr-defined]
    "core exists": lambda: select(Client).where(exists(sa_select(1).select_from(BARE))),
    "table by name": lambda: sa_select(table("channel", column("id")).c.id),
    "core insert": lambda: BARE.insert().values(id="x"),
    "core update": lambda: BARE.update().values(name="x"),
    "core delete": BARE.delete,
    "from statement": lambda: sa_select(Channel).from_statement(text("SELECT * FROM channel")),
    "from core": lambda: sa_select(Channel).from_statement(sa_select(BARE)),
    "insert of nobody's": lambda: insert(Channel).values(id="x"),
    "insert for another": lambda: insert(Channel).values(id="x", partner_id="otherPA"),
    "insert of many": lambda: insert(Channel).values([{"id": "x", "partner_id": "otherPA"}]),
    "insert from select": lambda: insert(Channel).from_select(["id"], select(Channel.id)),
    "update of the owner": lambda: update(Channel).values(partner_id="otherPA"),
    "update of the partner": lambda: update(Channel).values({Channel.partner_id: "otherPA"}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_filter_cannot_reach_is_refused(
    name: str, database: SqlDatabase, world: World
) -> None:
    with pytest.raises(TenancyError), database.transaction(world.mine) as session:
        session.execute(REFUSED[name]())


def test_lists_of_parameters_are_checked_too(database: SqlDatabase, world: World) -> None:
    foreign = [{"id": world.other_channel, "name": "New"}]
    for statement in (insert(Channel), update(Channel)):
        with pytest.raises(TenancyError), database.transaction(world.mine) as session:
            session.execute(statement, foreign)
        with pytest.raises(TenancyError), database.transaction(world.mine) as session:
            session.execute(statement, [{"partner_id": "minePA"}, {"partner_id": "otherPA"}])


def test_ways_around_the_session_are_closed(database: SqlDatabase, world: World) -> None:
    with database.transaction(world.mine) as session:
        with pytest.raises(TenancyError):
            session.connection()
        with pytest.raises(TenancyError):
            session.bulk_insert_mappings(Channel, [{}])  # type: ignore[arg-type]
        assert session.execute(vetted(text("SELECT 1"))).scalar() == 1


def test_foreign_rows_are_refused_at_flush(database: SqlDatabase, world: World) -> None:
    client = rows_of("otherPA")[1]
    client.id = "newCL"  # type: ignore[attr-defined]
    client.email = "new@example.org"  # type: ignore[attr-defined]
    with pytest.raises(TenancyError), database.transaction(world.mine) as session:
        session.add(client)
    with pytest.raises(TenancyError), database.transaction(world.mine) as session:
        session.get_one(Channel, world.my_channel).partner_id = "otherPA"
    with database.reading(world.other) as session:
        loaded = session.get_one(Channel, world.other_channel)
    with pytest.raises(TenancyError), database.transaction(world.mine) as session:
        _take_over(session, loaded)
    with pytest.raises(TenancyError), database.transaction(world.mine) as session:
        session.delete(loaded)


def _take_over(session: Session, row: Channel) -> None:
    session.add(row)
    row.partner_id = "minePA"


def test_own_rows_pass_the_flush(database: SqlDatabase, world: World) -> None:
    with database.transaction(world.mine) as session:
        session.get_one(WabaAccount, "waminePA").name = "New"
        session.get_one(Partner, "minePA").brand_name = "New"
        session.delete(session.get_one(Channel, world.my_channel))
    with database.reading(world.mine) as session:
        assert session.exec(select(Channel)).all() == []


def test_without_a_scope_tenant_tables_cannot_be_touched(
    database: SqlDatabase, world: World
) -> None:
    with Session(database.writer) as session:
        with pytest.raises(TenancyError):
            session.exec(select(Channel)).all()
        with pytest.raises(TenancyError):
            session.execute(text("SELECT * FROM channel"))
        session.add(rows_of("thirdPA")[0])
        with pytest.raises(TenancyError):
            session.flush()


def test_row_level_security_holds_where_the_filter_does_not_look(
    database: SqlDatabase, world: World
) -> None:
    if database.writer.dialect.name == "sqlite":
        return
    with database.transaction(world.mine) as session:
        for name, cls in tenant_classes().items():
            owners = text(f'SELECT DISTINCT {owner_column(cls).key} FROM "{name}"')  # noqa: S608
            assert set(session.execute(vetted(owners)).scalars()) <= {"minePA"}, name
        everything = vetted(text("UPDATE channel SET name = 'New'"))
        assert session.execute(everything).rowcount == 1  # type: ignore[attr-defined]
    for statement in (
        "UPDATE channel SET partner_id = 'otherPA'",
        "INSERT INTO client (partner_id, id) VALUES ('otherPA', 'x')",
    ):
        with (
            pytest.raises(Exception, match="row-level security"),
            database.transaction(world.mine) as session,
        ):
            session.execute(vetted(text(statement)))


def test_an_unarmed_connection_sees_nothing(database: SqlDatabase, world: World) -> None:
    if database.writer.dialect.name == "sqlite":
        return
    with database.reading(world.mine) as session:
        assert session.exec(select(Event)).one() is not None
    # The pooled connection that just served a partner remembers nothing of it.
    with database.writer.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM channel")).scalar() == 0


def test_a_scope_is_what_the_caller_says(world: World) -> None:
    assert Tenant("minePA") == world.mine
