"""How numbers, money, times and Meta's values read to a person; pure, no NiceGUI.

Times are aware UTC and are shown in the zone of the person; `now` is an argument.
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from babel import dates, numbers

from core.money import MICROS, Money, minor_units, to_minor

LOCALE = "en_GB"  # day before month, 24 hours; the dashboard speaks English

# Pure, and the same few values on every page; Babel takes 30 µs for a number and more for a phone.
_REMEMBERED = 4096

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_QUALITY = {"GREEN": "High", "YELLOW": "Medium", "RED": "Low"}
_NO_QUALITY = ("", "UNKNOWN", "NA")
_UNLIMITED = ("TIER_UNLIMITED", "UNLIMITED")


def money(amount: Money, locale: str = LOCALE) -> str:
    """`-1,234.50 EUR`: minus in front, the currency always there.

    Parts of a cent are shown (`35.105 EUR`), so that what stands on a page adds up.
    """
    decimals = len(str(minor_units(amount.currency))) - 1
    exact = Decimal(amount.micros) / MICROS
    finer = amount.micros % (MICROS // minor_units(amount.currency))
    pattern = "#,##0." + "0" * decimals + ("####" if finer else "")
    text = numbers.format_decimal(abs(exact), format=pattern, locale=locale)
    return f"{'-' if exact < 0 else ''}{text} {amount.currency}"


@lru_cache(_REMEMBERED, typed=True)
def cents(amount: Money, locale: str = LOCALE) -> str:
    """As `money`, rounded to the minor unit: for estimates, which no line adds up to."""
    return money(to_minor(amount), locale)


@lru_cache(_REMEMBERED, typed=True)
def number(value: int | Decimal, locale: str = LOCALE) -> str:
    """`12,345`."""
    return numbers.format_decimal(value, locale=locale)


def count(value: int, one: str, many: str = "") -> str:
    """`1 number`, `1,200 numbers`."""
    return f"{number(value)} {one if value == 1 else many or one + 's'}"


@lru_cache(_REMEMBERED, typed=True)
def phone(digits: str) -> str:
    """An international number grouped as its country writes it; unchanged when it is none."""
    bare = "".join(character for character in digits if character.isdigit())
    if not bare:
        return digits
    try:
        parsed = phonenumbers.parse("+" + bare)
    except phonenumbers.NumberParseException:
        return digits
    if not phonenumbers.is_possible_number(parsed):
        return f"+{bare}"
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def quality(value: str) -> str:
    """High, Medium, Low or Unknown; a value that Meta invents later is shown as it is."""
    if value.upper() in _NO_QUALITY:
        return "Unknown"
    return _QUALITY.get(value.upper(), value)


def limit(value: str) -> str:
    """Meta's messaging limit (`TIER_2K`, `2000`) as `2,000 / 24 h`; unknown values as they are."""
    if not value:
        return "Unknown"
    if value.upper() in _UNLIMITED:
        return "Unlimited"
    bare = value.upper().removeprefix("TIER_")
    thousands = bare.endswith("K")
    digits = bare.removesuffix("K")
    if not digits.isdigit():
        return value
    return f"{number(int(digits) * (1000 if thousands else 1))} / 24 h"


def zone(name: str) -> tzinfo:
    """The time zone of that IANA name; UTC for none or an unknown one."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def exact(when: datetime, where: tzinfo = UTC, locale: str = LOCALE) -> str:
    """`3 Mar 2026, 14:05:09 CET` for the hover."""
    local = when.astimezone(where)
    pattern = "d MMM y, HH:mm:ss"
    return f"{dates.format_datetime(local, pattern, locale=locale)} {local.tzname()}"


def day(when: datetime, where: tzinfo = UTC, locale: str = LOCALE) -> str:
    """`3 Mar 2026`."""
    return dates.format_date(when.astimezone(where).date(), "d MMM y", locale=locale)


def relative(when: datetime, now: datetime, where: tzinfo = UTC, locale: str = LOCALE) -> str:
    """`just now`, `5 min ago`, `in 3 h`, `yesterday`, and from a week on the day itself."""
    seconds = (now - when).total_seconds()
    distance = abs(seconds)
    if distance < _MINUTE:
        return "just now"
    days = (now.astimezone(where).date() - when.astimezone(where).date()).days
    if distance < _HOUR:
        return _ago(int(distance // _MINUTE), "min", seconds)
    if distance < 12 * _HOUR or days == 0:
        return _ago(int(distance // _HOUR), "h", seconds)
    if abs(days) == 1:
        return "yesterday" if days > 0 else "tomorrow"
    if distance < 7 * _DAY:
        return _ago(abs(days), "days", seconds)
    return day(when, where, locale)


def _ago(value: int, unit: str, seconds: float) -> str:
    return f"{value} {unit} ago" if seconds > 0 else f"in {value} {unit}"
