"""Ledger entries, invoices, auto-renewal and the subscription as JSON values."""

from __future__ import annotations

from datetime import date
from typing import Any

from core.billing.balance.results import StatementEntry
from core.billing.invoices.entities import Invoice
from core.billing.invoices.service import InvoiceView
from core.billing.renewal.service import Explained
from core.integration.shapes.values import moment, without_nulls
from core.money import MICROS, Money
from core.subscriptions.views import NextInvoice, Overview
from ui.api.partner.amounts import number

Json = dict[str, Any]


def entry(row: StatementEntry) -> Json:
    """A ledger entry."""
    return {
        "key": row.key,
        "at": moment(row.at),
        "kind": row.kind,
        "part": row.part,
        "amount": number(row.amount),
        "currency": row.amount.currency,
        "reverses": row.reverses,
        "about": row.about,
    }


def invoice(row: Invoice) -> Json:
    """An invoice or credit note."""
    amounts = ("net", "tax", "gross", "prepaid", "payable")
    return without_nulls(
        {
            "id": row.id,
            "number": row.number,
            "kind": row.kind,
            "status": row.status,
            "client_id": row.client_id,
            "buyer_name": row.buyer_name,
            "currency": row.currency,
            **{
                name: number(Money(getattr(row, f"{name}_micros"), row.currency))
                for name in amounts
            },
            "issued_at": moment(row.issued_at),
            "due_on": _day(row.due_on),
            "period_first": _day(row.period_first),
            "period_last": _day(row.period_last),
            "paid_at": moment(row.paid_at),
            "credits_id": row.credits_id,
            "has_pdf": bool(row.pdf_hash),
        }
    )


def invoice_with_lines(view: InvoiceView) -> Json:
    """An invoice, its lines, and the ids of the credit notes that take it back."""
    currency = view.invoice.currency
    lines = [
        {
            "position": line.position,
            "kind": line.kind,
            "description": line.description,
            "detail": line.detail,
            "quantity": line.quantity,
            "unit": line.unit,
            "unit_price": line.unit_price,
            "net": number(Money(line.net_micros, currency)),
        }
        for line in view.lines
    ]
    notes = [note.id for note in view.credit_notes]
    return invoice(view.invoice) | {"lines": lines, "credit_note_ids": notes}


def auto_renewal(told: Explained) -> Json:
    """The figures in force and the recommended ones."""
    return without_nulls(
        {
            "mode": told.mode.value,
            "is_paused": told.is_paused,
            "is_prepaid": told.is_prepaid,
            "has_card": told.has_card,
            "currency": told.threshold.currency,
            "threshold": number(told.threshold),
            "top_up": number(told.top_up),
            "recommended_threshold": number(told.recommended_threshold),
            "recommended_top_up": number(told.recommended_top_up),
            "ceiling": None if told.ceiling is None else number(told.ceiling),
            "topped_up_this_month": number(told.this_month),
            "failures": told.failures,
            "next_try_at": moment(told.next_try_at),
            "stopped_at": moment(told.stopped_at),
        }
    )


def subscription(told: Overview) -> Json:
    """The plan as it stands."""
    return without_nulls(
        {
            "plan": told.plan.value,
            "state": told.state.value,
            "currency": told.currency,
            "price": number(told.price),
            "period_first": _day(told.period_first),
            "period_last": _day(told.period_last),
            "next_plan": told.next_plan.value if told.next_plan else None,
            "next_plan_on": _day(told.next_plan_on),
            "ends_on": _day(told.ends_on),
            "is_unpaid": told.is_unpaid,
            "licences": [
                {
                    "tier": row.tier.value,
                    "numbers": row.numbers,
                    "price": number(row.price),
                    "total": number(row.total),
                }
                for row in told.licences
            ],
            "next_invoice": _next(told.next_invoice),
        }
    )


def text(amount: Money) -> str:
    """The amount as a service takes it: `250.5`."""
    whole, rest = divmod(amount.micros, MICROS)
    return f"{whole}.{rest:06}".rstrip("0").rstrip(".")


def _next(told: NextInvoice | None) -> Json | None:
    if told is None:
        return None
    return {
        "on": _day(told.on),
        "net": number(told.net),
        "tax": number(told.tax),
        "gross": number(told.gross),
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
