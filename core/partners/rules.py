"""Pure rules of signing in: which address is which, where a login may lead, when a session ends.

No clock, no session, no HTTP. The e-mail rule is deliberately poor: every folding that is richer
than ASCII case maps somebody else's address onto the owner's.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta
from urllib.parse import quote, unquote

from core.errors import InvalidInput

_ASCII_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_EMAIL_LENGTH = 320
_NEXT_LENGTH = 2000

# First segments that are no pages: they act, answer programs, or belong to somebody without login.
_NOT_PAGES = frozenset(
    {
        *("api", "confirm", "dashboard", "healthz", "login", "logout", "metrics", "onboarding"),
        *("readyz", "signed-out", "switch", "switched", "webhooks"),
    }
)


def normalise_email(text: str) -> str:
    """The form in which two addresses are compared: blanks around cut, ASCII letters lowered.

    Nothing else is folded: no Unicode normalisation (the Kelvin sign lower-cases to `k`), no dots
    or plus tags dropped, no trailing dot forgiven. Look-alike domains are simply other domains.
    Raises InvalidInput (field `email`) for what is not one address.
    """
    email = text.strip(" \t\r\n").translate(_ASCII_LOWER)
    local, at, domain = email.rpartition("@")
    well_formed = at and local and domain and "@" not in local and len(email) <= _EMAIL_LENGTH
    if not well_formed or _has_blank_or_control(email):
        raise InvalidInput("not an e-mail address", field="email")
    if domain.startswith(".") or domain.endswith(".") or ".." in domain:
        raise InvalidInput("not an e-mail domain", field="email")
    return email


def safe_next(path: str | None) -> str:
    """Where to go after signing in: the path if it names a page of our own, otherwise "/".

    The result is ASCII and fits into a Location header. A fragment is dropped.
    """
    if not path or len(path) > _NEXT_LENGTH or not path.startswith("/"):
        return "/"
    if "\\" in path or _has_blank_or_control(path):
        return "/"
    target = path.partition("#")[0]
    if not _names_a_page(unquote(target.partition("?")[0])):
        return "/"
    return quote(target, safe="/?&=%:@!$'()*+,;~-._")


def session_has_ended(
    now: datetime,
    *,
    last_seen_at: datetime,
    expires_at: datetime,
    revoked_at: datetime | None,
    idle: timedelta,
) -> bool:
    """True once a session was revoked, was not used for `idle`, or reached its absolute end."""
    return revoked_at is not None or now >= expires_at or now - last_seen_at >= idle


def _names_a_page(path: str) -> bool:
    """`path` is percent-decoded, as a browser or proxy in between might have it."""
    # Dot segments and doubled slashes resolve to another path, or to another host.
    if "\\" in path or "//" in path or _has_control(path):
        return False
    segments = path.lower().split("/")[1:]
    if any(segment in (".", "..") for segment in segments):
        return False
    first = segments[0]
    return first not in _NOT_PAGES and not first.startswith("_")


def _has_blank_or_control(text: str) -> bool:
    return _has_control(text) or any(char.isspace() for char in text)


def _has_control(text: str) -> bool:
    # Cc: controls; Cf: invisible marks; Cs: lone surrogates that no header can carry.
    return any(unicodedata.category(char) in ("Cc", "Cf", "Cs") for char in text)
