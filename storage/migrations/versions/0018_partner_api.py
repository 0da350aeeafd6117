"""The partner API: keys, system users and their tokens, numbers' keys, repeated writes."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.migrations import belts

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_TABLES = ("api_key", "api_user", "api_token", "channel_key", "idempotent_write")


def upgrade() -> None:
    login: Any = sa.Column("token_login", sa.Boolean(), nullable=False, server_default=sa.true())
    op.add_column("partner", login)
    _api_keys()
    _system_users()
    _api_tokens()
    _channel_keys()
    _idempotent_writes()
    belts.guard_tenants(*_TABLES)


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)
    op.drop_column("partner", "token_login")


def _text(name: str, length: int) -> Any:
    return sa.Column(name, sa.String(length), nullable=False)


def _time(name: str, *, nullable: bool = False) -> Any:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _refers(table: str, column: str, to: str) -> Any:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))


def _key(table: str, *columns: str) -> Any:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def _api_keys() -> None:
    table = "api_key"
    op.create_table(
        table,
        _text("partner_id", 10),
        _text("id", 16),
        _text("name", 120),
        _text("key_hash", 64),
        _text("prefix", 16),
        sa.Column("scopes", sa.JSON(), nullable=False),
        _text("created_by", 64),
        _time("created_at"),
        _time("last_used_at", nullable=True),
        _time("revoked_at", nullable=True),
        _refers(table, "partner_id", "partner"),
        _key(table, "id"),
        sa.UniqueConstraint("key_hash", name="uq_api_key_hash"),
    )
    op.create_index(f"ix_{table}_partner", table, ["partner_id", "created_at", "id"])


def _system_users() -> None:
    table = "api_user"
    op.create_table(
        table,
        _text("partner_id", 10),
        _text("id", 16),
        _text("username", 320),
        _text("name", 120),
        _text("password_hash", 200),
        sa.Column("scopes", sa.JSON(), nullable=False),
        _text("created_by", 64),
        _time("created_at"),
        _time("password_at"),
        _time("last_used_at", nullable=True),
        _time("disabled_at", nullable=True),
        _refers(table, "partner_id", "partner"),
        _key(table, "id"),
        sa.UniqueConstraint("username", name="uq_api_user_username"),
    )
    op.create_index(f"ix_{table}_partner", table, ["partner_id", "created_at", "id"])


def _api_tokens() -> None:
    table = "api_token"
    op.create_table(
        table,
        _text("partner_id", 10),
        _text("id_hash", 64),
        _text("refresh_hash", 64),
        _text("system_user_id", 16),
        _time("created_at"),
        _time("expires_at"),
        _time("refresh_expires_at"),
        _time("revoked_at", nullable=True),
        _refers(table, "partner_id", "partner"),
        _refers(table, "system_user_id", "api_user"),
        _key(table, "id_hash"),
        sa.UniqueConstraint("refresh_hash", name="uq_api_token_refresh"),
    )
    op.create_index(f"ix_{table}_user", table, ["system_user_id", "expires_at"])
    op.create_index(f"ix_{table}_end", table, ["refresh_expires_at"])


def _channel_keys() -> None:
    table = "channel_key"
    op.create_table(
        table,
        _text("partner_id", 10),
        _text("id", 10),
        _text("channel_id", 10),
        _text("key_hash", 64),
        _text("prefix", 16),
        _text("created_by", 64),
        _time("created_at"),
        _refers(table, "partner_id", "partner"),
        _refers(table, "channel_id", "channel"),
        _key(table, "id"),
        sa.UniqueConstraint("channel_id", name="uq_channel_key_channel"),
        sa.UniqueConstraint("key_hash", name="uq_channel_key_hash"),
    )
    op.create_index(f"ix_{table}_partner", table, ["partner_id", "id"])


def _idempotent_writes() -> None:
    table = "idempotent_write"
    op.create_table(
        table,
        _text("partner_id", 10),
        _text("key", 255),
        _text("request_hash", 64),
        _time("created_at"),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        _refers(table, "partner_id", "partner"),
        _key(table, "partner_id", "key"),
    )
    op.create_index(f"ix_{table}_at", table, ["created_at"])
