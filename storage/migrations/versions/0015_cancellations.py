"""When a cancelled number ends, and the numbers that are about to."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_DUE = "ends_at IS NOT NULL AND terminated_at IS NULL"


def upgrade() -> None:
    op.add_column("channel", sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_channel_ends",
        "channel",
        ["ends_at", "id"],
        sqlite_where=sa.text(_DUE),
        postgresql_where=sa.text(_DUE),
    )


def downgrade() -> None:
    op.drop_index("ix_channel_ends", "channel")
    op.drop_column("channel", "ends_at")
