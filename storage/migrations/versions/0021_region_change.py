"""Changes of a number's storage region, one at a time."""

import sqlalchemy as sa
from alembic import op

from storage.migrations import belts

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_TABLE = "region_change"


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("partner_id", sa.String(10), nullable=False),
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("channel_id", sa.String(10), nullable=False),
        sa.Column("before", sa.String(2), nullable=False),
        sa.Column("region", sa.String(2), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("step", sa.String(16), nullable=False),
        sa.Column("error_code", sa.String(40), nullable=False),
        sa.Column("meta_code", sa.Integer(), nullable=True),
        sa.Column("registrations", sa.JSON(), nullable=False),
        sa.Column("created_by", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('working', 'done', 'stopped')", name=op.f("ck_region_change_state")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_region_change_partner_id")
        ),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channel.id"], name=op.f("fk_region_change_channel_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_region_change")),
    )
    op.create_index("ix_region_change_channel", _TABLE, ["channel_id", "created_at"])
    working = sa.text("state = 'working'")
    op.create_index(
        "uq_region_change_working",
        _TABLE,
        ["channel_id"],
        unique=True,
        sqlite_where=working,
        postgresql_where=working,
    )
    belts.guard_tenants(_TABLE)


def downgrade() -> None:
    op.drop_table(_TABLE)
