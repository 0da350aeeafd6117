"""Plans and licences with their prices, subscriptions and what happened to them."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from storage.migrations import belts

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_TENANTS = ("subscription", "licence", "plan_change")
_PURPOSES = "purpose IN ('top_up', 'auto_renewal', 'invoice')"
_PURPOSES_NOW = "purpose IN ('top_up', 'auto_renewal', 'invoice', 'plan')"
_CENTS = "monthly_micros >= 0 AND monthly_micros % 10000 = 0"
_CURRENCIES = ("EUR", "USD")
_FIRST = datetime(2020, 1, 1, tzinfo=UTC)
# The figures of product.md; another price is another row.
_PLANS = {"growth": 500, "premium": 1000}
_TIERS = {"regular": 25, "premium": 49, "high_throughput": 249}


def upgrade() -> None:
    _prices("plan_price", "plan", "plan IN ('growth', 'premium')", _PLANS)
    _prices("licence_price", "tier", "tier IN ('regular', 'premium', 'high_throughput')", _TIERS)
    _subscription()
    _licence()
    _plan_change()
    op.add_column(
        "partner",
        sa.Column("plan_ended", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    belts.change_check("payment", "ck_payment_purpose", _PURPOSES, _PURPOSES_NOW)
    belts.guard_tenants(*_TENANTS)


def _prices(table: str, what: str, known: str, seed: dict[str, int]) -> None:
    made = op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(what, sa.String(16), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("monthly_micros", sa.BigInteger(), nullable=False),
        sa.Column("effective_from", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(known, name=op.f(f"ck_{table}_{what}")),
        sa.CheckConstraint("currency IN ('EUR', 'USD')", name=op.f(f"ck_{table}_currency")),
        sa.CheckConstraint(_CENTS, name=op.f(f"ck_{table}_cents")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint(what, "currency", "effective_from", name=f"uq_{table}_from"),
    )
    rows = [
        {
            what: name,
            "currency": currency,
            "monthly_micros": units * 1_000_000,
            "effective_from": _FIRST,
        }
        for name, units in seed.items()
        for currency in _CURRENCIES
    ]
    op.bulk_insert(made, rows)


def _subscription() -> None:
    op.create_table(
        "subscription",
        sa.Column("partner_id", sa.String(10), nullable=False),
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("plan", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("plan_through", sa.Date(), nullable=False),
        sa.Column("licences_through", sa.Date(), nullable=False),
        sa.Column("next_plan", sa.String(16), nullable=False),
        sa.Column("next_plan_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("cancel_reason", sa.String(24), nullable=False),
        sa.Column("cancel_text", sa.String(2000), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("plan IN ('growth', 'premium')", name=op.f("ck_subscription_plan")),
        sa.CheckConstraint(
            "state IN ('active', 'cancelling', 'ended')", name=op.f("ck_subscription_state")
        ),
        sa.CheckConstraint(
            "(state = 'active') = (ends_on IS NULL)", name=op.f("ck_subscription_ends_on")
        ),
        sa.CheckConstraint(
            "(next_plan = '') = (next_plan_on IS NULL)", name=op.f("ck_subscription_next_plan")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_subscription_partner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
        sa.UniqueConstraint("partner_id", name="uq_subscription_partner"),
    )
    op.create_index("ix_subscription_due", "subscription", ["state", "plan_through"])


def _licence() -> None:
    op.create_table(
        "licence",
        sa.Column("partner_id", sa.String(10), nullable=False),
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("channel_id", sa.String(10), nullable=False),
        sa.Column("tier", sa.String(16), nullable=False),
        sa.Column("from_tier", sa.String(16), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("charged", sa.Boolean(), nullable=False),
        sa.Column("next_tier", sa.String(16), nullable=False),
        sa.Column("next_from", sa.Date(), nullable=True),
        sa.Column("open_key", sa.String(10), nullable=True),
        sa.CheckConstraint(
            "tier IN ('regular', 'premium', 'high_throughput')", name=op.f("ck_licence_tier")
        ),
        sa.CheckConstraint(
            "(next_tier = '') = (next_from IS NULL)", name=op.f("ck_licence_next_tier")
        ),
        sa.CheckConstraint(
            "(open_key IS NULL) = (until IS NOT NULL)", name=op.f("ck_licence_open")
        ),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_licence_channel_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_licence_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licence")),
        sa.UniqueConstraint("open_key", name="uq_licence_open_key"),
    )
    op.create_index("ix_licence_partner", "licence", ["partner_id", "since", "id"])
    op.create_index("ix_licence_channel", "licence", ["channel_id"])


def _plan_change() -> None:
    op.create_table(
        "plan_change",
        sa.Column("partner_id", sa.String(10), nullable=False),
        sa.Column("id", sa.String(22), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("from_plan", sa.String(16), nullable=False),
        sa.Column("to_plan", sa.String(16), nullable=False),
        sa.Column("channel_id", sa.String(10), nullable=False),
        sa.Column("from_tier", sa.String(16), nullable=False),
        sa.Column("to_tier", sa.String(16), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("quote", sa.JSON(), nullable=False),
        sa.Column("token", sa.String(120), nullable=True),
        sa.Column("slot", sa.String(16), nullable=True),
        sa.Column("payment_id", sa.String(22), nullable=False),
        sa.Column("invoice_id", sa.String(10), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.CheckConstraint(
            "kind IN ('started', 'upgrade', 'downgrade', 'cancel', 'tier')",
            name=op.f("ck_plan_change_kind"),
        ),
        sa.CheckConstraint(
            "status IN ('charging', 'planned', 'done', 'declined', 'withdrawn')",
            name=op.f("ck_plan_change_status"),
        ),
        sa.CheckConstraint(
            "(slot IS NULL) = (status <> 'charging')", name=op.f("ck_plan_change_slot")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_plan_change_partner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_change")),
        sa.UniqueConstraint("slot", name="uq_plan_change_slot"),
        sa.UniqueConstraint("token", name="uq_plan_change_token"),
    )
    op.create_index("ix_plan_change_partner", "plan_change", ["partner_id", "at", "id"])
    op.create_index("ix_plan_change_payment", "plan_change", ["payment_id"])


def downgrade() -> None:
    belts.change_check("payment", "ck_payment_purpose", _PURPOSES_NOW, _PURPOSES)
    op.drop_column("partner", "plan_ended")
    for table in (*reversed(_TENANTS), "licence_price", "plan_price"):
        op.drop_table(table)
