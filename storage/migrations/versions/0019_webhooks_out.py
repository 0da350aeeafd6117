"""Partners' webhook endpoints, deliveries with their attempts, and the outbox behind events."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.migrations import belts

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_TABLES = (
    *("webhook_endpoint", "webhook_outbox", "webhook_delivery"),
    *("webhook_attempt", "webhook_hour"),
)
_MAIN = sa.text("is_main AND removed_at IS NULL")
_OPEN = sa.text("state IN ('waiting', 'retrying')")
_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _endpoints()
    _outbox()
    _deliveries()
    _attempts()
    _hours()
    belts.guard_tenants(*_TABLES)
    # The main endpoint is the webhook URL from here on; nothing was ever written to the column.
    op.drop_column("partner", "webhook_url")


def downgrade() -> None:
    url = sa.Column("webhook_url", sa.String(2000), nullable=False, server_default="")
    op.add_column("partner", url)
    for table in reversed(_TABLES):
        op.drop_table(table)


def _text(name: str, length: int) -> Any:
    return sa.Column(name, sa.String(length), nullable=False)


def _time(name: str, *, nullable: bool = False) -> Any:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _number(name: str) -> Any:
    return sa.Column(name, sa.Integer(), nullable=False)


def _json(name: str) -> Any:
    return sa.Column(name, sa.JSON(), nullable=False)


def _refers(table: str, column: str, to: str) -> Any:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))


def _key(table: str, *columns: str) -> Any:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def _check(table: str, name: str, sql: str) -> Any:
    return sa.CheckConstraint(sql, name=op.f(f"ck_{table}_{name}"))


def _endpoints() -> None:
    table = "webhook_endpoint"
    op.create_table(
        table,
        _text("partner_id", 10),
        _text("id", 10),
        sa.Column("is_main", sa.Boolean(), nullable=False),
        _text("name", 80),
        _text("url", 2000),
        _text("headers", 16_000),
        _json("header_names"),
        _json("events"),
        _time("paused_at", nullable=True),
        _time("off_at", nullable=True),
        _text("off_reason", 16),
        _time("removed_at", nullable=True),
        _time("failing_since", nullable=True),
        _time("last_success_at", nullable=True),
        _time("last_failure_at", nullable=True),
        _time("slow_until", nullable=True),
        _number("slowness"),
        _time("created_at"),
        _text("created_by", 64),
        _time("modified_at"),
        _check(table, "off_reason", "off_reason IN ('', 'gone', 'failing', 'by_hand')"),
        _check(table, "off_at", "(off_at IS NULL) = (off_reason = '')"),
        _refers(table, "partner_id", "partner"),
        _key(table, "id"),
    )
    op.create_index(
        f"uq_{table}_main",
        table,
        ["partner_id"],
        unique=True,
        sqlite_where=_MAIN,
        postgresql_where=_MAIN,
    )
    op.create_index(f"ix_{table}_partner", table, ["partner_id", "id"])


def _outbox() -> None:
    table = "webhook_outbox"
    op.create_table(
        table,
        _text("partner_id", 10),
        sa.Column("event_id", _BIG, nullable=False, autoincrement=False),
        _refers(table, "partner_id", "partner"),
        _refers(table, "event_id", "event"),
        _key(table, "event_id"),
    )
    op.create_index(f"ix_{table}_partner", table, ["partner_id", "event_id"])


def _deliveries() -> None:
    table = "webhook_delivery"
    op.create_table(
        table,
        _text("partner_id", 10),
        sa.Column("id", _BIG, nullable=False),
        _text("endpoint_id", 10),
        _text("event_key", 32),
        sa.Column("event_id", _BIG, nullable=True),
        _text("event", 64),
        _text("channel_id", 10),
        _text("lane", 80),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        _text("state", 16),
        sa.Column("is_test", sa.Boolean(), nullable=False),
        _number("tries"),
        _number("attempts"),
        _time("next_try_at"),
        _number("last_status"),
        _text("last_error", 40),
        _time("created_at"),
        _time("closed_at", nullable=True),
        _check(
            table,
            "state",
            "state IN ('waiting', 'retrying', 'delivered', 'gave_up', 'skipped')",
        ),
        _refers(table, "partner_id", "partner"),
        _refers(table, "endpoint_id", "webhook_endpoint"),
        _key(table, "id"),
    )
    op.create_index(
        f"ix_{table}_open",
        table,
        ["endpoint_id", "next_try_at", "id"],
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_index(f"ix_{table}_partner", table, ["partner_id", "id"])
    op.create_index(f"ix_{table}_endpoint", table, ["partner_id", "endpoint_id", "id"])
    op.create_index(f"ix_{table}_channel", table, ["partner_id", "channel_id", "id"])
    op.create_index(f"ix_{table}_event", table, ["partner_id", "event", "id"])
    op.create_index(f"ix_{table}_age", table, ["created_at"])


def _attempts() -> None:
    table = "webhook_attempt"
    op.create_table(
        table,
        _text("partner_id", 10),
        sa.Column("id", _BIG, nullable=False),
        sa.Column("delivery_id", _BIG, nullable=False),
        _text("endpoint_id", 10),
        _number("number"),
        _time("at"),
        _number("millis"),
        _text("url", 2000),
        _json("request_headers"),
        _number("status"),
        _text("error", 40),
        _json("answer_headers"),
        _text("answer_body", 1024),
        _refers(table, "partner_id", "partner"),
        _refers(table, "delivery_id", "webhook_delivery"),
        _key(table, "id"),
        sa.UniqueConstraint("delivery_id", "number", name=f"uq_{table}_number"),
    )
    op.create_index(f"ix_{table}_endpoint", table, ["endpoint_id", "at"])


def _hours() -> None:
    table = "webhook_hour"
    op.create_table(
        table,
        _text("partner_id", 10),
        _text("endpoint_id", 10),
        _time("hour"),
        _number("delivered"),
        _number("failed"),
        _number("millis"),
        _refers(table, "partner_id", "partner"),
        _refers(table, "endpoint_id", "webhook_endpoint"),
        _key(table, "endpoint_id", "hour"),
    )
