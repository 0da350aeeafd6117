"""DBOS's own tables: made with ours, so that a process that only enqueues can start first.

On PostgreSQL they stand in the schema `dbos`, on SQLite beside ours in the same file.
"""

from __future__ import annotations

import logging

from dbos import DBOS
from sqlalchemy import text

from storage.engines import database_url, is_sqlite, writing_engine

SCHEMA = "dbos"


def migrate_dbos(url: str) -> None:
    """DBOS's tables are the ones of the installed DBOS."""
    logging.getLogger("dbos").setLevel(logging.WARNING)
    plain = database_url(url)
    if plain.get_backend_name() == "postgresql":
        plain = plain.set(drivername="postgresql")
    role = _limited_role(url)
    DBOS.migrate(plain.render_as_string(hide_password=False), schema=SCHEMA, application_role=role)


def _limited_role(url: str) -> str | None:
    """The role that sessions work as, where their login would pass by row-level security."""
    engine = writing_engine(url, connections=1)
    if is_sqlite(engine):
        engine.dispose()
        return None
    question = text(
        "SELECT rolname FROM pg_roles WHERE rolname = 'hub_app' AND EXISTS"
        " (SELECT FROM pg_roles WHERE rolname = session_user AND (rolsuper OR rolbypassrls))"
    )
    with engine.connect() as connection:
        role: str | None = connection.execute(question).scalar()
    engine.dispose()
    return role
