"""The ground that all tests stand on."""

import asyncio
import socket

import psycopg
import pytest
import sqlalchemy as sa

from tests.support.loopback import OutsideCallError
from tests.support.postgres import PostgresServer


def test_no_test_reaches_another_machine() -> None:
    with pytest.raises(OutsideCallError):
        socket.create_connection(("192.0.2.1", 443))
    with pytest.raises(OutsideCallError):
        socket.getaddrinfo("partner.example", 443)


async def test_the_event_loop_reaches_no_other_machine_either() -> None:
    with pytest.raises(OutsideCallError):
        await asyncio.open_connection("192.0.2.1", 443)


async def test_this_machine_is_reached() -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("localhost", port)
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize("turn", ["first", "second"])
def test_a_test_gets_an_empty_database(database_url: str, turn: str) -> None:
    engine = sa.create_engine(database_url)
    with engine.begin() as connection:
        assert sa.inspect(connection).get_table_names() == []
        connection.execute(sa.text(f"CREATE TABLE {turn} (id integer)"))
    engine.dispose()


@pytest.mark.postgres
def test_row_level_security_would_hold_for_the_role(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        answer = connection.execute(
            "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    assert answer == (False,)


@pytest.mark.postgres
def test_a_template_is_built_once_and_cloned(postgres: PostgresServer) -> None:
    built = []

    def build(url: str) -> None:
        built.append(url)
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE furniture (id integer)")

    for _ in range(2):
        name = postgres.template("furnished", build)
        with postgres.database(name) as url, psycopg.connect(url) as connection:
            assert connection.execute("SELECT count(*) FROM furniture").fetchone() == (0,)
    assert len(built) == 1
