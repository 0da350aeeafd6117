"""Signatures of webhooks; pure, constant time, over raw bytes only.

Source: contracts/meta.md section 11. Exactly `sha256=` and 64 lower-case hex digits pass.
"""

from __future__ import annotations

import hmac


def meta_signature(secret: str, body: bytes) -> str:
    """The value of `X-Hub-Signature-256` for these very bytes."""
    # In one call, a third of the time of hmac.new: this runs for whatever anybody posts.
    return "sha256=" + hmac.digest(secret.encode(), body, "sha256").hex()


def is_signed_by_meta(secret: str, body: bytes, header: bytes | None) -> bool:
    """Whether the header is the signature of these very bytes."""
    if header is None:
        return False
    return hmac.compare_digest(header, meta_signature(secret, body).encode())


def is_equal(given: str, expected: str) -> bool:
    """Constant-time comparison of texts of any script."""
    return hmac.compare_digest(given.encode(), expected.encode())
