"""Phone numbers as Meta shows them: international, grouped, with a plus."""

import secrets

import phonenumbers


def display(number: str) -> str:
    """`+4915112345678` → `+49 1511 2345678`; what cannot be parsed stays as it is."""
    text = number if number.strip().startswith("+") else f"+{number.strip()}"
    try:
        parsed = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def country_of(number: str) -> tuple[str, str]:
    """ISO-2 country and dial code of a displayed number; empty when it cannot be told."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return "", ""
    return phonenumbers.region_code_for_number(parsed) or "", str(parsed.country_code)


def fresh_number() -> str:
    """A valid German mobile number that no other run has."""
    return display(f"+491523{secrets.randbelow(10**7):07d}")
