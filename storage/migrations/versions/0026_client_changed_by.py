"""Who changed a client last; '' where it was the client itself."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_TEXTS = {"modified_by": 64, "modified_by_name": 200}


def upgrade() -> None:
    for name, length in _TEXTS.items():
        column = sa.Column(name, sa.String(length), nullable=False, server_default="")
        op.add_column("client", column)


def downgrade() -> None:
    for name in reversed(_TEXTS):
        op.drop_column("client", name)
