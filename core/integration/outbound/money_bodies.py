"""The objects of money events, in decimal units of their currency.

Amounts are written digit by digit, never through a float.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import select
from sqlmodel import Session, col

from core.billing.invoices.entities import Invoice
from core.billing.payments.entities import Payment
from core.billing.renewal.entities import Renewal
from core.integration.outbound.happened import Happened, Json
from core.integration.shapes.values import moment, told
from core.money import Money, to_minor
from core.subscriptions.entities import Subscription

_INVOICE = (
    "id number kind status client_id currency net_micros tax_micros gross_micros payable_micros"
    " issued_on due_on paid_at"
).split()
_PAYMENT = "id purpose status client_id net gross currency created_at".split()
_SUBSCRIPTION = "plan state started_on ends_on".split()


def decimal(micros: int, currency: str) -> Any:
    """A JSON number with the currency's two places."""
    units = Decimal(to_minor(Money(micros, currency)).minor).scaleb(-2)
    return orjson.Fragment(f"{units:.2f}")


def balance(_session: Session, of: Happened) -> Json:
    """Whose balance ('' for the partner's own), and the level that it fell below."""
    currency, level = of.data["currency"], of.data.get("level_micros")
    return told(
        {
            "client_id": of.data.get("client_id", ""),
            "balance": decimal(of.data["micros"], currency),
            "currency": currency,
            "alert_level": None if level is None else decimal(level, currency),
        }
    )


def payment(session: Session, of: Happened) -> Json | None:
    row = _row(session, Payment, _PAYMENT, Payment.id == of.subject_id)
    if row is None:
        return None
    return {
        "id": row.id,
        "purpose": row.purpose,
        "status": row.status,
        "client_id": row.client_id,
        "amount": decimal(row.net, row.currency),
        "total": decimal(row.gross, row.currency),
        "currency": row.currency,
        "created_at": moment(row.created_at),
    }


def renewal(session: Session, of: Happened) -> Json | None:
    """What could not be topped up, why, and what follows."""
    row = session.get(Renewal, of.subject_id)
    if row is None:
        return None
    return told(
        {
            "client_id": row.client_id,
            "amount": decimal(row.top_up_in_force, row.currency),
            "currency": row.currency,
            "reason": of.data.get("code", ""),
            "failures": row.failures,
            "next_try_at": moment(row.next_try_at),
        }
    )


def invoice(session: Session, of: Happened) -> Json | None:
    row = _row(session, Invoice, _INVOICE, Invoice.id == of.subject_id)
    if row is None:
        return None
    return told(
        {
            "id": row.id,
            "number": row.number,
            "kind": row.kind,
            "status": row.status,
            "client_id": row.client_id,
            "net": decimal(row.net_micros, row.currency),
            "tax": decimal(row.tax_micros, row.currency),
            "total": decimal(row.gross_micros, row.currency),
            "payable": decimal(row.payable_micros, row.currency),
            "currency": row.currency,
            "issued_on": row.issued_on.isoformat(),
            "due_on": row.due_on.isoformat() if row.due_on else None,
            "paid_at": moment(row.paid_at),
        }
    )


def plan(session: Session, of: Happened) -> Json | None:
    row = _row(session, Subscription, _SUBSCRIPTION, Subscription.partner_id == of.partner_id)
    if row is None:
        return None
    return told(
        {
            "plan": of.data.get("to") or row.plan,
            "previous_plan": of.data.get("from") or None,
            "state": row.state,
            "started_on": row.started_on.isoformat(),
            "ends_on": row.ends_on.isoformat() if row.ends_on else None,
        }
    )


def _row(session: Session, entity: Any, columns: list[str], where: Any) -> Any:
    """Columns, not the entity: the row as it is now, whatever the session remembers."""
    found = select(*(col(getattr(entity, name)) for name in columns)).where(where)
    return session.execute(found).one_or_none()
