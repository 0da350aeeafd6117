"""Events, which only grow, and what came in from Meta."""

import sqlalchemy as sa
from alembic import op

from storage.migrations import belts

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "inbound_webhook",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("body_hash", sa.String(64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("processed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(2000), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_webhook")),
        sa.UniqueConstraint("body_hash", name="uq_inbound_webhook_body_hash"),
    )
    op.create_index(
        "ix_inbound_webhook_open", "inbound_webhook", ["processed_at", "next_try_at", "id"]
    )
    op.create_table(
        "event",
        sa.Column("partner_id", sa.String(10), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("type", sa.String(64), nullable=False),
        sa.Column("subject_type", sa.String(32), nullable=False),
        sa.Column("subject_id", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("key", sa.String(80), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_event_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("key", name=op.f("uq_event_key")),
    )
    op.create_index("ix_event_partner", "event", ["partner_id", "id"])
    op.create_index("ix_event_subject", "event", ["partner_id", "subject_type", "subject_id", "id"])
    op.create_index("ix_event_type", "event", ["partner_id", "type", "id"])
    belts.guard_tenants("event")
    belts.make_append_only("event")


def downgrade() -> None:
    op.drop_table("event")
    op.drop_table("inbound_webhook")
