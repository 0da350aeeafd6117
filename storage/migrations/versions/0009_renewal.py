"""How each payer's balance is topped up by itself."""

import sqlalchemy as sa
from alembic import op

from storage.migrations import belts

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "renewal",
        sa.Column("partner_id", sa.String(10), nullable=False),
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("client_id", sa.String(10), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("mode", sa.String(16), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("threshold", sa.BigInteger(), nullable=False),
        sa.Column("threshold_because", sa.String(16), nullable=False),
        sa.Column("top_up", sa.BigInteger(), nullable=False),
        sa.Column("top_up_because", sa.String(16), nullable=False),
        sa.Column("own_threshold", sa.BigInteger(), nullable=False),
        sa.Column("own_top_up", sa.BigInteger(), nullable=False),
        sa.Column("ceiling", sa.BigInteger(), nullable=True),
        sa.Column("ceiling_told", sa.String(7), nullable=False),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "mode <> 'own' OR (own_threshold >= 0 AND own_top_up * 2 >= own_threshold AND own_top_up > 0)",
            name=op.f("ck_renewal_own"),
        ),
        sa.CheckConstraint("mode IN ('recommended', 'own')", name=op.f("ck_renewal_mode")),
        sa.CheckConstraint("ceiling IS NULL OR ceiling > 0", name=op.f("ck_renewal_ceiling")),
        sa.CheckConstraint("threshold > 0 AND top_up > 0", name=op.f("ck_renewal_recommended")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_renewal_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_renewal")),
        sa.UniqueConstraint("partner_id", "client_id", name="uq_renewal_payer"),
    )

    belts.guard_tenants("renewal")


def downgrade() -> None:
    op.drop_table("renewal")
