"""Onboarding runs."""

import sqlalchemy as sa
from alembic import op

from storage.migrations import belts

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "onboarding_run",
        sa.Column("partner_id", sa.String(10), nullable=False),
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("client_id", sa.String(10), nullable=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("step", sa.String(16), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("redirect_url", sa.String(2000), nullable=False),
        sa.Column("state", sa.String(2000), nullable=False),
        sa.Column("partner_payload", sa.String(2000), nullable=False),
        sa.Column("number_hint", sa.String(32), nullable=False),
        sa.Column("link", sa.JSON(), nullable=False),
        sa.Column("company", sa.String(200), nullable=False),
        sa.Column("full_name", sa.String(200), nullable=False),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("email_verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("code_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code_tries", sa.Integer(), nullable=False),
        sa.Column("codes_sent", sa.Integer(), nullable=False),
        sa.Column("browser_hash", sa.String(64), nullable=False),
        sa.Column("resume_hash", sa.String(64), nullable=False),
        sa.Column("resume_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("meta_code", sa.String(2000), nullable=False),
        sa.Column("meta_code_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ending", sa.String(64), nullable=False),
        sa.Column("waba_external_id", sa.String(32), nullable=False),
        sa.Column("phone_external_id", sa.String(32), nullable=False),
        sa.Column("business_external_id", sa.String(32), nullable=False),
        sa.Column("signup_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(2000), nullable=False),
        sa.Column("token_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pin", sa.String(400), nullable=False),
        sa.Column("progress", sa.JSON(), nullable=False),
        sa.Column("error_code", sa.String(64), nullable=False),
        sa.Column("error", sa.JSON(), nullable=False),
        sa.Column("channel_ids", sa.JSON(), nullable=False),
        sa.Column("granted_ids", sa.JSON(), nullable=False),
        sa.Column("revoked_ids", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('open', 'working', 'stopped', 'finished', 'abandoned')",
            name=op.f("ck_onboarding_run_status"),
        ),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_onboarding_run_client_id")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_onboarding_run_partner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_onboarding_run")),
    )
    op.create_index(op.f("ix_onboarding_run_browser_hash"), "onboarding_run", ["browser_hash"])
    op.create_index("ix_onboarding_run_client", "onboarding_run", ["client_id"])
    op.create_index(
        "ix_onboarding_run_partner", "onboarding_run", ["partner_id", "updated_at", "id"]
    )
    op.create_index(op.f("ix_onboarding_run_resume_hash"), "onboarding_run", ["resume_hash"])
    op.create_index("ix_onboarding_run_waba", "onboarding_run", ["waba_external_id"])
    belts.guard_tenants("onboarding_run")


def downgrade() -> None:
    op.drop_table("onboarding_run")
