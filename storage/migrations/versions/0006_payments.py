"""Cards, payments, refunds, and what the payment provider told."""

import sqlalchemy as sa
from alembic import op

from storage.migrations import belts

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "provider_webhook",
        sa.Column("id", sa.String(255), nullable=False),
        sa.Column("type", sa.String(64), nullable=False),
        sa.Column("object_id", sa.String(255), nullable=False),
        sa.Column("reference", sa.String(255), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("processed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_webhook")),
    )
    op.create_index("ix_provider_webhook_open", "provider_webhook", ["processed_at", "received_at"])
    op.create_table(
        "payment_customer",
        sa.Column("partner_id", sa.String(10), nullable=False),
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("client_id", sa.String(10), nullable=False),
        sa.Column("provider", sa.String(16), nullable=False),
        sa.Column("provider_id", sa.String(255), nullable=False),
        sa.Column("name", sa.String(400), nullable=False),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_payment_customer_partner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_customer")),
        sa.UniqueConstraint(
            "partner_id", "client_id", "provider", name="uq_payment_customer_payer"
        ),
    )
    op.create_table(
        "card",
        sa.Column("partner_id", sa.String(10), nullable=False),
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("client_id", sa.String(10), nullable=False),
        sa.Column("customer_id", sa.String(16), nullable=False),
        sa.Column("provider_id", sa.String(255), nullable=False),
        sa.Column("brand", sa.String(32), nullable=False),
        sa.Column("last4", sa.String(4), nullable=False),
        sa.Column("exp_month", sa.Integer(), nullable=False),
        sa.Column("exp_year", sa.Integer(), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("fingerprint", sa.String(255), nullable=False),
        sa.Column("primary_of", sa.String(24), nullable=True),
        sa.Column("live_key", sa.String(300), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("expiry_told", sa.String(7), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["payment_customer.id"], name=op.f("fk_card_customer_id")
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_card_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card")),
        sa.UniqueConstraint("live_key", name="uq_card_live_key"),
        sa.UniqueConstraint("primary_of", name="uq_card_primary_of"),
        sa.UniqueConstraint("provider_id", name="uq_card_provider_id"),
    )
    op.create_index("ix_card_payer", "card", ["partner_id", "client_id", "position"])
    op.create_table(
        "card_page_visit",
        sa.Column("partner_id", sa.String(10), nullable=False),
        sa.Column("id", sa.String(22), nullable=False),
        sa.Column("client_id", sa.String(10), nullable=False),
        sa.Column("customer_id", sa.String(16), nullable=False),
        sa.Column("page_id", sa.String(255), nullable=True),
        sa.Column("return_url", sa.String(2000), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("card_id", sa.String(16), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["payment_customer.id"], name=op.f("fk_card_page_visit_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_card_page_visit_partner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_page_visit")),
        sa.UniqueConstraint("page_id", name="uq_card_page_visit_page_id"),
    )
    op.create_index("ix_card_page_visit_open", "card_page_visit", ["ended_at", "opened_at"])
    op.create_table(
        "payment",
        sa.Column("partner_id", sa.String(10), nullable=False),
        sa.Column("id", sa.String(22), nullable=False),
        sa.Column("client_id", sa.String(10), nullable=False),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("gross", sa.BigInteger(), nullable=False),
        sa.Column("refunded", sa.BigInteger(), nullable=False),
        sa.Column("dispute", sa.String(8), nullable=False),
        sa.Column("customer_id", sa.String(16), nullable=False),
        sa.Column("card_id", sa.String(16), nullable=False),
        sa.Column("provider_card", sa.String(255), nullable=False),
        sa.Column("cards_left", sa.JSON(), nullable=False),
        sa.Column("cards_tried", sa.JSON(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.String(255), nullable=True),
        sa.Column("decline_code", sa.String(64), nullable=False),
        sa.Column("action_url", sa.String(2000), nullable=False),
        sa.Column("invoice_id", sa.String(40), nullable=False),
        sa.Column("fixed", sa.JSON(), nullable=False),
        sa.Column("token", sa.String(80), nullable=True),
        sa.Column("slot", sa.String(80), nullable=True),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "dispute IN ('', 'open', 'won', 'lost')", name=op.f("ck_payment_dispute")
        ),
        sa.CheckConstraint(
            "purpose IN ('top_up', 'auto_renewal', 'invoice')", name=op.f("ck_payment_purpose")
        ),
        sa.CheckConstraint(
            "status IN ('created', 'processing', 'action_required', 'unknown', 'succeeded', 'declined', 'cancelled')",
            name=op.f("ck_payment_status"),
        ),
        sa.CheckConstraint("gross = net + fee + tax AND gross > 0", name=op.f("ck_payment_gross")),
        sa.CheckConstraint("refunded >= 0 AND refunded <= gross", name=op.f("ck_payment_refunded")),
        sa.ForeignKeyConstraint(["card_id"], ["card.id"], name=op.f("fk_payment_card_id")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["payment_customer.id"], name=op.f("fk_payment_customer_id")
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_payment_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("provider_id", name="uq_payment_provider_id"),
        sa.UniqueConstraint("slot", name="uq_payment_slot"),
        sa.UniqueConstraint("token", name="uq_payment_token"),
    )
    op.create_index("ix_payment_invoice", "payment", ["invoice_id"])
    op.create_index("ix_payment_partner", "payment", ["partner_id", "created_at", "id"])
    op.create_index("ix_payment_status", "payment", ["status", "asked_at"])
    op.create_table(
        "payment_refund",
        sa.Column("partner_id", sa.String(10), nullable=False),
        sa.Column("id", sa.String(22), nullable=False),
        sa.Column("client_id", sa.String(10), nullable=False),
        sa.Column("payment_id", sa.String(22), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("gross", sa.BigInteger(), nullable=False),
        sa.Column("provider_id", sa.String(255), nullable=True),
        sa.Column("token", sa.String(80), nullable=True),
        sa.Column("credit_note_id", sa.String(40), nullable=False),
        sa.Column("why", sa.String(400), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('refund', 'dispute')", name=op.f("ck_payment_refund_kind")),
        sa.CheckConstraint(
            "status IN ('created', 'pending', 'succeeded', 'failed')",
            name=op.f("ck_payment_refund_status"),
        ),
        sa.CheckConstraint(
            "gross = net + fee + tax AND gross > 0", name=op.f("ck_payment_refund_gross")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_payment_refund_partner_id")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_payment_refund_payment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_refund")),
        sa.UniqueConstraint("provider_id", name="uq_payment_refund_provider_id"),
        sa.UniqueConstraint("token", name="uq_payment_refund_token"),
    )
    op.create_index("ix_payment_refund_payment", "payment_refund", ["payment_id"])
    op.create_index("ix_payment_refund_status", "payment_refund", ["status", "asked_at"])

    belts.guard_tenants("payment_customer", "card", "card_page_visit", "payment", "payment_refund")


def downgrade() -> None:
    op.drop_table("payment_refund")
    op.drop_table("payment")
    op.drop_table("card_page_visit")
    op.drop_table("card")
    op.drop_table("payment_customer")
    op.drop_table("provider_webhook")
