"""The id_token: signature by our own list of algorithms, then every claim OpenID asks for.

Pure: token, keys and time in, claims out. A token that could bring its own key (jwk, jku, x5u,
x5c) or its own rules (crit, b64) is refused before anything is verified.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from math import isfinite
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey, import_key

from core.errors import InvalidInput

# Seconds that clocks may differ; O23 allows 120 at the most.
LEEWAY = 120
# Which kind of key each of our algorithms needs; no other algorithm exists for us.
ALGORITHMS = {"RS256": "RSA", "ES256": "EC", "EdDSA": "OKP", "Ed25519": "OKP"}
_FORBIDDEN_HEADERS = frozenset({"b64", "crit", "jku", "jwk", "x5c", "x5u", "zip"})
_LONGEST = 64 * 1024
_RSA_BITS = range(2048, 8193)

Key = RSAKey | ECKey | OKPKey


class IdTokenRefusedError(InvalidInput):
    """The provider's statement about the person cannot be believed; `reason` says why."""

    code = "id_token_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(reason, reason=reason)


class UnknownKeyError(IdTokenRefusedError):
    """Signed by a key that is not in the set at hand; a fresh set may have it."""


def verified(token: str, keys: Mapping[str, Any]) -> dict[str, Any]:
    """The claims behind a good signature; `keys` is a JWK set. Raises IdTokenRefusedError."""
    header = _header(token)
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise IdTokenRefusedError("the signature's algorithm is not on our list")
    if forbidden := _FORBIDDEN_HEADERS & header.keys():
        raise IdTokenRefusedError(f"the header carries {', '.join(sorted(forbidden))}")
    key = _key(keys, ALGORITHMS[algorithm], header.get("kid"))
    try:
        return dict(jwt.decode(token, key, algorithms=[algorithm]).claims)
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise IdTokenRefusedError("the signature does not hold") from error


def check_claims(
    claims: Mapping[str, Any], *, issuer: str, client_id: str, nonce: str, now: datetime
) -> None:
    """Returns if the token was made by `issuer` for this login of ours, now.

    Raises IdTokenRefusedError (OpenID Connect Core 3.1.3.7).
    """
    if claims.get("iss") != issuer:
        raise IdTokenRefusedError("another issuer")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:  # noqa: PLR2004  OpenID Core 2
        raise IdTokenRefusedError("no subject")
    _check_audience(claims, client_id)
    told = claims.get("nonce")
    if not isinstance(told, str) or not hmac.compare_digest(told.encode(), nonce.encode()):
        raise IdTokenRefusedError("another login's nonce, or none")
    _check_times(claims, now.timestamp())


def _check_audience(claims: Mapping[str, Any], client_id: str) -> None:
    audience = claims.get("aud")
    for_us = audience == client_id or (isinstance(audience, list) and audience == [client_id])
    # Several audiences are only acceptable if the provider says that the token is ours (azp).
    if isinstance(audience, list) and client_id in audience and claims.get("azp") == client_id:
        for_us = True
    if not for_us or claims.get("azp", client_id) != client_id:
        raise IdTokenRefusedError("made for another client")


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    expires, issued = _seconds(claims, "exp"), _seconds(claims, "iat")
    if expires is None or issued is None:
        raise IdTokenRefusedError("no exp or iat")
    not_before = _seconds(claims, "nbf")
    if now >= expires + LEEWAY:
        raise IdTokenRefusedError("expired")
    if issued > now + LEEWAY or (not_before is not None and not_before > now + LEEWAY):
        raise IdTokenRefusedError("from the future")


def _seconds(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise IdTokenRefusedError(f"{name} is no time")
    return float(value)


def _header(token: str) -> dict[str, Any]:
    """The unverified header, read by hand so that refusals come before any cryptography."""
    if len(token) > _LONGEST or token.count(".") != 2:  # noqa: PLR2004
        raise IdTokenRefusedError("not a signed token")
    try:
        header = json.loads(_unb64(token.partition(".")[0]))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise IdTokenRefusedError("the header cannot be read") from error
    if not isinstance(header, dict):
        raise IdTokenRefusedError("the header cannot be read")
    return header


def _key(keys: Mapping[str, Any], kind: str, kid: Any) -> Key:
    """The one key that fits; a token without a kid is taken only where there is no choice."""
    offered = keys.get("keys")
    fitting = [
        jwk
        for jwk in (offered if isinstance(offered, list) else [])
        if isinstance(jwk, dict)
        and jwk.get("kty") == kind
        and jwk.get("use", "sig") == "sig"
        and (kid is None or jwk.get("kid") == kid)
    ]
    if len(fitting) != 1:
        raise UnknownKeyError("signed by a key that the provider does not publish")
    if kind == "RSA" and _modulus_bits(fitting[0]) not in _RSA_BITS:
        raise IdTokenRefusedError("the provider's key is too short, or absurdly long")
    try:
        key = import_key({k: v for k, v in fitting[0].items() if k not in ("key_ops", "alg")})
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise IdTokenRefusedError("the provider's key cannot be read") from error
    if not isinstance(key, RSAKey | ECKey | OKPKey):
        raise IdTokenRefusedError("the provider's key is of no use")
    return key


def _modulus_bits(jwk: Mapping[str, Any]) -> int:
    try:
        return int.from_bytes(_unb64(str(jwk.get("n") or ""))).bit_length()
    except (binascii.Error, ValueError):
        return 0


def _unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
