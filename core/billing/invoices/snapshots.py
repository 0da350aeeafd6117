"""Parties, tax and identity as JSON in an invoice's row, and back: what was so on that day."""

from __future__ import annotations

from dataclasses import asdict, fields
from fractions import Fraction
from typing import Any

from core.billing.invoices.document import Identity
from core.billing.invoices.parties import Party
from core.billing.invoices.tax import TaxCategory, Treatment
from core.money import Money

Json = dict[str, Any]
_LISTS = ("address", "legal_lines")


def party_json(party: Party) -> Json:
    return {name: value for name, value in asdict(party).items() if value}


def party_of(told: Json) -> Party:
    lists: Json = {name: tuple(told[name]) for name in _LISTS if name in told}
    return Party(**(told | lists))


def treatment_json(treatment: Treatment) -> Json:
    return {
        "category": treatment.category.value,
        "rate": str(treatment.rate),
        "sentence": treatment.sentence,
        "code": treatment.code,
    }


def treatment_of(told: Json) -> Treatment:
    return Treatment(
        category=TaxCategory(told["category"]),
        rate=Fraction(told["rate"]),
        sentence=told["sentence"],
        code=told["code"],
    )


def identity_json(identity: Identity) -> dict[str, int]:
    """Micros by name."""
    return {field.name: getattr(identity, field.name).micros for field in fields(Identity)}


def identity_of(told: dict[str, int], currency: str) -> Identity:
    return Identity(**{name: Money(micros, currency) for name, micros in told.items()})
