"""Links to the page of a client that pays for itself."""

import sqlalchemy as sa
from alembic import op

from storage.migrations import belts

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pay_link",
        sa.Column("partner_id", sa.String(10), nullable=False),
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("client_id", sa.String(10), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_pay_link_partner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pay_link")),
        sa.UniqueConstraint("key", name="uq_pay_link_key"),
        sa.UniqueConstraint("token_hash", name="uq_pay_link_token_hash"),
    )
    op.create_index("ix_pay_link_client", "pay_link", ["partner_id", "client_id", "made_at"])

    belts.guard_tenants("pay_link")


def downgrade() -> None:
    op.drop_table("pay_link")
