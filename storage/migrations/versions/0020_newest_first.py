"""Lists of the partner API begin with the newest: indexes in that order."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_TABLES = ("channel", "client")


def upgrade() -> None:
    for table in _TABLES:
        columns = ["partner_id", "created_at", "id"]
        op.create_index(f"ix_{table}_partner_created", table, columns)


def downgrade() -> None:
    for table in _TABLES:
        op.drop_index(f"ix_{table}_partner_created", table)
