"""Standard VAT rates as data: each country's steps, the newest first, in tenths of a percent.

A rate is never edited; a change is a new step with the day from which it is in force. Source for
the Union: the Commission's "Taxes in Europe" database; steps before 2020 are left out.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

_LONG_AGO = date(2020, 1, 1)  # the hub has issued nothing before

STANDARD_RATES: dict[str, tuple[tuple[date, int], ...]] = {
    "AT": ((_LONG_AGO, 200),),
    "BE": ((_LONG_AGO, 210),),
    "BG": ((_LONG_AGO, 200),),
    "CY": ((_LONG_AGO, 190),),
    "CZ": ((_LONG_AGO, 210),),
    "DE": ((date(2021, 1, 1), 190), (date(2020, 7, 1), 160), (_LONG_AGO, 190)),
    "DK": ((_LONG_AGO, 250),),
    "EE": ((date(2025, 7, 1), 240), (date(2024, 1, 1), 220), (_LONG_AGO, 200)),
    "ES": ((_LONG_AGO, 210),),
    "FI": ((date(2024, 9, 1), 255), (_LONG_AGO, 240)),
    "FR": ((_LONG_AGO, 200),),
    "GR": ((_LONG_AGO, 240),),
    "HR": ((_LONG_AGO, 250),),
    "HU": ((_LONG_AGO, 270),),
    "IE": ((date(2021, 3, 1), 230), (date(2020, 9, 1), 210), (_LONG_AGO, 230)),
    "IT": ((_LONG_AGO, 220),),
    "LT": ((_LONG_AGO, 210),),
    "LU": ((date(2024, 1, 1), 170), (date(2023, 1, 1), 160), (_LONG_AGO, 170)),
    "LV": ((_LONG_AGO, 210),),
    "MT": ((_LONG_AGO, 180),),
    "NL": ((_LONG_AGO, 210),),
    "PL": ((_LONG_AGO, 230),),
    "PT": ((_LONG_AGO, 230),),
    "RO": ((date(2025, 8, 1), 210), (_LONG_AGO, 190)),
    "SE": ((_LONG_AGO, 250),),
    "SI": ((_LONG_AGO, 220),),
    "SK": ((date(2025, 1, 1), 230), (_LONG_AGO, 200)),
    # Sellers outside the Union.
    "CH": ((date(2024, 1, 1), 81), (_LONG_AGO, 77)),
    "GB": ((_LONG_AGO, 200),),
    "NO": ((_LONG_AGO, 250),),
}


def standard_rate(country: str, on: date) -> Fraction | None:
    """The fraction of the net in force on a day; None where no step covers it."""
    for since, tenths in STANDARD_RATES.get(country, ()):
        if on >= since:
            return Fraction(tenths, 1000)
    return None
