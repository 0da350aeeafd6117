"""Secrets at rest: AES-256-GCM, the key's id inside the text, the place it belongs to bound in.

Keys turn by putting a new one first in `HUB_VAULT_KEYS`; the older ones stay there to open what
they sealed until it has been sealed anew.
"""

from __future__ import annotations

import base64
import binascii
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.vault_keys import read_vault_keys

# 96 bits, random: good for four billion texts per key.
_NONCE = 12


class AesVault:
    """`core.ports.Vault`; texts look like `v1.keyid.base64`."""

    def __init__(self, keys: str) -> None:
        """`keys`: "id:base64key[,...]", 32 bytes each; raises ValueError without naming them."""
        self._ciphers = {key_id: AESGCM(key) for key_id, key in read_vault_keys(keys).items()}
        self._first = next(iter(self._ciphers))

    def seal(self, plain: str, *, context: str) -> str:
        """Encrypt with the first key; the same text is sealed differently each time."""
        nonce = secrets.token_bytes(_NONCE)
        cipher = self._ciphers[self._first]
        body = nonce + cipher.encrypt(nonce, plain.encode(), _bound(self._first, context))
        return f"v1.{self._first}.{base64.urlsafe_b64encode(body).decode()}"

    def open(self, sealed: str, *, context: str) -> str:
        """Decrypt with the key that the text names."""
        version, _, rest = sealed.partition(".")
        key_id, _, body = rest.partition(".")
        if version != "v1" or key_id not in self._ciphers:
            raise ValueError("the text was sealed by a key that is not here")
        try:
            raw = base64.b64decode(body, altchars=b"-_", validate=True)
            if base64.urlsafe_b64encode(raw).decode() != body:  # spare bits: one text, one spelling
                raise ValueError
            opened = self._ciphers[key_id].decrypt(
                raw[:_NONCE], raw[_NONCE:], _bound(key_id, context)
            )
        except (binascii.Error, InvalidTag, ValueError) as error:
            raise ValueError("the text was changed or belongs elsewhere") from error
        return opened.decode()


def _bound(key_id: str, context: str) -> bytes:
    # No dot can stand in a key's id, so no two pairs give the same bytes.
    return f"v1.{key_id}.{context}".encode()
