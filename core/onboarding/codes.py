"""Secrets of a run: the browser's, the mailed link's, the six digits; stored hashed only."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import timedelta

MAX_TRIES = 5
MAX_CODES = 5
# Codes to one address at one partner, over all runs: nobody's mailbox is flooded from here.
MAX_CODES_PER_HOUR = 10
RESEND_AFTER = timedelta(seconds=30)
# After MAX_CODES in one run; then they are counted anew.
REST_AFTER_ALL = timedelta(hours=1)
_MIN_SECRET = 32
_PIN = re.compile(r"[0-9]{6}\Z")


def new_secret() -> str:
    """256 bits, safe in a cookie and in a URL."""
    return secrets.token_urlsafe(32)


def is_strong(secret: str) -> bool:
    """Long enough to have been made by `new_secret`; shorter ones are somebody's guess."""
    return _MIN_SECRET <= len(secret) <= 4 * _MIN_SECRET


def new_code() -> str:
    """Six digits for the mail."""
    return f"{secrets.randbelow(10**6):06d}"


def new_pin() -> str:
    """A two-step PIN for a number; Meta takes any six digits."""
    return f"{secrets.randbelow(10**6):06d}"


def is_pin(text: str) -> bool:
    """Six ASCII digits."""
    return _PIN.match(text) is not None


def digest(*parts: str) -> str:
    """The stored form; give the run's id with a short code, so that equal codes differ."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def matches(stored: str, *parts: str) -> bool:
    """Constant time; an empty stored hash matches nothing."""
    return bool(stored) and hmac.compare_digest(stored, digest(*parts))


def is_code(typed: str) -> bool:
    """Whether `digits_of` left what could be a mailed code at all."""
    return _PIN.match(typed) is not None


def digits_of(text: str) -> str:
    """A code as people type it: blanks and dashes are not part of it."""
    return re.sub(r"[\s-]", "", text)
