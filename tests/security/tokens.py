"""id_tokens made by hand, honest and not."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.security.rig import ISSUER

CLIENT_ID = "partner-hub"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def claims_with(**changes: Any) -> dict[str, Any]:
    """Good claims at NOW; a change to None leaves the claim out."""
    good = {
        "iss": ISSUER,
        "sub": "ada",
        "aud": CLIENT_ID,
        "iat": NOW.timestamp(),
        "exp": NOW.timestamp() + 600,
        "nonce": "the-nonce",
    }
    return {name: value for name, value in (good | changes).items() if value is not None}


def signed(claims: dict[str, Any], key: Any, algorithm: str) -> str:
    return jwt.encode({"alg": algorithm, "kid": key.kid}, claims, key, algorithms=[algorithm])


def hs256_token(claims: dict[str, Any], key: RSAKey, algorithm: str) -> str:
    """Signed with the public key as a shared secret, whatever the header says."""
    header = {"alg": algorithm, "kid": key.kid}
    text = f"{_b64(json.dumps(header).encode())}.{_b64(json.dumps(claims).encode())}"
    digest = hmac.new(key.as_pem(private=False), text.encode(), hashlib.sha256).digest()
    return f"{text}.{_b64(digest)}"


def header_with(name: str, key: Any) -> str:
    """A header with one more parameter, encoded."""
    return _b64(json.dumps({"alg": "RS256", "kid": key.kid, name: ["x"]}).encode())


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
