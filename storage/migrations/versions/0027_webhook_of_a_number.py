"""The webhook of a number: an endpoint that belongs to one channel; '' for the partner's."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_TABLE, _INDEX = "webhook_endpoint", "uq_webhook_endpoint_number"
_OF_NUMBER = sa.text("channel_id <> '' AND removed_at IS NULL")


def upgrade() -> None:
    column = sa.Column("channel_id", sa.String(10), nullable=False, server_default="")
    op.add_column(_TABLE, column)
    op.create_index(
        _INDEX,
        _TABLE,
        ["channel_id"],
        unique=True,
        sqlite_where=_OF_NUMBER,
        postgresql_where=_OF_NUMBER,
    )


def downgrade() -> None:
    op.drop_index(_INDEX, _TABLE)
    op.drop_column(_TABLE, "channel_id")
