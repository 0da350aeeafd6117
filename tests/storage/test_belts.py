"""Both belts around every tenant table there is: nobody's rows are read or written by another.

The tables are found, not listed: a new one is tried the moment it exists.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import ColumnElement, Table, and_, delete, insert, text, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, SQLModel, select

from core.ports import Everything, Tenant
from storage.database import SqlDatabase
from storage.tenancy import TenancyError, owner_column, tenant_classes, vetted
from tests.support.every_table import OneOfEach

MINE, OTHER = "minePA", "otherPA"
TEST = Everything("test")


@pytest.fixture
def each(database: SqlDatabase) -> OneOfEach:
    """One row of every tenant table for both partners; the keys of the other's."""
    others = OneOfEach(OTHER)
    with database.transaction(TEST) as session:
        OneOfEach(MINE).add_to(session)
        others.add_to(session)
    return others


@pytest.fixture
def is_postgresql(database: SqlDatabase) -> bool:
    return database.writer.dialect.name == "postgresql"


def classes() -> Iterator[tuple[type[SQLModel], Table]]:
    for _, cls in sorted(tenant_classes().items()):
        yield cls, cls.__table__  # type: ignore[attr-defined]


def rows_of(database: SqlDatabase, partner_id: str) -> dict[str, list[Any]]:
    """Everything that the partner has, table by table."""
    found = {}
    with database.reading(TEST) as session:
        for cls, table in classes():
            own = vetted(select(table).where(table.c[owner_column(cls).key] == partner_id))
            found[table.name] = [tuple(row) for row in session.execute(own)]
    return found


def key_is(
    table: Table, key: tuple[Any, ...], cls: type[SQLModel] | None = None
) -> ColumnElement[bool]:
    """The row with this key, by the class (`cls`) or by the bare table."""
    columns = (column if cls is None else getattr(cls, column.key) for column in table.primary_key)
    return and_(*(column == part for column, part in zip(columns, key, strict=True)))


def refusal(act: Callable[[], Any]) -> str:
    """How it was refused: by whom, or '' when it was not."""
    try:
        act()
    except TenancyError:
        return "guard"
    except DBAPIError as error:
        told = str(error.orig)
        return next((word for word in ("row-level security", "append-only") if word in told), "")
    return ""


def test_no_table_is_missed(database: SqlDatabase, each: OneOfEach) -> None:
    assert set(each.ids) - {"person"} == set(tenant_classes())
    assert all(rows_of(database, OTHER).values())
    with database.reading(TEST) as session:
        for _, table in classes():
            assert table.c.keys(), table.name
        tables = SQLModel.metadata.tables.values()
        owned = {table.name for table in tables if "partner_id" in table.c}
        # A session may work for no partner, so it is nobody's row; its hash is never told.
        assert owned - {"user_session"} <= set(tenant_classes())
        assert session.execute(vetted(text("SELECT 1"))).scalar() == 1


def test_the_orm_finds_own_rows_only(database: SqlDatabase, each: OneOfEach) -> None:
    with database.reading(Tenant(MINE)) as session:
        for cls, table in classes():
            assert set(session.exec(select(owner_column(cls))).all()) == {MINE}, table.name
            assert session.get(cls, each.ids[table.name]) is None, table.name
            found = select(cls).where(key_is(table, each.ids[table.name], cls))
            assert refusal(lambda found=found: session.exec(found).all()) == "", table.name  # type: ignore[misc]
            assert session.exec(found).all() == [], table.name


def test_the_orm_writes_own_rows_only(database: SqlDatabase, each: OneOfEach) -> None:
    before = rows_of(database, OTHER)
    for cls, table in classes():
        key, owner = each.ids[table.name], owner_column(cls).key
        hit = key_is(table, key, cls)
        for statement in (
            update(cls).where(hit).values(_same(table, owner, cls)),
            delete(cls).where(hit),
        ):
            with database.transaction(Tenant(MINE)) as session:
                done = _done(session, statement)
            assert done in (0, "append-only"), (table.name, done)
        for act in (
            lambda s, cls=cls: s.add(each.row(cls)),
            lambda s, cls=cls, owner=owner: s.execute(insert(cls).values({owner: OTHER})),
            lambda s, cls=cls, owner=owner: s.execute(update(cls).values({owner: OTHER})),
        ):
            assert refusal(lambda act=act: _in(database, act)) == "guard", table.name  # type: ignore[misc]
    assert rows_of(database, OTHER) == before


def test_raw_statements_are_refused_or_held_by_the_database(
    database: SqlDatabase, each: OneOfEach, is_postgresql: bool
) -> None:
    before = rows_of(database, OTHER)
    for cls, table in classes():
        owner, key = owner_column(cls).key, each.ids[table.name]
        for statement in _raw(table, owner):
            assert refusal(lambda s=statement: _in(database, lambda db: db.execute(s))) == "guard"  # type: ignore[misc]
        if not is_postgresql:
            continue
        with database.reading(Tenant(MINE)) as session:
            seen = session.execute(vetted(select(table.c[owner]))).scalars()
            assert set(seen) == {MINE}, table.name
        for change in (table.update().values(_same(table, owner)), table.delete()):
            with database.transaction(Tenant(MINE)) as session:
                done = _done(session, vetted(change.where(key_is(table, key))))
            assert done in (0, "append-only"), (table.name, done)
        new = vetted(table.insert().values(each.row(cls).model_dump()))
        assert refusal(lambda new=new: _in(database, lambda db: db.execute(new))) == (  # type: ignore[misc]
            "row-level security"
        ), table.name
    assert rows_of(database, OTHER) == before


def test_row_level_security_stands_on_every_table(
    database: SqlDatabase, is_postgresql: bool
) -> None:
    if not is_postgresql:
        return
    forced = text(
        "SELECT relname FROM pg_class JOIN pg_policies ON tablename = relname"
        " WHERE relrowsecurity AND relforcerowsecurity"
    )
    with database.reading(TEST) as session:
        assert set(tenant_classes()) <= set(session.execute(vetted(forced)).scalars())


def _raw(table: Table, owner: str) -> list[Any]:
    name = f'"{table.name}"'
    return [
        text(f"SELECT * FROM {name}"),  # noqa: S608
        text(f"UPDATE {name} SET {owner} = '{OTHER}'"),  # noqa: S608
        text(f"DELETE FROM {name}"),  # noqa: S608
        text(f"INSERT INTO {name} ({owner}) VALUES ('{OTHER}')"),  # noqa: S608
        select(table),
        table.insert().values({owner: OTHER}),
        table.update().values({owner: OTHER}),
        table.delete(),
    ]


def _same(table: Table, owner: str, cls: type[SQLModel] | None = None) -> dict[str, Any]:
    """A change of some column to itself: what is counted is which rows are reached."""
    keys = [c.key for c in table.c if not c.primary_key and c.key != owner]
    key = keys[0] if keys else next(c.key for c in table.primary_key if c.key != owner)
    return {key: table.c[key] if cls is None else getattr(cls, key)}


def _done(session: Session, statement: Any) -> Any:
    """How many rows were reached, or what refused the statement."""
    told: list[Any] = []

    def act() -> None:
        with session.begin_nested():
            told.append(session.execute(statement).rowcount)  # type: ignore[attr-defined]

    return refusal(act) or told[0]


def _in(database: SqlDatabase, act: Callable[[Session], Any]) -> None:
    with database.transaction(Tenant(MINE)) as session:
        act(session)
        session.flush()
