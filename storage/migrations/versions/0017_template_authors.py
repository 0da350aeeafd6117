"""Who made and who changed a template; whether clients of other partners are taken unasked."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_TEXTS = {"created_by": 64, "created_by_name": 200, "modified_by": 64, "modified_by_name": 200}


def upgrade() -> None:
    for name, length in _TEXTS.items():
        column = sa.Column(name, sa.String(length), nullable=False, server_default="")
        op.add_column("template", column)
    op.add_column(
        "partner",
        sa.Column(
            "partner_change_auto_approve", sa.Boolean(), nullable=False, server_default=sa.false()
        ),
    )


def downgrade() -> None:
    op.drop_column("partner", "partner_change_auto_approve")
    for name in reversed(_TEXTS):
        op.drop_column("template", name)
