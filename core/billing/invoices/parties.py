"""Who invoices whom, as both stood on the day of issue."""

from __future__ import annotations

import re
from dataclasses import dataclass

_COUNTRY = re.compile("[A-Z]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Seller or buyer; ValueError without a name or a country."""

    legal_name: str
    country: str  # ISO 3166-1 alpha-2
    address: tuple[str, ...] = ()
    postal_code: str = ""
    city: str = ""
    vat_id: str = ""  # with its prefix, such as DE123456789
    tax_number: str = ""  # of the national tax office; sellers only
    registration: str = ""  # in a register of companies
    email: str = ""
    phone: str = ""
    website: str = ""
    reference: str = ""  # how the other side knows this party, such as a customer number
    legal_lines: tuple[str, ...] = ()  # what the seller's law wants at the foot of a letter

    def __post_init__(self) -> None:
        if not self.legal_name.strip():
            raise ValueError("a party has a name")
        if not _COUNTRY.fullmatch(self.country):
            raise ValueError(f"{self.country!r} is no country code")


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """How the operator's invoices look."""

    name: str
    colour: str = "#1f4e79"
    logo: bytes = b""  # PNG or JPEG
