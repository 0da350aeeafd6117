"""Rate cards, the ledger, and what each message cost."""

import sqlalchemy as sa
from alembic import op

from storage.migrations import belts

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rate_card",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("is_example", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(400), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("currency IN ('EUR', 'USD')", name=op.f("ck_rate_card_currency")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rate_card")),
        sa.UniqueConstraint("currency", "effective_from", "version", name="uq_rate_card_version"),
    )
    op.create_table(
        "usage_count",
        sa.Column("key", sa.String(160), nullable=False),
        sa.Column("messages", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_usage_count")),
    )
    op.create_table(
        "ledger_account",
        sa.Column("partner_id", sa.String(10), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("client_id", sa.String(10), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind <> 'pending' OR balance >= 0", name=op.f("ck_ledger_account_pending")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_ledger_account_partner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_account")),
        sa.UniqueConstraint("id", "currency", name="uq_ledger_account_id_currency"),
    )
    op.create_table(
        "rate_card_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("card_id", sa.String(40), nullable=False),
        sa.Column("market", sa.String(64), nullable=False),
        sa.Column("category", sa.String(32), nullable=False),
        sa.Column("first_message", sa.BigInteger(), nullable=False),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("first_message >= 1", name=op.f("ck_rate_card_row_first_message")),
        sa.CheckConstraint("micros >= 0", name=op.f("ck_rate_card_row_micros")),
        sa.ForeignKeyConstraint(
            ["card_id"], ["rate_card.id"], name=op.f("fk_rate_card_row_card_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rate_card_row")),
        sa.UniqueConstraint(
            "card_id", "market", "category", "first_message", name="uq_rate_card_row_place"
        ),
    )
    op.create_table(
        "ledger_entry",
        sa.Column("partner_id", sa.String(10), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("debit_account", sa.String(64), nullable=False),
        sa.Column("credit_account", sa.String(64), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reverses", sa.String(120), nullable=True),
        sa.Column("about", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "debit_account <> credit_account", name=op.f("ck_ledger_entry_two_accounts")
        ),
        sa.CheckConstraint("micros > 0", name=op.f("ck_ledger_entry_micros")),
        sa.ForeignKeyConstraint(
            ["credit_account", "currency"],
            ["ledger_account.id", "ledger_account.currency"],
            name="fk_ledger_entry_credit",
        ),
        sa.ForeignKeyConstraint(
            ["debit_account", "currency"],
            ["ledger_account.id", "ledger_account.currency"],
            name="fk_ledger_entry_debit",
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_ledger_entry_partner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
        sa.UniqueConstraint("key", name="uq_ledger_entry_key"),
        sa.UniqueConstraint("reverses", name="uq_ledger_entry_reverses"),
    )
    op.create_index("ix_ledger_entry_partner", "ledger_entry", ["partner_id", "at", "id"])

    op.create_table(
        "message_usage",
        sa.Column("partner_id", sa.String(10), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("charge_key", sa.String(200), nullable=False),
        sa.Column("wamid", sa.String(200), nullable=False),
        sa.Column("channel_id", sa.String(10), nullable=False),
        sa.Column("client_id", sa.String(10), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("market", sa.String(64), nullable=False),
        sa.Column("category", sa.String(32), nullable=False),
        sa.Column("free", sa.String(24), nullable=False),
        sa.Column("policy", sa.String(16), nullable=False),
        sa.Column("card", sa.String(40), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.Column("entry_key", sa.String(120), nullable=False),
        sa.CheckConstraint("micros >= 0", name=op.f("ck_message_usage_micros")),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channel.id"], name=op.f("fk_message_usage_channel_id")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_message_usage_partner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_usage")),
        sa.UniqueConstraint("charge_key", name="uq_message_usage_charge_key"),
    )
    op.create_index("ix_message_usage_entry", "message_usage", ["entry_key"])
    op.create_index("ix_message_usage_partner", "message_usage", ["partner_id", "at", "id"])

    op.create_table(
        "parked_message",
        sa.Column("partner_id", sa.String(10), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("wamid", sa.String(200), nullable=False),
        sa.Column("channel_id", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("parked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channel.id"], name=op.f("fk_parked_message_channel_id")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_parked_message_partner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parked_message")),
        sa.UniqueConstraint("wamid", name="uq_parked_message_wamid"),
    )
    op.create_index("ix_parked_message_partner", "parked_message", ["partner_id", "id"])

    belts.guard_tenants("ledger_account", "ledger_entry", "message_usage", "parked_message")
    belts.make_append_only("rate_card", "rate_card_row", "ledger_entry", "message_usage")


def downgrade() -> None:
    op.drop_table("parked_message")
    op.drop_table("message_usage")
    op.drop_table("ledger_entry")
    op.drop_table("rate_card_row")
    op.drop_table("ledger_account")
    op.drop_table("usage_count")
    op.drop_table("rate_card")
