"""A link that opens one client's own page and nothing else; its secret is kept as a hash."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from core.billing.ledger import Payer
from core.columns import PartnerOwned, new_key, utc_field


class PayLink(PartnerOwned, table=True):
    """`key` says what it was made for: the same mail, sent again, has the same link."""

    __tablename__ = "pay_link"
    __table_args__ = (
        UniqueConstraint("key", name="uq_pay_link_key"),
        UniqueConstraint("token_hash", name="uq_pay_link_token_hash"),
        Index("ix_pay_link_client", "partner_id", "client_id", "made_at"),
    )

    id: str = Field(default_factory=lambda: new_key(16), primary_key=True, max_length=16)
    client_id: str = Field(max_length=10)
    key: str = Field(max_length=64)
    token_hash: str = Field(max_length=64)
    made_at: datetime = utc_field()
    expires_at: datetime = utc_field()

    @property
    def payer(self) -> Payer:
        return Payer(partner_id=self.partner_id, client_id=self.client_id)
