"""What upgrading costs: one function for the preview and for the charge, so both are equal.

Days are those of the moment in the token, everything else is as it is now: whatever has changed
since gives another token. The token is a seal over all of it, which nobody else can make.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session

from core.billing.invoices.document import InvoiceKind, Period
from core.billing.invoices.drafts import InvoiceDraft
from core.billing.invoices.figures import Figures
from core.billing.ledger import Payer
from core.errors import Conflict, InvalidInput
from core.money import Money
from core.subscriptions.entities import Subscription
from core.subscriptions.finding import open_upgrade, require_going_on
from core.subscriptions.lines import upgrade_line
from core.subscriptions.months import Month, day_of
from core.subscriptions.room import Room
from core.subscriptions.states import PlanName, is_larger

_SEAL = 32  # hexadecimal digits: 128 bits
_LONGEST = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a token says by itself."""

    to: PlanName
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """An upgrade with its figures; `draft` becomes the invoice."""

    from_plan: PlanName
    to_plan: PlanName
    at: datetime
    left: int
    days: int
    draft: InvoiceDraft
    figures: Figures
    token: str

    @property
    def gross(self) -> Money:
        return self.figures.totals.gross


def require_upgradable(session: Session, subscription: Subscription, to: PlanName) -> None:
    """Raises Conflict: subscription_cancelled, subscription_ended, already_on_plan,
    not_an_upgrade, upgrade_under_way."""
    require_going_on(subscription)
    plan = PlanName(subscription.plan)
    if plan is to:
        raise Conflict(code="already_on_plan", plan=to.value)
    if not is_larger(to, plan):
        raise Conflict(code="not_an_upgrade", plan=plan.value)
    if (known := open_upgrade(session, subscription.partner_id)) is not None:
        raise Conflict(code="upgrade_under_way", change_id=known.id)


def quoted(
    room: Room, session: Session, subscription: Subscription, to: PlanName, at: datetime
) -> Quoted:
    """Upgrading on the day of `at`, by the prices and details of now. Raises Conflict
    (`no_price`, and as `figures_of`)."""
    prices = room.prices(session, subscription.partner_id).plans
    from_plan, day = PlanName(subscription.plan), day_of(at, room.zone)
    difference = prices[to] - prices[from_plan]
    facts = {"from": from_plan.value, "to": to.value, "day": day.isoformat()}
    draft = draft_of(
        subscription.partner_id,
        facts | {"difference": max(0, difference.micros), "currency": difference.currency},
    )
    figures = room.issuing.preview(session, draft)
    month = Month.of(day)
    return Quoted(
        from_plan=from_plan,
        to_plan=to,
        at=at,
        left=month.left_from(day),
        days=month.days,
        draft=draft,
        figures=figures,
        token=_token(room, subscription, draft, figures, Asked(to=to, at=at)),
    )


def draft_of(partner_id: str, facts: dict[str, Any]) -> InvoiceDraft:
    """The invoice of an upgrade, from what the change remembers of its quote."""
    day = datetime.fromisoformat(facts["day"]).date()
    from_plan, to_plan = PlanName(facts["from"]), PlanName(facts["to"])
    difference = Money(facts["difference"], facts["currency"])
    return InvoiceDraft(
        key="preview",
        kind=InvoiceKind.PLAN,
        payer=Payer(partner_id=partner_id),
        currency=difference.currency,
        lines=(upgrade_line(from_plan, to_plan, difference, day),),
        period=Period(first=day, last=Month.of(day).last),
        prepaid=True,
        facts={"upgrade": facts},
    )


def read_token(token: str) -> Asked:
    """Raises InvalidInput (`bad_quote`)."""
    try:
        to, at, seal = token[:_LONGEST].split("~")
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None or len(seal) != _SEAL:
            raise ValueError(token)
        return Asked(to=PlanName(to), at=moment)
    except ValueError as error:
        raise InvalidInput(code="bad_quote", field="token") from error


def is_sealed(fresh: Quoted, token: str) -> bool:
    """Whether the token is the seal over exactly these figures."""
    return hmac.compare_digest(fresh.token.encode(), token.encode())


def _token(
    room: Room, subscription: Subscription, draft: InvoiceDraft, figures: Figures, asked: Asked
) -> str:
    told = {
        "partner": subscription.partner_id,
        "version": subscription.version,
        "upgrade": draft.facts["upgrade"],
        "at": asked.at.isoformat(),
        "totals": [
            figures.totals.net.micros,
            figures.totals.tax.micros,
            figures.totals.gross.micros,
        ],
        "fixed": figures.fixed,
    }
    secret = room.settings.secret_key.get_secret_value().encode()
    body = json.dumps(told, sort_keys=True).encode()
    seal = hmac.new(secret, body, hashlib.sha256).hexdigest()[:_SEAL]
    return f"{asked.to.value}~{asked.at.astimezone(UTC).isoformat()}~{seal}"
