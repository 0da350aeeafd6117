"""PostgreSQL's rows by COPY: out of one snapshot, and into a schema that migrations have made.

Needs no client programs of PostgreSQL. What DBOS and alembic know about their own schemas stays as
this version's migrations made it; the rows of durable jobs come along.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql
from sqlalchemy import URL

from core.errors import Conflict
from storage.backup.archive import Reader, Writer
from storage.engines import database_url

Connection = psycopg.Connection[tuple[object, ...]]

_DBOS = "dbos"
_NOT_ROWS = ("alembic_version", "dbos_migrations")
_TABLES = """
    SELECT CASE WHEN schemaname = 'dbos' THEN 'dbos' ELSE 'hub' END, tablename FROM pg_tables
    WHERE schemaname IN (current_schema(), 'dbos') AND tablename <> ALL(%s) ORDER BY 1, 2
"""
_COLUMNS = """
    SELECT column_name FROM information_schema.columns
    WHERE table_schema = %s AND table_name = %s AND is_generated = 'NEVER'
    ORDER BY ordinal_position
"""
_FOREIGN_KEYS = """
    SELECT conrelid::regclass::text, conname FROM pg_constraint
    WHERE contype = 'f'
    AND connamespace IN (current_schema()::regnamespace, to_regnamespace('dbos'))
"""
_FORCED = """
    SELECT oid::regclass::text FROM pg_class
    WHERE relforcerowsecurity AND relnamespace = current_schema()::regnamespace
"""
_OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend'
    AND pid <> pg_backend_pid()
"""


def copy_out(url: str, writer: Writer) -> None:
    """One moment of all tables; writers go on meanwhile."""
    with _connected(url) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        _see_everything(connection)
        for room, table in _tables(connection):
            columns = _columns(connection, room, table)
            writer.manifest.columns[f"{room}.{table}"] = columns
            statement = sql.SQL("COPY {} ({}) TO STDOUT").format(
                _named(connection, room, table), _listed(columns)
            )
            with (
                writer.member(f"tables/{room}/{table}.copy") as write,
                connection.cursor().copy(statement) as rows,
            ):
                for piece in rows:
                    write(bytes(piece))


def require_free(url: str, *, overwrite: bool) -> None:
    """Nobody works on it and nothing in it would be lost; raises Conflict (restore_refused)."""
    with _connected(url) as connection:
        if _one(connection, _OTHERS):
            raise _refused("somebody is connected to it; stop the hub first")
        _see_everything(connection)
        has_partners = _one(connection, "SELECT to_regclass('partner') IS NOT NULL") and _one(
            connection, "SELECT EXISTS (SELECT FROM partner)"
        )
        if has_partners and not overwrite:
            raise _refused("it holds partners already; --overwrite replaces it")


def copy_in(url: str, reader: Reader, reason: str) -> None:
    """All tables hold what the backup holds, and the hub is held; or what they held before."""
    with _connected(url) as connection:
        _see_everything(connection)
        tables = _tables(connection)
        with _unguarded(connection, tables):
            named = [_named(connection, *table) for table in tables]
            connection.execute(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(named)))
            for room, table in tables:
                if f"tables/{room}/{table}.copy" in reader.manifest.members:
                    _fill(connection, room, table, reader)
            _go_on_counting(connection, tables)
            _hold(connection, tables, reason)


def _hold(connection: Connection, tables: list[tuple[str, str]], reason: str) -> None:
    """Schemas older than the hold's table get one with the migration."""
    if ("hub", "hold") in tables:
        statement = "INSERT INTO hold (reason, since) VALUES (%s, now())"
        connection.execute(statement, (reason,))


@contextmanager
def _unguarded(connection: Connection, tables: list[tuple[str, str]]) -> Iterator[None]:
    """Inside, rows may come in any order and belts hold nobody; all of it ends with the commit."""
    forced = [str(name) for (name,) in connection.execute(_FORCED)]
    keys = [(str(table), str(name)) for table, name in connection.execute(_FOREIGN_KEYS)]
    _alter(connection, forced, "NO FORCE ROW LEVEL SECURITY")
    _alter_keys(connection, keys, "DEFERRABLE INITIALLY DEFERRED")
    for table in tables:
        _alter_table(connection, table, "DISABLE TRIGGER USER")
    yield
    connection.execute("SET CONSTRAINTS ALL IMMEDIATE")  # now every reference is looked at
    for table in tables:
        _alter_table(connection, table, "ENABLE TRIGGER USER")
    _alter_keys(connection, keys, "NOT DEFERRABLE")
    _alter(connection, forced, "FORCE ROW LEVEL SECURITY")


def _fill(connection: Connection, room: str, table: str, reader: Reader) -> None:
    columns = reader.manifest.columns[f"{room}.{table}"]
    known = set(_columns(connection, room, table))
    if strange := [name for name in columns if name not in known]:
        raise _refused(f"this version's {table} has no column {strange[0]}")
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        _named(connection, room, table), _listed(columns)
    )
    with connection.cursor().copy(statement) as rows:
        for piece in reader.pieces(f"tables/{room}/{table}.copy"):
            rows.write(piece)


def _go_on_counting(connection: Connection, tables: list[tuple[str, str]]) -> None:
    """The next number of each counted column is one that no row has."""
    for room, table in tables:
        named = _named(connection, room, table)
        whole = named.as_string(connection)
        for column in _columns(connection, room, table):
            found = connection.execute(
                "SELECT pg_get_serial_sequence(%s, %s)", (whole, column)
            ).fetchone()
            if found and found[0]:
                connection.execute(
                    sql.SQL(
                        "SELECT setval(%s, max({0}), true) FROM {1} HAVING max({0}) > 0"
                    ).format(sql.Identifier(column), named),
                    (found[0],),
                )


def _alter(connection: Connection, tables: list[str], how: str) -> None:
    for table in tables:  # as `regclass` writes them: quoted where they have to be
        connection.execute(f"ALTER TABLE {table} {how}".encode())


def _alter_keys(connection: Connection, keys: list[tuple[str, str]], how: str) -> None:
    for table, name in keys:
        connection.execute(f'ALTER TABLE {table} ALTER CONSTRAINT "{name}" {how}'.encode())


def _alter_table(connection: Connection, table: tuple[str, str], how: str) -> None:
    name = _named(connection, *table).as_string(connection)
    _alter(connection, [name], how)


def _tables(connection: Connection) -> list[tuple[str, str]]:
    rows = connection.execute(_TABLES, (list(_NOT_ROWS),))
    return [(str(room), str(table)) for room, table in rows]


def _columns(connection: Connection, room: str, table: str) -> list[str]:
    rows = connection.execute(_COLUMNS, (_schema(connection, room), table))
    return [str(name) for (name,) in rows]


def _named(connection: Connection, room: str, table: str) -> sql.Identifier:
    return sql.Identifier(_schema(connection, room), table)


def _schema(connection: Connection, room: str) -> str:
    return _DBOS if room == _DBOS else str(_one(connection, "SELECT current_schema()"))


def _listed(columns: list[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(name) for name in columns)


def _see_everything(connection: Connection) -> None:
    connection.execute("SELECT set_config('hub.scope', 'everything', true)")


def _one(connection: Connection, question: str) -> object:
    row = connection.execute(question.encode()).fetchone()
    return row[0] if row else None


@contextmanager
def _connected(url: str | URL) -> Iterator[Connection]:
    plain = database_url(url).set(drivername="postgresql")
    with psycopg.connect(
        plain.render_as_string(hide_password=False), connect_timeout=10
    ) as connection:
        yield connection


def _refused(why: str) -> Conflict:
    return Conflict(f"The database is not replaced: {why}.", code="restore_refused")
