"""On either database, no row of any table holds a secret that was planted through the services."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import MetaData, select

from core.clock import FixedClock
from storage.database import SqlDatabase
from storage.engines import writing_engine
from tests.support.planted import plant


def test_no_row_holds_a_planted_secret(database: SqlDatabase, clock: FixedClock) -> None:
    secrets = plant(database, clock)
    content = "\n".join(everything(database))
    assert "zoe@planted.example" in content
    pattern = r"(?<![0-9A-Za-z]){}(?![0-9A-Za-z])"
    assert [w for w, s in secrets.items() if re.search(pattern.format(re.escape(s)), content)] == []


def everything(database: SqlDatabase) -> list[str]:
    """Every row of every table that is there, also of those that no entity knows."""
    engine = writing_engine(database.writer.url, connections=1)
    tables = MetaData()
    told: list[str] = []
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT set_config('hub.scope', 'everything', true)")
        tables.reflect(connection)
        for table in tables.tables.values():
            told += [_text(row) for row in connection.execute(select(table))]
    engine.dispose()
    return told


def _text(row: Any) -> str:
    cells = (each.decode("latin-1") if isinstance(each, bytes) else str(each) for each in row)
    return " | ".join(cells)
