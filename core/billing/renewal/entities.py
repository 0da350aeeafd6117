"""How a payer's balance is topped up by itself: the rule's figures, own ones, and its brakes."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint
from sqlmodel import Field

from core.billing.ledger import Payer
from core.columns import PartnerOwned, new_key, utc_field


class Mode(StrEnum):
    """Whose figures are in force."""

    RECOMMENDED = "recommended"
    OWN = "own"


class Renewal(PartnerOwned, table=True):
    """One payer's; its row is the lease: who holds it decides alone whether to top up.

    Micros of `currency`. `month` ('2026-10') is the one that the recommendation was made from.
    """

    __tablename__ = "renewal"
    __table_args__ = (
        CheckConstraint("mode IN ('recommended', 'own')", name="mode"),
        CheckConstraint("threshold > 0 AND top_up > 0", name="recommended"),
        CheckConstraint(
            "mode <> 'own' OR (own_threshold >= 0 AND own_top_up * 2 >= own_threshold"
            " AND own_top_up > 0)",
            name="own",
        ),
        CheckConstraint("ceiling IS NULL OR ceiling > 0", name="ceiling"),
        UniqueConstraint("partner_id", "client_id", name="uq_renewal_payer"),
    )

    id: str = Field(default_factory=lambda: new_key(16), primary_key=True, max_length=16)
    client_id: str = Field(default="", max_length=10)
    currency: str = Field(max_length=3)
    mode: str = Field(default=Mode.RECOMMENDED.value, max_length=16)
    month: str = Field(max_length=7)
    threshold: int = Field(sa_type=BigInteger)
    threshold_because: str = Field(max_length=16)
    top_up: int = Field(sa_type=BigInteger)
    top_up_because: str = Field(max_length=16)
    own_threshold: int = Field(default=0, sa_type=BigInteger)
    own_top_up: int = Field(default=0, sa_type=BigInteger)
    ceiling: int | None = Field(default=None, sa_type=BigInteger)  # net in a calendar month (UTC)
    ceiling_told: str = Field(default="", max_length=7)  # the month that has reached it
    is_paused: bool = False
    stopped_at: datetime | None = utc_field(nullable=True)  # by the burst guard
    failures: int = 0  # in a row
    next_try_at: datetime | None = utc_field(nullable=True)
    changed_at: datetime = utc_field()

    @property
    def payer(self) -> Payer:
        return Payer(partner_id=self.partner_id, client_id=self.client_id)

    @property
    def threshold_in_force(self) -> int:
        return self.own_threshold if self.mode == Mode.OWN else self.threshold

    @property
    def top_up_in_force(self) -> int:
        return self.own_top_up if self.mode == Mode.OWN else self.top_up

    def rests_at(self, now: datetime) -> bool:
        """Whether nothing is topped up now, however low the balance is."""
        waits = self.next_try_at is not None and now < self.next_try_at
        is_full = self.ceiling_told == f"{now:%Y-%m}"
        return self.is_paused or self.stopped_at is not None or waits or is_full
