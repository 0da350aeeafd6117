"""What alembic compares and writes: our own tables with plain column types.

DBOS keeps its tables itself (on SQLite in the same file), the search index is made by hand.
"""

from __future__ import annotations

from typing import Any, Literal

from dbos._schemas.system_database import SystemSchema
from sqlmodel import AutoString

from core.columns import UtcDateTime

_DBOS = {table.name for table in SystemSchema.metadata_obj.tables.values()} | {"dbos_migrations"}


def is_ours(_item: Any, name: str | None, kind: str, reflected: bool, _compare_to: Any) -> bool:
    """False for tables that other hands keep."""
    if kind != "table" or not reflected or name is None:
        return True
    return name not in _DBOS and not name.startswith("channel_search")


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Types as plain SQLAlchemy: a migration must not change when our own types do."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, AutoString):
        return f"sa.String({item.length or ''})"
    return False
