"""From a draft to its figures: the tax of its buyer, rounded lines, totals that agree. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from core.billing.invoices import snapshots
from core.billing.invoices.document import (
    DocumentLine,
    TaxBreakdown,
    Totals,
    sum_up,
)
from core.billing.invoices.drafts import InvoiceDraft
from core.billing.invoices.parties import Party
from core.billing.invoices.statuses import VatState
from core.billing.invoices.tax import Treatment, UnknownRate, treatment
from core.errors import Conflict


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """Who pays, as the details say now."""

    party: Party
    vat_state: VatState
    email: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What an invoice would say; what is shown is what is charged."""

    buyer: Party
    lines: tuple[DocumentLine, ...]
    tax: TaxBreakdown
    totals: Totals

    @property
    def fixed(self) -> dict[str, Any]:
        """Buyer and tax as JSON, for `InvoiceDraft.fixed`: the same figures later."""
        return {
            "buyer": snapshots.party_json(self.buyer),
            "tax": snapshots.treatment_json(self.tax.treatment),
        }


def figures_of(draft: InvoiceDraft, seller: Party, buyer: Buyer, on: date) -> Figures:
    """Raises Conflict: `no_tax_rate` for a country without a known rate, `amount_changed` when the
    draft's `gross` is not what the lines and the tax come to, `negative_invoice`."""
    party, how = buyer.party, None
    if draft.fixed is not None:
        party = snapshots.party_of(draft.fixed["buyer"])
        how = snapshots.treatment_of(draft.fixed["tax"])
    how = how or _treatment(seller, buyer, on)
    lines = tuple(line.numbered(number) for number, line in enumerate(draft.lines, start=1))
    tax, totals = sum_up(lines, how)
    if draft.prepaid:
        tax, totals = sum_up(lines, how, prepaid=totals.gross)
    if draft.gross is not None and draft.gross != totals.gross:
        raise Conflict(code="amount_changed", was=draft.gross.micros, now=totals.gross.micros)
    if totals.gross.micros < 0:
        raise Conflict(code="negative_invoice", key=draft.key)
    return Figures(buyer=party, lines=lines, tax=tax, totals=totals)


def _treatment(seller: Party, buyer: Buyer, on: date) -> Treatment:
    # Not checked yet is not valid: reverse charge needs the register's yes (product.md, "VAT").
    is_valid = buyer.vat_state is VatState.VALID
    try:
        return treatment(seller.country, buyer.party.country, vat_id_is_valid=is_valid, on=on)
    except UnknownRate as error:
        raise Conflict(str(error), code="no_tax_rate", country=seller.country) from error
