"""Alembic's entry: runs the versions on the connection that `storage.migrate` hands over."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, text

from core.entities import metadata
from storage.migrations.compare import is_ours, render_item


def run(connection: Connection) -> None:
    """Bring the connection's database to the revision that was asked for, in one transaction."""
    if connection.dialect.name == "postgresql":
        # Row-level security binds the tables' owner too; a migration may touch every row.
        connection.execute(text("SELECT set_config('hub.scope', 'everything', true)"))
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_object=is_ours,
        render_item=render_item,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
