"""Which VAT an invoice bears: pure, from both countries, the VAT ID's check and the day.

The hub sells services, so business buyers elsewhere tax them at home (Articles 44 and 196,
Directive 2006/112/EC) and the seller charges nothing. Rules: product.md, "VAT"; category codes:
UNTDID 5305 as EN 16931 uses them. Rates: `vat_rates.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from core.billing.invoices.vat_rates import standard_rate

# The states of the Union by ISO code; all have a standard rate.
EU = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()
)

# Countries whose supplies count as another's. Greece: the prefix of its VAT IDs is EL. Monaco and
# the Isle of Man: Article 7 of the Directive, the latter British, so outside since 2021. Northern
# Ireland (XI) is in the Union for goods only; these are services.
_COUNTS_AS = {"EL": "GR", "MC": "FR", "IM": "GB", "XI": "GB"}


class TaxCategory(StrEnum):
    """EN 16931's letters for what happens at the VAT line."""

    STANDARD = "S"
    REVERSE_CHARGE = "AE"
    # Services whose place of supply is outside the Union are outside the scope of its VAT (BR-O).
    # Not G, which is for goods that leave it (VATEX-EU-G: export), and not Z, a rate of zero.
    OUTSIDE_SCOPE = "O"


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """`rate` is a fraction of the net; `sentence` and `code` (VATEX) say why nothing is charged."""

    category: TaxCategory
    rate: Fraction
    sentence: str = ""
    code: str = ""


REVERSE_CHARGE = Treatment(
    category=TaxCategory.REVERSE_CHARGE,
    rate=Fraction(0),
    sentence="Reverse charge: the recipient of the service owes the VAT "
    "(Articles 44 and 196, Directive 2006/112/EC).",
    code="VATEX-EU-AE",
)
OUTSIDE_SCOPE = Treatment(
    category=TaxCategory.OUTSIDE_SCOPE,
    rate=Fraction(0),
    sentence="Outside the scope of VAT: the place of supply is the recipient's country.",
    code="VATEX-EU-O",
)


class UnknownRate(LookupError):
    """No standard rate is on file for the seller's country on that day."""


def treatment(
    seller_country: str, buyer_country: str, *, vat_id_is_valid: bool, on: date
) -> Treatment:
    """How a service of `seller_country` to `buyer_country` is taxed on a day.

    `vat_id_is_valid`: the buyer's, checked as product.md says; a VAT ID that failed is none.
    Same country: its standard rate. Both in the Union: reverse charge with a valid VAT ID, else
    the seller's rate. Elsewhere: nothing. Raises UnknownRate where a rate is needed and missing.
    """
    seller, buyer = _counts_as(seller_country), _counts_as(buyer_country)
    if seller == buyer:
        return _standard(seller, on)
    if not (seller in EU and buyer in EU):
        return OUTSIDE_SCOPE
    return REVERSE_CHARGE if vat_id_is_valid else _standard(seller, on)


def _standard(country: str, on: date) -> Treatment:
    rate = standard_rate(country, on)
    if rate is None:
        raise UnknownRate(f"no standard VAT rate for {country} on {on}")
    return Treatment(category=TaxCategory.STANDARD, rate=rate)


def _counts_as(country: str) -> str:
    code = country.strip().upper()
    return _COUNTS_AS.get(code, code)
