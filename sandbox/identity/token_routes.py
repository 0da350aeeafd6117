"""`/identity/token` and `/identity/userinfo`: the two calls the client's server makes."""

import asyncio
import base64
import binascii
import hashlib
import hmac
import re
from typing import Any
from urllib.parse import unquote_plus

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.datastructures import FormData

from sandbox.identity.forgery import spoil_claims, spoil_signature
from sandbox.identity.provider import ACCESS_TOKEN_LIFE, Grant, Provider
from sandbox.identity.tokens import id_token_claims, person_claims, sign

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
# RFC 7636 4.1.
VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
HUGE = 10 * 1024 * 1024


class TokenError(Exception):
    """An error answer of the token endpoint (RFC 6749 5.2)."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


class TokenRoutes:
    """Exchange of a code, and the claims behind an access token."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def router(self) -> APIRouter:
        router = APIRouter(prefix="/identity", tags=["identity"])
        router.post("/token")(self.token)
        router.get("/userinfo")(self.userinfo)
        router.post("/userinfo")(self.userinfo)
        return router

    async def token(self, request: Request) -> Response:
        form = await request.form()
        self._provider.note_call("token", {name: str(value) for name, value in form.items()})
        broken = await self._broken_answer()
        if broken is not None:
            return broken
        try:
            _refuse_repeated(form)
            self._authenticate(request, form)
            grant = self._grant(form)
        except TokenError as error:
            return _error_answer(error)
        return JSONResponse(self._token_answer(grant), headers=NO_STORE)

    async def userinfo(self, request: Request) -> Response:
        self._provider.note_call("userinfo", {})
        if self._provider.faults.strikes("userinfo_down"):
            return Response(status_code=503)
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        access = self._provider.access(token.strip()) if scheme.lower() == "bearer" else None
        person = self._provider.people.get(access.sub) if access else None
        if access is None or person is None:
            challenge = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
            return JSONResponse({"error": "invalid_token"}, 401, headers=challenge)
        wrong = self._provider.faults.strikes("userinfo_wrong_sub")
        sub = "somebody-else" if wrong else person.sub
        return JSONResponse({"sub": sub} | person_claims(person, access.scopes), headers=NO_STORE)

    async def _broken_answer(self) -> Response | None:
        faults = self._provider.faults
        if faults.strikes("token_slow"):
            await asyncio.sleep(faults.seconds)
        if faults.strikes("token_500"):
            return Response("the provider is unwell", status_code=500)
        if faults.strikes("token_garbage"):
            return Response(b"\x00\xff<not json", media_type="application/json")
        if faults.strikes("token_huge"):
            filler = b'{"access_token": "' + b"a" * HUGE + b'"}'
            return Response(filler, media_type="application/json")
        return None

    def _authenticate(self, request: Request, form: FormData) -> None:
        """client_secret_basic or client_secret_post, never both, never none."""
        basic = _basic_credentials(request.headers.get("authorization", ""))
        posted = (str(form.get("client_id", "")), str(form.get("client_secret", "")))
        if basic is not None and posted[1]:
            raise TokenError("invalid_request", "two ways of client authentication at once")
        client_id, secret = basic or posted
        client = self._provider.client
        if not (_same(client_id, client.client_id) and _same(secret, client.client_secret)):
            raise TokenError("invalid_client", "client id or secret is wrong")

    def _grant(self, form: FormData) -> Grant:
        """The grant behind the code if everything it is bound to is right."""
        if form.get("grant_type") != "authorization_code":
            raise TokenError("unsupported_grant_type", "only authorization_code is offered")
        grant = self._provider.use_code(str(form.get("code", "")))
        if grant is None:
            raise TokenError("invalid_grant", "the code is unknown, used or too old")
        if str(form.get("redirect_uri", "")) != grant.request.redirect_uri:
            raise TokenError("invalid_grant", "redirect_uri differs from the authorization")
        if not _verifier_fits(str(form.get("code_verifier", "")), grant.request.code_challenge):
            raise TokenError("invalid_grant", "the code_verifier does not fit the challenge")
        return grant

    def _token_answer(self, grant: Grant) -> dict[str, Any]:
        answer: dict[str, Any] = {
            "access_token": self._provider.grant_access(grant),
            "token_type": "Bearer",
            "expires_in": int(ACCESS_TOKEN_LIFE.total_seconds()),
            "scope": " ".join(sorted(grant.request.scopes)),
        }
        if self._provider.faults.strikes("missing_id_token"):
            return answer
        return answer | {"id_token": self._id_token(grant)}

    def _id_token(self, grant: Grant) -> str:
        provider = self._provider
        claims = id_token_claims(grant, provider.issuer, provider.clock.now())
        person = provider.people.get(grant.sub)
        if person is not None and not provider.faults.strikes("claims_only_in_userinfo"):
            claims |= person_claims(person, grant.request.scopes)
        claims = spoil_claims(claims, provider.faults)
        forged = spoil_signature(claims, provider.keys, provider.faults, provider.issuer)
        return forged or sign(claims, provider.keys)


def _refuse_repeated(form: FormData) -> None:
    if any(len(form.getlist(name)) > 1 for name in form):
        raise TokenError("invalid_request", "a parameter is given twice")


def _basic_credentials(header: str) -> tuple[str, str] | None:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        decoded = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise TokenError("invalid_client", "the Authorization header cannot be read") from error
    # RFC 6749 2.3.1: both halves are form-encoded before they are joined.
    client_id, _, secret = decoded.partition(":")
    return unquote_plus(client_id), unquote_plus(secret)


def _verifier_fits(verifier: str, challenge: str) -> bool:
    if not VERIFIER.fullmatch(verifier):
        return False
    digest = hashlib.sha256(verifier.encode()).digest()
    return _same(base64.urlsafe_b64encode(digest).rstrip(b"=").decode(), challenge)


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _error_answer(error: TokenError) -> Response:
    unauthorised = error.error == "invalid_client"
    headers = NO_STORE | ({"WWW-Authenticate": "Basic"} if unauthorised else {})
    body = {"error": error.error, "error_description": error.description}
    return JSONResponse(body, 401 if unauthorised else 400, headers=headers)
