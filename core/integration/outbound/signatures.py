"""Signatures of what goes out, both kinds over the very bytes of the body; pure.

Source: contracts/partner-api.md section 3; the Standard Webhooks specification. Its library wants
a secret in base64: `signing_secret` writes the partner's platform secret that way.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence

SIGNATURE = "x-360dialog-signature"
ID, TIMESTAMP, SIGNATURES = "webhook-id", "webhook-timestamp", "webhook-signature"


def platform_signature(secret: str, body: bytes) -> str:
    """Bare lower-case hex."""
    return hmac.digest(secret.encode(), body, "sha256").hex()


def standard_signature(secret: str, event_key: str, timestamp: int, body: bytes) -> str:
    """`v1,` and base64, over id, time and body."""
    signed = b".".join((event_key.encode(), str(timestamp).encode(), body))
    return "v1," + base64.b64encode(hmac.digest(secret.encode(), signed, "sha256")).decode()


def signing_secret(secret: str) -> str:
    """The secret as libraries of Standard Webhooks take it: `whsec_` and base64 of its bytes."""
    return "whsec_" + base64.b64encode(secret.encode()).decode()


def signature_headers(
    secrets: Sequence[str], event_key: str, timestamp: int, body: bytes
) -> dict[str, str]:
    """Headers of one attempt; `secrets` are those in force, the newest first, at least none.

    The bare signature has room for one secret: the newest. Without any secret nothing is signed,
    but the id and the time are told all the same.
    """
    headers = {ID: event_key, TIMESTAMP: str(timestamp)}
    if secrets:
        headers[SIGNATURE] = platform_signature(secrets[0], body)
        headers[SIGNATURES] = " ".join(
            standard_signature(secret, event_key, timestamp, body) for secret in secrets
        )
    return headers
