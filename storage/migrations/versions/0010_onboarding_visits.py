"""Whether a person was ever on a run's page, which browsers had it, and how its list is read."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_TABLE = "onboarding_run"


def upgrade() -> None:
    op.add_column(_TABLE, sa.Column("visited_at", sa.DateTime(timezone=True), nullable=True))
    # Text, so that a default can be given to rows that are there.
    op.add_column(
        _TABLE, sa.Column("former_browsers", sa.JSON(), nullable=False, server_default="[]")
    )
    # Which of the old rows were previews is not known; none of them disappears.
    op.execute("UPDATE onboarding_run SET visited_at = created_at")
    op.create_index(
        "ix_onboarding_run_status", _TABLE, ["partner_id", "status", "updated_at", "id"]
    )
    op.create_index("ix_onboarding_run_idle", _TABLE, ["status", "updated_at"])


def downgrade() -> None:
    op.drop_index("ix_onboarding_run_idle", _TABLE)
    op.drop_index("ix_onboarding_run_status", _TABLE)
    op.drop_column(_TABLE, "former_browsers")
    op.drop_column(_TABLE, "visited_at")
