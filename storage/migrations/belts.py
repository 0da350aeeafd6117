"""What every migration of tables must put around them, in both databases' words.

Row-level security on tenants' tables (PostgreSQL) and refusal of UPDATE and DELETE on tables that
only grow. A migration that adds such a table calls these for it.
"""

from __future__ import annotations

from collections.abc import Sequence

from alembic import op

# The scope is armed at the start of each transaction by `storage.tenancy`; unset means no row.
# The sub-selects are evaluated once per statement instead of once per row.
_POLICY = """
CREATE POLICY tenant ON "{table}"
USING (
    (SELECT current_setting('hub.scope', true)) = 'everything'
    OR {column} = (SELECT current_setting('hub.partner_id', true))
)
"""

# A role that owns nothing and passes by nothing, for logins that row-level security cannot hold.
# Whoever may not create roles is no superuser, so the policies hold for it as they are. Roles are
# the whole server's: another database's migration may have made it, or be making it right now.
_ROLE = """
DO $$
DECLARE
    can_create boolean;
BEGIN
    SELECT rolsuper OR rolcreaterole INTO can_create FROM pg_roles WHERE rolname = current_user;
    IF NOT can_create THEN RETURN; END IF;
    BEGIN
        CREATE ROLE hub_app NOLOGIN NOSUPERUSER NOBYPASSRLS;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END;
    EXECUTE format('GRANT hub_app TO %I', current_user);
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO hub_app', current_schema());
    EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT SELECT, INSERT, UPDATE, DELETE'
                   ' ON TABLES TO hub_app', current_schema());
    EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT USAGE, SELECT'
                   ' ON SEQUENCES TO hub_app', current_schema());
END
$$
"""

_UNROLE = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'hub_app')
       AND pg_has_role(current_user, 'hub_app', 'MEMBER') THEN
        -- Not DROP ROLE: other databases of the server may still use it.
        EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I REVOKE ALL ON TABLES FROM hub_app',
                       current_schema());
        EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I REVOKE ALL ON SEQUENCES FROM hub_app',
                       current_schema());
        EXECUTE format('REVOKE USAGE ON SCHEMA %I FROM hub_app', current_schema());
    END IF;
END
$$
"""

_REFUSE_CHANGE = """
CREATE FUNCTION hub_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$
"""


def on_postgresql() -> bool:
    """Whether the migration runs on PostgreSQL."""
    return op.get_bind().dialect.name == "postgresql"


def lay_foundation() -> None:
    """Before the first table: the role that tables are granted to, the function that refuses."""
    if on_postgresql():
        op.execute(_ROLE)
        op.execute(_REFUSE_CHANGE)


def remove_foundation() -> None:
    """After the last table."""
    if on_postgresql():
        op.execute("DROP FUNCTION hub_refuse_change()")
        op.execute(_UNROLE)


def guard_tenants(*tables: str, column: str = "partner_id") -> None:
    """Rows of these tables show only in their partner's transactions, to the owner as well."""
    if not on_postgresql():
        return
    for table in tables:
        op.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
        op.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
        op.execute(_POLICY.format(table=table, column=column))


def make_append_only(*tables: str) -> None:
    """UPDATE, DELETE (and TRUNCATE on PostgreSQL) fail on these tables, whoever tries."""
    for table in tables:
        if on_postgresql():
            op.execute(
                f'CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "{table}"'
                " FOR EACH STATEMENT EXECUTE FUNCTION hub_refuse_change()"
            )
            continue
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f'CREATE TRIGGER append_only_{table}_{act.lower()} BEFORE {act} ON "{table}"'
                f" BEGIN SELECT RAISE(ABORT, 'append-only: {act} on {table} is refused'); END"
            )


def fix_columns(table: str, columns: Sequence[str]) -> None:
    """What stands in these columns stays, and so does each row; the other columns may change."""
    if on_postgresql():
        op.execute(
            f"CREATE TRIGGER fixed_columns BEFORE UPDATE OF {', '.join(columns)} OR DELETE"
            f' OR TRUNCATE ON "{table}" FOR EACH STATEMENT EXECUTE FUNCTION hub_refuse_change()'
        )
        return
    for act, trigger in (("UPDATE", f"UPDATE OF {', '.join(columns)}"), ("DELETE", "DELETE")):
        op.execute(
            f'CREATE TRIGGER fixed_columns_{table}_{act.lower()} BEFORE {trigger} ON "{table}"'
            f" BEGIN SELECT RAISE(ABORT, 'append-only: {act} on {table} is refused'); END"
        )


def change_check(table: str, name: str, before: str, after: str) -> None:
    """The CHECK of this name holds `after` instead of `before`; rows, keys and triggers stay."""
    if on_postgresql():
        op.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')
        op.execute(f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" CHECK ({after})')
        return
    # SQLite cannot alter a CHECK, and making the table anew would break what refers to it. Its
    # text may be changed where no stored row is affected (sqlite.org/lang_altertable.html, 7).
    connection = op.get_bind()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    connection.exec_driver_sql(
        "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = ?",
        (before, after, table),
    )
    connection.exec_driver_sql("PRAGMA writable_schema = RESET")
