"""The schema: up, down and up again on both databases, and the same as the entities say."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection

from core.entities import metadata
from core.errors import Unavailable
from storage.engines import writing_engine
from storage.migrate import downgrade, migrate, require_migrated
from storage.migrations.compare import is_ours
from storage.tenancy import tenant_classes


def test_up_down_up_ends_in_the_schema_that_the_entities_say(database_url: str) -> None:
    migrate(database_url)
    downgrade(database_url)
    with connected(database_url) as connection:
        left = [name for name in inspect(connection).get_table_names() if is_ours(*_table(name))]
        assert left == ["alembic_version"]
    migrate(database_url)
    migrate(database_url)
    with connected(database_url) as connection:
        options = {"compare_type": True, "include_object": is_ours}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []


def test_a_database_of_another_version_is_refused_in_one_sentence(database_url: str) -> None:
    with pytest.raises(Unavailable, match=r"schema is empty.*main\.py migrate"):
        require_migrated(database_url)
    migrate(database_url, "0001")
    with pytest.raises(Unavailable, match="schema is 0001"):
        require_migrated(database_url)
    migrate(database_url)
    require_migrated(database_url)


def test_check_constraints_of_the_entities_are_in_the_database(migrated_url: str) -> None:
    # Alembic does not compare them.
    with connected(migrated_url) as connection:
        for name, table in metadata.tables.items():
            wanted = {
                str(c.name) for c in table.constraints if c.__visit_name__ == "check_constraint"
            }
            found = {str(c["name"]) for c in inspect(connection).get_check_constraints(name)}
            assert wanted <= found, name


def test_every_tenant_table_is_under_forced_row_level_security(migrated_url: str) -> None:
    with connected(migrated_url) as connection:
        if connection.dialect.name == "sqlite":
            return
        rows = connection.execute(
            text("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
        )
        assert set(rows.scalars()) == set(tenant_classes())


def _table(name: str) -> tuple[None, str, str, bool, None]:
    return None, name, "table", True, None


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """A connection for the block, its engine closed afterwards."""
    engine = writing_engine(url, connections=1)
    with engine.connect() as connection:
        yield connection
    engine.dispose()
