"""What plans and licences cost a month, read from the price tables in the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from core.errors import Conflict
from core.money import Money
from core.subscriptions.entities import LicencePrice, PlanPrice
from core.subscriptions.states import PlanName, Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """All monthly prices of one moment in one currency, before VAT."""

    plans: dict[PlanName, Money]
    tiers: dict[Tier, Money]


def prices_at(session: Session, currency: str, at: datetime) -> Prices:
    """Of each plan and tier the newest row that counts; raises Conflict (`no_price`)."""
    plan_rows = session.exec(
        select(PlanPrice)
        .where(PlanPrice.currency == currency, PlanPrice.effective_from <= at)
        .order_by(col(PlanPrice.effective_from))
    )
    tier_rows = session.exec(
        select(LicencePrice)
        .where(LicencePrice.currency == currency, LicencePrice.effective_from <= at)
        .order_by(col(LicencePrice.effective_from))
    )
    plans = {PlanName(row.plan): Money(row.monthly_micros, currency) for row in plan_rows}
    tiers = {Tier(row.tier): Money(row.monthly_micros, currency) for row in tier_rows}
    missing = [*(set(PlanName) - set(plans)), *(set(Tier) - set(tiers))]
    if missing:
        raise Conflict(code="no_price", missing=sorted(missing), currency=currency)
    return Prices(plans=plans, tiers=tiers)
