"""Invitations have links of their own, and a login may confirm a session or follow such a link."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_TEXTS = {
    "invitation": {"invited_by": 16, "accepted_by": 16},
    "login_attempt": {"confirms": 64, "invitation_hash": 64},
}


def upgrade() -> None:
    for table, columns in _TEXTS.items():
        for name, length in columns.items():
            column = sa.Column(name, sa.String(length), nullable=False, server_default="")
            op.add_column(table, column)
    sent = sa.Column("times_sent", sa.Integer(), nullable=False, server_default="0")
    op.add_column("invitation", sent)
    op.add_column("invitation", sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_invitation_token_hash"), "invitation", ["token_hash"])


def downgrade() -> None:
    op.drop_index(op.f("ix_invitation_token_hash"), "invitation")
    for name in ("sent_at", "times_sent"):
        op.drop_column("invitation", name)
    for table, columns in _TEXTS.items():
        for name in columns:
            op.drop_column(table, name)
