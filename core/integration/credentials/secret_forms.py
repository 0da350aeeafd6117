"""The hub's own secrets for programs: recognisable by their beginning, guessable by nobody.

A secret scanner finds them by the beginning; the rest has 190 bits, so a fast hash keeps them.
Passwords of system users are made here too, but a person may one day choose one: scrypt.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from enum import StrEnum

from core.columns import new_key

_LENGTH = 32  # base-62 letters behind the beginning
_SHOWN = 10  # letters of a secret that are kept to tell it by

# 16 MiB and some 40 ms a try: enough against a stolen table, little enough for a busy door.
_COST, _BLOCK, _LANES = 2**14, 8, 1


class Kind(StrEnum):
    """What a secret is for: its first letters."""

    API_KEY = "phk_"
    ACCESS = "pha_"
    REFRESH = "phr_"
    CHANNEL_KEY = "phc_"


def new_secret(kind: Kind) -> str:
    """A secret that nobody has seen yet."""
    return kind + new_key(_LENGTH)


def shown(secret: str) -> str:
    """As much of a secret as may be kept to tell it from others."""
    return secret[:_SHOWN]


def new_password() -> str:
    """A system user's password: 24 letters and digits."""
    return new_key(24)


def hash_password(password: str) -> str:
    """The password's scrypt hash with a salt of its own, and the costs it was made with."""
    salt = secrets.token_bytes(16)
    key = _scrypt(password, salt, _COST, _BLOCK, _LANES)
    return f"scrypt${_COST}${_BLOCK}${_LANES}${_text(salt)}${_text(key)}"


def is_password(password: str, stored: str) -> bool:
    """Whether the stored hash is this password's, in constant time."""
    _, cost, block, lanes, salt, key = stored.split("$")
    found = _scrypt(password, _bytes(salt), int(cost), int(block), int(lanes))
    return hmac.compare_digest(found, _bytes(key))


def _scrypt(password: str, salt: bytes, cost: int, block: int, lanes: int) -> bytes:
    raw = password.encode("utf-8", "surrogatepass")
    # Twice what the costs need (128 * cost * block bytes), which OpenSSL wants as an upper bound.
    most = 256 * cost * block
    return hashlib.scrypt(raw, salt=salt, n=cost, r=block, p=lanes, maxmem=most, dklen=32)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)
