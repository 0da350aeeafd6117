"""Which of Meta's markets a recipient belongs to: by calling code, as Meta charges.

Calling codes that several countries share count as the main one's (+44 is the United Kingdom),
except +1 and +7, where the digits that follow tell the territory. Source: the country table of
https://developers.facebook.com/docs/whatsapp/pricing and contracts/meta.md section 10.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import phonenumbers

OTHER = "Other"

# Meta's names; countries by ISO 3166-1. Whoever is in none of them is "Other".
_STAND_ALONE = {
    "AE": "United Arab Emirates",
    "AR": "Argentina",
    "BR": "Brazil",
    "CL": "Chile",
    "CO": "Colombia",
    "DE": "Germany",
    "EG": "Egypt",
    "ES": "Spain",
    "FR": "France",
    "GB": "United Kingdom",
    "ID": "Indonesia",
    "IL": "Israel",
    "IN": "India",
    "IT": "Italy",
    "MX": "Mexico",
    "MY": "Malaysia",
    "NG": "Nigeria",
    "NL": "Netherlands",
    "PE": "Peru",
    "PK": "Pakistan",
    "RU": "Russia",
    "SA": "Saudi Arabia",
    "TR": "Turkey",
    "ZA": "South Africa",
}
_REGIONS = {
    "North America": "CA US",
    "Rest of Africa": (
        "AO BF BI BJ BW CD CG CI CM DZ ER ET GA GH GM GW KE LR LS LY MA MG ML MR MW MZ NA NE"
        " RW SD SL SN SO SS SZ TD TG TN TZ UG ZM"
    ),
    "Rest of Asia Pacific": ("AF AU BD CN HK JP KH LA LK MN NP NZ PG PH SG TH TJ TM TW UZ VN"),
    "Rest of Central & Eastern Europe": (
        "AL AM AZ BG BY CZ GE GR HR HU LT LV MD MK PL RO RS SI SK UA"
    ),
    "Rest of Latin America": "BO CR DO EC GT HN HT JM NI PA PR PY SV UY VE",
    "Rest of Middle East": "BH IQ JO KW LB OM QA YE",
    "Rest of Western Europe": "AT BE CH DK FI IE NO PT SE",
}
_NEW_FROM = date(2026, 10, 1)
_NEW = {
    "BD": "Bangladesh",
    "IQ": "Iraq",
    "KW": "Kuwait",
    "KZ": "Kazakhstan",
    "LK": "Sri Lanka",
    "MA": "Morocco",
    "NP": "Nepal",
    "OM": "Oman",
    "UA": "Ukraine",
}
_BY_COUNTRY = _STAND_ALONE | {
    country: market for market, countries in _REGIONS.items() for country in countries.split()
}
# Shared calling codes whose next digits name the country.
_SHARED = {1, 7}
_LONGEST_CODE = 3
# Enough digits for any territory of +1 and +7, few enough that the cache stays small.
_TELLING = 7


def country_of(number: str) -> str | None:
    """ISO 3166-1 by the calling code: all of a number that its market depends on."""
    return _country(number[:_TELLING]) if number.isascii() and number.isdigit() else None


def markets_on(day: date) -> frozenset[str]:
    """Every market that a complete rate card of that day names."""
    names = {*_BY_COUNTRY.values(), OTHER}
    return frozenset(names | set(_NEW.values()) if day >= _NEW_FROM else names)


def market_of(number: str, day: date) -> str | None:
    """The market of a number in digits with calling code; None where there is no such code."""
    if not (number.isascii() and number.isdigit()):
        return None
    return _market(number[:_TELLING], day)


def market_of_country(country: str, day: date) -> str:
    """The market that numbers of a country (ISO 3166-1) belong to."""
    if day >= _NEW_FROM and country in _NEW:
        return _NEW[country]
    return _BY_COUNTRY.get(country, OTHER)


@lru_cache(maxsize=100_000)
def _market(prefix: str, day: date) -> str | None:
    country = _country(prefix)
    if country is None:
        return None
    return market_of_country(country, day)


@lru_cache(maxsize=100_000)
def _country(prefix: str) -> str | None:
    for length in range(1, _LONGEST_CODE + 1):
        code = int(prefix[:length] or 0)
        if code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE and len(prefix) > length:
            return _within(code, prefix[length:])
    return None


def _within(code: int, following: str) -> str:
    main = phonenumbers.region_code_for_country_code(code)
    if code not in _SHARED:
        return main
    # Digits are filled up to a whole number; territories are told by the first three alone.
    whole = int(f"{following[:3]:0<3}5550123")
    number = phonenumbers.PhoneNumber(country_code=code, national_number=whole)
    return phonenumbers.region_code_for_number(number) or main
