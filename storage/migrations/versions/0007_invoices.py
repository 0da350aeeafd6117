"""Invoices, their lines and numbers, and billing details."""

import sqlalchemy as sa
from alembic import op

from storage.migrations import belts

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_FIXED = (
    "partner_id id client_id number key kind issued_at issued_on due_on period_first period_last"
    " currency net_micros tax_micros gross_micros prepaid_micros payable_micros tax seller buyer"
    " buyer_name language credits_id facts"
).split()


def upgrade() -> None:
    op.create_table(
        "number_sequence",
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_number_sequence")),
    )
    op.create_table(
        "invoice",
        sa.Column("partner_id", sa.String(10), nullable=False),
        sa.Column("id", sa.String(10), nullable=False),
        sa.Column("client_id", sa.String(10), nullable=False),
        sa.Column("number", sa.String(32), nullable=False),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("period_first", sa.Date(), nullable=True),
        sa.Column("period_last", sa.Date(), nullable=True),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("net_micros", sa.BigInteger(), nullable=False),
        sa.Column("tax_micros", sa.BigInteger(), nullable=False),
        sa.Column("gross_micros", sa.BigInteger(), nullable=False),
        sa.Column("prepaid_micros", sa.BigInteger(), nullable=False),
        sa.Column("payable_micros", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.JSON(), nullable=False),
        sa.Column("seller", sa.JSON(), nullable=False),
        sa.Column("buyer", sa.JSON(), nullable=False),
        sa.Column("buyer_name", sa.String(400), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("credits_id", sa.String(10), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("payment_id", sa.String(64), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_outbound", sa.Boolean(), nullable=False),
        sa.Column("pdf_hash", sa.String(64), nullable=False),
        sa.CheckConstraint(
            "kind IN ('plan', 'licences', 'top_up', 'closing', 'credit_note')",
            name=op.f("ck_invoice_kind"),
        ),
        sa.CheckConstraint(
            "status IN ('pending', 'unpaid', 'paid', 'void', 'credit_note')",
            name=op.f("ck_invoice_status"),
        ),
        sa.CheckConstraint(
            "(kind = 'credit_note') = (status = 'credit_note')",
            name=op.f("ck_invoice_credit_note"),
        ),
        sa.CheckConstraint("currency IN ('EUR', 'USD')", name=op.f("ck_invoice_currency")),
        sa.CheckConstraint(
            "net_micros % 10000 = 0 AND tax_micros % 10000 = 0 AND gross_micros % 10000 = 0"
            " AND prepaid_micros % 10000 = 0 AND payable_micros % 10000 = 0",
            name=op.f("ck_invoice_cents"),
        ),
        sa.CheckConstraint("gross_micros = net_micros + tax_micros", name=op.f("ck_invoice_gross")),
        sa.CheckConstraint(
            "payable_micros = gross_micros - prepaid_micros", name=op.f("ck_invoice_payable")
        ),
        sa.CheckConstraint(
            "payable_micros >= 0 AND prepaid_micros >= 0", name=op.f("ck_invoice_signs")
        ),
        sa.ForeignKeyConstraint(["credits_id"], ["invoice.id"], name=op.f("fk_invoice_credits_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_invoice_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice")),
        sa.UniqueConstraint("key", name="uq_invoice_key"),
        sa.UniqueConstraint("number", name="uq_invoice_number"),
    )
    op.create_index("ix_invoice_partner", "invoice", ["partner_id", "issued_at", "id"])
    op.create_index(
        "ix_invoice_partner_status", "invoice", ["partner_id", "status", "issued_at", "id"]
    )
    op.create_index(
        "ix_invoice_partner_client", "invoice", ["partner_id", "client_id", "issued_at", "id"]
    )
    op.create_index("ix_invoice_next_attempt", "invoice", ["next_attempt_at"])
    op.create_index("ix_invoice_credits", "invoice", ["credits_id"])
    op.create_table(
        "invoice_line",
        sa.Column("partner_id", sa.String(10), nullable=False),
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("invoice_id", sa.String(10), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("description", sa.String(400), nullable=False),
        sa.Column("detail", sa.String(400), nullable=False),
        sa.Column("quantity", sa.String(40), nullable=False),
        sa.Column("unit", sa.String(8), nullable=False),
        sa.Column("unit_price", sa.String(40), nullable=False),
        sa.Column("price_base", sa.String(40), nullable=False),
        sa.Column("net_micros", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("net_micros % 10000 = 0", name=op.f("ck_invoice_line_cents")),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoice.id"], name=op.f("fk_invoice_line_invoice_id")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_invoice_line_partner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_line")),
        sa.UniqueConstraint("invoice_id", "position", name="uq_invoice_line_position"),
    )
    op.create_table(
        "billing_details",
        sa.Column("partner_id", sa.String(10), nullable=False),
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("client_id", sa.String(10), nullable=False),
        sa.Column("legal_name", sa.String(200), nullable=False),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("address", sa.String(400), nullable=False),
        sa.Column("postal_code", sa.String(20), nullable=False),
        sa.Column("city", sa.String(120), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("vat_id", sa.String(20), nullable=False),
        sa.Column("vat_state", sa.String(8), nullable=False),
        sa.Column("vat_checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("vat_source", sa.String(16), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.String(64), nullable=False),
        sa.CheckConstraint(
            "vat_state IN ('none', 'unknown', 'valid', 'invalid')",
            name=op.f("ck_billing_details_vat_state"),
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_billing_details_partner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_details")),
    )
    op.create_index(
        "ix_billing_details_payer", "billing_details", ["partner_id", "client_id", "id"]
    )

    belts.guard_tenants("invoice", "invoice_line", "billing_details")
    belts.make_append_only("invoice_line", "billing_details")
    belts.fix_columns("invoice", _FIXED)


def downgrade() -> None:
    op.drop_table("billing_details")
    op.drop_table("invoice_line")
    op.drop_table("invoice")
    op.drop_table("number_sequence")
