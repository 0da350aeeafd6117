"""Origins are found by their partner: whoever looks for an address looks among its own."""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_INDEX, _TABLE = "ix_event_origin_partner", "event_origin"


def upgrade() -> None:
    op.create_index(_INDEX, _TABLE, ["partner_id"])


def downgrade() -> None:
    op.drop_index(_INDEX, _TABLE)
