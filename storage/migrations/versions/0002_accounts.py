"""Clients, their accounts, channels and templates; the search for channels."""

import sqlalchemy as sa
from alembic import op

from storage.migrations import belts
from storage.migrations.search_index import create_channel_search, drop_channel_search

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "client",
        sa.Column("partner_id", sa.String(10), nullable=False),
        sa.Column("id", sa.String(10), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("organisation", sa.String(200), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("full_name", sa.String(200), nullable=False),
        sa.Column("phone", sa.String(32), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("contact", sa.JSON(), nullable=False),
        sa.Column("max_channels", sa.Integer(), nullable=True),
        sa.Column("partner_payload", sa.String(2000), nullable=False),
        sa.Column("suspicious", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("modified_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_client_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client")),
        sa.UniqueConstraint("partner_id", "email", name="uq_client_partner_email"),
    )
    op.create_index("ix_client_partner", "client", ["partner_id", "id"])
    op.create_table(
        "saved_view",
        sa.Column("partner_id", sa.String(10), nullable=False),
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("person_id", sa.String(16), nullable=False),
        sa.Column("page", sa.String(32), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("query", sa.String(2000), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_saved_view_partner_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_saved_view_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
    )
    op.create_index("ix_saved_view_person", "saved_view", ["partner_id", "person_id", "page"])
    op.create_table(
        "waba_account",
        sa.Column("partner_id", sa.String(10), nullable=False),
        sa.Column("id", sa.String(10), nullable=False),
        sa.Column("client_id", sa.String(10), nullable=False),
        sa.Column("external_id", sa.String(32), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("namespace", sa.String(64), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("timezone_id", sa.String(16), nullable=False),
        sa.Column("owner_business_id", sa.String(32), nullable=False),
        sa.Column("owner_business_name", sa.String(200), nullable=False),
        sa.Column("ownership_type", sa.String(32), nullable=False),
        sa.Column("status", sa.String(64), nullable=False),
        sa.Column("review_status", sa.String(64), nullable=False),
        sa.Column("business_verification", sa.String(64), nullable=False),
        sa.Column("ban_state", sa.String(64), nullable=False),
        sa.Column("ban_date", sa.String(64), nullable=False),
        sa.Column("restrictions", sa.JSON(), nullable=False),
        sa.Column("violation_type", sa.String(64), nullable=False),
        sa.Column("max_phone_numbers", sa.Integer(), nullable=True),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("token", sa.String(2000), nullable=False),
        sa.Column("token_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("meta_stamps", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("modified_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_waba_account_client_id")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_waba_account_partner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waba_account")),
        sa.UniqueConstraint("external_id", name="uq_waba_account_external_id"),
    )
    op.create_index("ix_waba_account_business", "waba_account", ["owner_business_id"])
    op.create_index("ix_waba_account_client", "waba_account", ["client_id"])
    op.create_index("ix_waba_account_partner", "waba_account", ["partner_id", "id"])
    op.create_table(
        "channel",
        sa.Column("partner_id", sa.String(10), nullable=False),
        sa.Column("id", sa.String(10), nullable=False),
        sa.Column("client_id", sa.String(10), nullable=False),
        sa.Column("waba_account_id", sa.String(10), nullable=False),
        sa.Column("external_id", sa.String(32), nullable=True),
        sa.Column("phone_number", sa.String(32), nullable=False),
        sa.Column("display_phone_number", sa.String(40), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("account_mode", sa.String(16), nullable=False),
        sa.Column("consent", sa.String(16), nullable=False),
        sa.Column("meta_status", sa.String(64), nullable=False),
        sa.Column("quality", sa.String(32), nullable=False),
        sa.Column("messaging_limit", sa.String(32), nullable=False),
        sa.Column("name_status", sa.String(64), nullable=False),
        sa.Column("requested_name", sa.String(200), nullable=False),
        sa.Column("code_verification", sa.String(32), nullable=False),
        sa.Column("verification", sa.String(64), nullable=False),
        sa.Column("platform_type", sa.String(32), nullable=False),
        sa.Column("throughput", sa.String(32), nullable=False),
        sa.Column("is_on_biz_app", sa.Boolean(), nullable=False),
        sa.Column("is_oba", sa.Boolean(), nullable=True),
        sa.Column("region", sa.String(2), nullable=False),
        sa.Column("pin", sa.String(400), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("meta_stamps", sa.JSON(), nullable=False),
        sa.Column("name_key", sa.String(200), nullable=False),
        sa.Column("client_name", sa.String(200), nullable=False),
        sa.Column("client_key", sa.String(200), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("state_rank", sa.Integer(), nullable=False),
        sa.Column("quality_rank", sa.Integer(), nullable=False),
        sa.Column("limit_rank", sa.Integer(), nullable=False),
        sa.Column("search_text", sa.String(2000), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("modified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("live_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("billing_started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("terminated_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_channel_client_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_channel_partner_id")),
        sa.ForeignKeyConstraint(
            ["waba_account_id"], ["waba_account.id"], name=op.f("fk_channel_waba_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel")),
        sa.UniqueConstraint("external_id", name="uq_channel_external_id"),
    )
    op.create_index("ix_channel_client", "channel", ["client_id"])
    op.create_index("ix_channel_partner_client", "channel", ["partner_id", "client_key", "id"])
    op.create_index("ix_channel_partner_limit", "channel", ["partner_id", "limit_rank", "id"])
    op.create_index("ix_channel_partner_modified", "channel", ["partner_id", "modified_at", "id"])
    op.create_index("ix_channel_partner_name", "channel", ["partner_id", "name_key", "id"])
    op.create_index("ix_channel_partner_phone", "channel", ["partner_id", "phone_number", "id"])
    op.create_index("ix_channel_partner_quality", "channel", ["partner_id", "quality_rank", "id"])
    op.create_index("ix_channel_partner_status", "channel", ["partner_id", "state_rank", "id"])
    op.create_index(
        "ix_channel_partner_verification", "channel", ["partner_id", "verification", "id"]
    )
    op.create_index("ix_channel_phone", "channel", ["phone_number"])
    op.create_index("ix_channel_waba", "channel", ["waba_account_id"])
    op.create_table(
        "template",
        sa.Column("partner_id", sa.String(10), nullable=False),
        sa.Column("id", sa.String(22), nullable=False),
        sa.Column("waba_account_id", sa.String(10), nullable=False),
        sa.Column("external_id", sa.String(32), nullable=False),
        sa.Column("name", sa.String(512), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("category", sa.String(32), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("rejected_reason", sa.String(200), nullable=False),
        sa.Column("quality", sa.String(32), nullable=False),
        sa.Column("components", sa.JSON(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("meta_stamps", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("modified_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_template_partner_id")
        ),
        sa.ForeignKeyConstraint(
            ["waba_account_id"], ["waba_account.id"], name=op.f("fk_template_waba_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_template")),
        sa.UniqueConstraint("waba_account_id", "external_id", name="uq_template_waba_external"),
    )
    op.create_index(
        "ix_template_partner_waba", "template", ["partner_id", "waba_account_id", "name", "id"]
    )
    belts.guard_tenants("client", "saved_view", "waba_account", "channel", "template")
    create_channel_search()


def downgrade() -> None:
    drop_channel_search()
    op.drop_table("template")
    op.drop_table("channel")
    op.drop_table("waba_account")
    op.drop_table("saved_view")
    op.drop_table("client")
