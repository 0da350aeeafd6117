"""Support: conversations, messages, files, requests, how far everybody has read, canned answers."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.migrations import belts

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_OF_PARTNERS = (
    *("support_conversation", "support_message", "support_file"),
    *("support_request", "support_read_mark"),
)
_OPEN = sa.text("status = 'open'")


def upgrade() -> None:
    _conversations()
    _messages()
    _files()
    _requests()
    _read_marks()
    _canned_answers()
    belts.guard_tenants(*_OF_PARTNERS)


def downgrade() -> None:
    op.drop_table("support_canned_answer")
    for table in reversed(_OF_PARTNERS):
        op.drop_table(table)


def _text(name: str, length: int) -> Any:
    return sa.Column(name, sa.String(length), nullable=False)


def _time(name: str, *, nullable: bool = False) -> Any:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _refers(table: str, column: str, to: str) -> Any:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))


def _check(table: str, name: str, sql: str) -> Any:
    return sa.CheckConstraint(sql, name=op.f(f"ck_{table}_{name}"))


_SIDES = "IN ('partner', 'staff', 'hub')"
_KINDS = "'remove_user', 'downgrade', 'company_data', 'delete_number', 'other'"
_STATUSES = "'open', 'accepted', 'refused', 'withdrawn'"


def _conversations() -> None:
    table = "support_conversation"
    op.create_table(
        table,
        _text("partner_id", 10),
        _text("id", 16),
        _text("subject", 200),
        _text("state", 16),
        _text("kind", 16),
        _text("request_status", 16),
        _text("opened_by", 16),
        sa.Column("assigned_to", sa.String(16), nullable=True),
        _time("opened_at"),
        _time("closed_at", nullable=True),
        _time("waits_since", nullable=True),
        _time("last_at"),
        _text("last_side", 8),
        _text("last_text", 200),
        _text("last_told", 24),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("staff_mailed", sa.Integer(), nullable=False),
        _check(table, "state", "state IN ('waiting_support', 'waiting_partner', 'closed')"),
        _check(table, "kind", f"kind IN ('', {_KINDS})"),
        _check(table, "request_status", f"request_status IN ('', {_STATUSES})"),
        _check(table, "last_side", f"last_side {_SIDES}"),
        _refers(table, "partner_id", "partner"),
        _refers(table, "opened_by", "person"),
        _refers(table, "assigned_to", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(f"ix_{table}_partner", table, ["partner_id", "last_at", "id"])
    op.create_index(f"ix_{table}_queue", table, ["state", "waits_since", "id"])
    op.create_index(f"ix_{table}_last", table, ["last_at", "id"])


def _messages() -> None:
    table = "support_message"
    op.create_table(
        table,
        _text("partner_id", 10),
        _text("id", 16),
        _text("conversation_id", 16),
        sa.Column("number", sa.Integer(), nullable=False),
        _text("side", 8),
        sa.Column("author_id", sa.String(16), nullable=True),
        _text("text", 10_000),
        _text("told", 24),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("is_note", sa.Boolean(), nullable=False),
        _time("at"),
        _check(table, "side", f"side {_SIDES}"),
        _check(table, "is_note", "side = 'staff' OR NOT is_note"),
        _refers(table, "partner_id", "partner"),
        _refers(table, "conversation_id", "support_conversation"),
        _refers(table, "author_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("conversation_id", "number", name=f"uq_{table}_number"),
    )


def _files() -> None:
    table = "support_file"
    op.create_table(
        table,
        _text("partner_id", 10),
        _text("id", 22),
        sa.Column("message_id", sa.String(16), nullable=True),
        _text("uploaded_by", 16),
        _text("side", 8),
        _text("name", 120),
        _text("media_type", 40),
        sa.Column("size", sa.Integer(), nullable=False),
        _text("blob_hash", 64),
        _time("at"),
        _check(table, "size", "size > 0"),
        _refers(table, "partner_id", "partner"),
        _refers(table, "message_id", "support_message"),
        _refers(table, "uploaded_by", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(f"ix_{table}_message", table, ["message_id"])
    op.create_index(f"ix_{table}_uploader", table, ["uploaded_by", "at"])


def _requests() -> None:
    table = "support_request"
    op.create_table(
        table,
        _text("partner_id", 10),
        _text("id", 16),
        _text("conversation_id", 16),
        _text("kind", 16),
        _text("about", 16),
        sa.Column("facts", sa.JSON(), nullable=False),
        _text("status", 16),
        _text("made_by", 16),
        _time("made_at"),
        sa.Column("decided_by", sa.String(16), nullable=True),
        _time("decided_at", nullable=True),
        _text("why", 2_000),
        sa.Column("effect", sa.JSON(), nullable=False),
        _check(table, "kind", f"kind IN ({_KINDS})"),
        _check(table, "status", f"status IN ({_STATUSES})"),
        _check(table, "decided_at", "(status = 'open') = (decided_at IS NULL)"),
        _refers(table, "partner_id", "partner"),
        _refers(table, "conversation_id", "support_conversation"),
        _refers(table, "made_by", "person"),
        _refers(table, "decided_by", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("conversation_id", name=f"uq_{table}_conversation_id"),
    )
    op.create_index(
        f"uq_{table}_open",
        table,
        ["partner_id", "kind", "about"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )


def _read_marks() -> None:
    table = "support_read_mark"
    op.create_table(
        table,
        _text("partner_id", 10),
        _text("conversation_id", 16),
        _text("person_id", 16),
        _text("side", 8),
        sa.Column("read_number", sa.Integer(), nullable=False),
        sa.Column("mailed_number", sa.Integer(), nullable=False),
        _time("at", nullable=True),
        _refers(table, "partner_id", "partner"),
        _refers(table, "conversation_id", "support_conversation"),
        _refers(table, "person_id", "person"),
        sa.PrimaryKeyConstraint("conversation_id", "person_id", "side", name=op.f(f"pk_{table}")),
    )


def _canned_answers() -> None:
    table = "support_canned_answer"
    op.create_table(
        table,
        _text("id", 16),
        _text("title", 120),
        _text("text", 10_000),
        sa.Column("changed_by", sa.String(16), nullable=True),
        _time("changed_at"),
        _refers(table, "changed_by", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("title", name=f"uq_{table}_title"),
    )
