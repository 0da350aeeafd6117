"""Who invoices, under which numbers and on which terms: read from the settings once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from core.billing.invoices.parties import Brand, Party
from core.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """`prefix` stands before the year in every number and tells one issuer from another."""

    seller: Party
    brand: Brand
    prefix: str
    fee_percent: Decimal
    due_after: timedelta
    dunning: tuple[timedelta, ...]
    closing_grace: timedelta


def terms_of(settings: Settings) -> Terms:
    """Raises ValueError for a seller without a name or country."""
    return Terms(
        seller=Party(
            legal_name=settings.seller_name,
            country=settings.seller_country,
            address=tuple(settings.seller_address),
            postal_code=settings.seller_postal_code,
            city=settings.seller_city,
            vat_id=settings.seller_vat_id,
            tax_number=settings.seller_tax_number,
            registration=settings.seller_registration,
            email=settings.seller_email,
            phone=settings.seller_phone,
            website=settings.seller_website,
            legal_lines=tuple(settings.seller_legal_lines),
        ),
        brand=Brand(name=settings.name),
        prefix=settings.invoice_prefix,
        fee_percent=settings.card_fee_percent,
        due_after=timedelta(days=settings.invoice_due_days),
        dunning=tuple(timedelta(days=day) for day in settings.dunning_days),
        closing_grace=settings.closing_grace,
    )
