"""The id_token: honest claims, honest signature."""

from datetime import datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError

from sandbox.identity.keys import KeyRing, kid_of
from sandbox.identity.people import Person
from sandbox.identity.provider import Grant

ID_TOKEN_LIFE = timedelta(minutes=10)


def person_claims(person: Person, scopes: frozenset[str]) -> dict[str, Any]:
    """What the granted scopes let the client know of the person, besides `sub`."""
    claims: dict[str, Any] = {}
    if "email" in scopes:
        claims |= {"email": person.email, "email_verified": person.email_verified}
    if "profile" in scopes:
        claims |= {"name": person.name}
    return claims


def id_token_claims(grant: Grant, issuer: str, now: datetime) -> dict[str, Any]:
    """What every id_token says of a sign-in, whatever the scopes."""
    claims: dict[str, Any] = {
        "iss": issuer,
        "sub": grant.sub,
        "aud": grant.request.client_id,
        "iat": int(now.timestamp()),
        "exp": int((now + ID_TOKEN_LIFE).timestamp()),
        "auth_time": int(grant.auth_time.timestamp()),
    }
    nonce = grant.request.nonce
    return claims if nonce is None else claims | {"nonce": nonce}


def sign(claims: dict[str, Any], keys: KeyRing) -> str:
    header = {"alg": "RS256", "kid": kid_of(keys.current)}
    return jwt.encode(header, claims, keys.current, algorithms=["RS256"])


def read_hint(token: str, keys: KeyRing) -> dict[str, Any] | None:
    """The claims of an id_token that we signed ourselves, expired or not; otherwise None.

    A logout hint is usually older than its token's life, so `exp` is not looked at.
    """
    for key in keys.known():
        try:
            return dict(jwt.decode(token, key, algorithms=["RS256"]).claims)
        except (JoseError, ValueError):
            continue
    return None
