"""The platform secret before, and until when it is still good."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    before = sa.Column(
        "platform_secret_previous", sa.String(400), nullable=False, server_default=""
    )
    op.add_column("partner", before)
    until = sa.Column("platform_secret_previous_until", sa.DateTime(timezone=True), nullable=True)
    op.add_column("partner", until)


def downgrade() -> None:
    op.drop_column("partner", "platform_secret_previous_until")
    op.drop_column("partner", "platform_secret_previous")
