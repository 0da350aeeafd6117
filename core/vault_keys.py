"""The keys that encrypt secrets at rest, as `HUB_VAULT_KEYS` writes them; pure."""

from __future__ import annotations

import base64
import binascii
import hmac
import re

_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")
_BYTES = 32  # AES-256


def read_vault_keys(text: str) -> dict[str, bytes]:
    """Keys by id, the one that encrypts first, from `id:base64key[,id:base64key]`.

    Raises ValueError that says what is wrong without showing a key.
    """
    keys = dict(_read(entry.strip()) for entry in text.split(",") if entry.strip())
    if not keys:
        raise ValueError("HUB_VAULT_KEYS holds no key")
    return keys


def fingerprint(key: bytes) -> str:
    """Tells this key from others, and nothing else about it."""
    return hmac.digest(key, b"which vault key is this", "sha256").hex()[:16]


def _read(entry: str) -> tuple[str, bytes]:
    key_id, colon, encoded = entry.partition(":")
    if not colon or not _KEY_ID.fullmatch(key_id):
        raise ValueError("HUB_VAULT_KEYS: an id is missing or has other signs than A-Z a-z 0-9 _ -")
    try:
        key = base64.b64decode(encoded, altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(f"HUB_VAULT_KEYS: the key {key_id} is not base64") from error
    if len(key) != _BYTES:
        raise ValueError(f"HUB_VAULT_KEYS: the key {key_id} has {len(key)} bytes instead of 32")
    return key_id, key
