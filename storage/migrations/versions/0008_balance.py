"""Sums of usage per day, alert levels, caps, stops of outbound messages, markups."""

import sqlalchemy as sa
from alembic import op

from storage.migrations import belts

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_OURS = ("usage_day", "alert_level", "client_cap", "outbound_stop", "partner_markup")


def upgrade() -> None:
    op.create_table(
        "usage_day",
        sa.Column("partner_id", sa.String(10), nullable=False),
        sa.Column("payer_client", sa.String(10), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("channel_id", sa.String(10), nullable=False),
        sa.Column("client_id", sa.String(10), nullable=False),
        sa.Column("category", sa.String(32), nullable=False),
        sa.Column("market", sa.String(64), nullable=False),
        sa.Column("free", sa.String(24), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("messages", sa.BigInteger(), nullable=False),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_usage_day_partner_id")
        ),
        sa.PrimaryKeyConstraint(
            "partner_id",
            "payer_client",
            "day",
            "channel_id",
            "client_id",
            "category",
            "market",
            "free",
            "currency",
            name=op.f("pk_usage_day"),
        ),
    )
    op.create_index("ix_usage_day_client", "usage_day", ["partner_id", "client_id", "day"])
    op.create_index("ix_usage_day_partner", "usage_day", ["partner_id", "day"])
    op.create_table(
        "alert_level",
        sa.Column("partner_id", sa.String(10), nullable=False),
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("payer_client", sa.String(10), nullable=False),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("micros > 0", name=op.f("ck_alert_level_micros")),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_alert_level_partner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_level")),
        sa.UniqueConstraint("partner_id", "payer_client", "micros", name="uq_alert_level_level"),
    )
    op.create_table(
        "client_cap",
        sa.Column("partner_id", sa.String(10), nullable=False),
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("client_id", sa.String(10), nullable=False),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.Column("reached_month", sa.String(7), nullable=False),
        sa.CheckConstraint("micros > 0", name=op.f("ck_client_cap_micros")),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_client_cap_client_id")),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_client_cap_partner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_cap")),
        sa.UniqueConstraint("partner_id", "client_id", name="uq_client_cap_client"),
    )
    op.create_table(
        "outbound_stop",
        sa.Column("partner_id", sa.String(10), nullable=False),
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("client_id", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "reason IN ('balance', 'cap', 'dunning')", name=op.f("ck_outbound_stop_reason")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_outbound_stop_partner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbound_stop")),
        sa.UniqueConstraint("partner_id", "client_id", "reason", name="uq_outbound_stop_reason"),
    )
    op.create_table(
        "partner_markup",
        sa.Column("partner_id", sa.String(10), nullable=False),
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("hundredths", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "hundredths >= 0 AND hundredths <= 100000", name=op.f("ck_partner_markup_hundredths")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_partner_markup_partner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_markup")),
        sa.UniqueConstraint("partner_id", "effective_from", name="uq_partner_markup_day"),
    )
    op.add_column(
        "message_usage", sa.Column("markup", sa.Integer(), nullable=False, server_default="0")
    )
    # A statement is paged from both sides of an account; what is not usage is rare and summed up.
    op.create_index("ix_ledger_entry_debit", "ledger_entry", ["debit_account", "at", "id"])
    op.create_index("ix_ledger_entry_credit", "ledger_entry", ["credit_account", "at", "id"])
    op.create_index(
        "ix_ledger_entry_rare",
        "ledger_entry",
        ["partner_id", "at", "id"],
        sqlite_where=sa.text("kind <> 'usage'"),
        postgresql_where=sa.text("kind <> 'usage'"),
    )
    belts.guard_tenants(*_OURS)
    belts.make_append_only("partner_markup")


def downgrade() -> None:
    for name in ("rare", "credit", "debit"):
        op.drop_index(f"ix_ledger_entry_{name}", table_name="ledger_entry")
    op.drop_column("message_usage", "markup")
    for table in reversed(_OURS):
        op.drop_table(table)
