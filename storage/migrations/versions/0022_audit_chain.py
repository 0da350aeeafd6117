"""Where events come from, and the chain that they are sealed into."""

import sqlalchemy as sa
from alembic import op

from storage.migrations import belts

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ORIGIN, _LINK = "event_origin", "audit_link"


def upgrade() -> None:
    op.add_column("event", sa.Column("origin", sa.String(32), nullable=True))
    op.add_column("event", sa.Column("request_id", sa.String(32), nullable=True))
    op.create_index("ix_event_actor", "event", ["partner_id", "actor", "id"])
    op.create_table(
        _ORIGIN,
        sa.Column("partner_id", sa.String(10), nullable=False),
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("address", sa.String(45), nullable=False),
        sa.Column("agent", sa.String(300), nullable=False),
        sa.Column("salt", sa.String(32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_event_origin_partner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_origin")),
    )
    op.create_index(op.f("ix_event_origin_actor"), _ORIGIN, ["actor"])
    op.create_table(
        _LINK,
        sa.Column("seq", _NUMBER, nullable=False, autoincrement=False),
        sa.Column("event_id", _NUMBER, nullable=False),
        sa.Column("event_hash", sa.String(64), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_link")),
        sa.UniqueConstraint("event_id", name=op.f("uq_audit_link_event_id")),
    )
    belts.guard_tenants(_ORIGIN)
    belts.fix_columns(_ORIGIN, ("id", "partner_id", "actor", "at"))
    belts.make_append_only(_LINK)


def downgrade() -> None:
    op.drop_table(_LINK)
    op.drop_table(_ORIGIN)
    op.drop_index("ix_event_actor", "event")
    op.drop_column("event", "request_id")
    op.drop_column("event", "origin")
