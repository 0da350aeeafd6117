"""id_tokens as an attacker or a broken provider would make them.

Assembled by hand, because a JOSE library rightly refuses to produce most of these.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import RSAKey

from sandbox.identity.faults import FaultBoard
from sandbox.identity.keys import KeyRing, kid_of, new_key

A_DAY = 86_400
TEN_MINUTES = 600


def spoil_claims(claims: dict[str, Any], faults: FaultBoard) -> dict[str, Any]:
    """The claims with every switched-on fault applied."""
    spoiled = dict(claims)
    for name, change in _CLAIM_FAULTS.items():
        if faults.strikes(name):
            change(spoiled)
    return spoiled


def spoil_signature(
    claims: dict[str, Any], keys: KeyRing, faults: FaultBoard, issuer: str
) -> str | None:
    """A forged token if a signature fault is on, otherwise None."""
    for name, forge in _SIGNATURE_FAULTS.items():
        if faults.strikes(name):
            return forge(claims, keys, issuer)
    return None


def _missing_nonce(claims: dict[str, Any]) -> None:
    claims.pop("nonce", None)


def _wrong_nonce(claims: dict[str, Any]) -> None:
    claims["nonce"] = "nonce-of-another-login"


def _wrong_iss(claims: dict[str, Any]) -> None:
    claims["iss"] = "https://evil.example/identity"


def _wrong_aud(claims: dict[str, Any]) -> None:
    claims["aud"] = "another-client"


def _aud_list_wrong_azp(claims: dict[str, Any]) -> None:
    claims["aud"] = [claims["aud"], "another-client"]
    claims["azp"] = "another-client"


def _expired(claims: dict[str, Any]) -> None:
    claims["exp"] = claims["iat"] - TEN_MINUTES
    claims["iat"] = claims["exp"] - TEN_MINUTES


def _iat_future(claims: dict[str, Any]) -> None:
    claims["iat"] += A_DAY
    claims["exp"] += A_DAY


def _nbf_future(claims: dict[str, Any]) -> None:
    claims["nbf"] = claims["iat"] + A_DAY


def _email_unverified(claims: dict[str, Any]) -> None:
    claims["email_verified"] = False


_CLAIM_FAULTS: dict[str, Callable[[dict[str, Any]], None]] = {
    "missing_nonce": _missing_nonce,
    "wrong_nonce": _wrong_nonce,
    "wrong_iss": _wrong_iss,
    "wrong_aud": _wrong_aud,
    "aud_list_wrong_azp": _aud_list_wrong_azp,
    "expired": _expired,
    "iat_future": _iat_future,
    "nbf_future": _nbf_future,
    "email_unverified": _email_unverified,
}


def _alg_none(claims: dict[str, Any], _keys: KeyRing, _issuer: str) -> str:
    return _compact({"alg": "none", "typ": "JWT"}, claims, lambda _signed: b"")


def _alg_hs256(claims: dict[str, Any], keys: KeyRing, _issuer: str) -> str:
    """The classic confusion: the public key, which everybody has, used as a shared secret."""
    public_pem = keys.current.as_pem(private=False)
    header = {"alg": "HS256", "kid": kid_of(keys.current)}
    return _compact(
        header, claims, lambda signed: hmac.new(public_pem, signed, hashlib.sha256).digest()
    )


def _bad_signature(claims: dict[str, Any], keys: KeyRing, _issuer: str) -> str:
    header = {"alg": "RS256", "kid": kid_of(keys.current)}
    signature = _compact(header, claims, _rs256(keys.current)).rsplit(".", 1)[1]
    changed = claims | {"sub": f"{claims['sub']}-changed"}
    return f"{_signing_input(header, changed)}.{signature}"


def _unknown_kid(claims: dict[str, Any], _keys: KeyRing, _issuer: str) -> str:
    key = new_key()
    return _compact({"alg": "RS256", "kid": kid_of(key)}, claims, _rs256(key))


def _embedded_jwk(claims: dict[str, Any], keys: KeyRing, _issuer: str) -> str:
    header = {"alg": "RS256", "jwk": keys.stranger.as_dict(private=False)}
    return _compact(header, claims, _rs256(keys.stranger))


def _jku_header(claims: dict[str, Any], keys: KeyRing, issuer: str) -> str:
    header = {"alg": "RS256", "kid": kid_of(keys.stranger), "jku": f"{issuer}/stranger/jwks"}
    return _compact(header, claims, _rs256(keys.stranger))


def _x5u_header(claims: dict[str, Any], keys: KeyRing, issuer: str) -> str:
    header = {"alg": "RS256", "kid": kid_of(keys.stranger), "x5u": f"{issuer}/stranger/x5u"}
    return _compact(header, claims, _rs256(keys.stranger))


def _unknown_crit(claims: dict[str, Any], keys: KeyRing, _issuer: str) -> str:
    header = {"alg": "RS256", "kid": kid_of(keys.current), "crit": ["moon"], "moon": "full"}
    return _compact(header, claims, _rs256(keys.current))


_SIGNATURE_FAULTS: dict[str, Callable[[dict[str, Any], KeyRing, str], str]] = {
    "alg_none": _alg_none,
    "alg_hs256": _alg_hs256,
    "bad_signature": _bad_signature,
    "unknown_kid": _unknown_kid,
    "embedded_jwk": _embedded_jwk,
    "jku_header": _jku_header,
    "x5u_header": _x5u_header,
    "unknown_crit": _unknown_crit,
}


def _rs256(key: RSAKey) -> Callable[[bytes], bytes]:
    private = key.private_key
    if private is None:
        raise ValueError("only a private key can sign")
    return lambda signed: private.sign(signed, PKCS1v15(), SHA256())


def _compact(
    header: dict[str, Any], claims: dict[str, Any], signer: Callable[[bytes], bytes]
) -> str:
    signed = _signing_input(header, claims)
    return f"{signed}.{_b64(signer(signed.encode()))}"


def _signing_input(header: dict[str, Any], claims: dict[str, Any]) -> str:
    return f"{_b64(json.dumps(header).encode())}.{_b64(json.dumps(claims).encode())}"


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
