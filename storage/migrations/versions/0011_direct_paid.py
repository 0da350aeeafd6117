"""What clients that pay for themselves agree to, and where they are with card and first credit."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_TABLE = "onboarding_run"
_TEXTS = {"terms_version": 40, "terms_ip_hash": 64, "card_visit": 22, "credit_payment": 22}
_TIMES = ("prices_seen_at", "terms_accepted_at", "credit_answered_at")


def upgrade() -> None:
    for name, length in _TEXTS.items():
        op.add_column(_TABLE, sa.Column(name, sa.String(length), nullable=False, server_default=""))
    for name in _TIMES:
        op.add_column(_TABLE, sa.Column(name, sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for name in (*_TIMES, *_TEXTS):
        op.drop_column(_TABLE, name)
