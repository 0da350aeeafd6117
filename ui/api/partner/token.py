"""`POST /token`: tokens for system users."""

from __future__ import annotations

from fastapi import APIRouter, Response

from core.errors import InvalidInput, NotSignedIn
from core.integration.credentials.views import Tokens
from ui.api.partner.answers import answer
from ui.api.partner.bodies import MALFORMED
from ui.api.partner.call import Call, Called
from ui.api.partner.describe import told
from ui.api.partner.schemas.keys import TokenAnswer, TokenRefused, TokenRequest

_WHY = {
    "token_login_off": "Token login is switched off for this partner.",
    "invalid_credentials": "User name or password is wrong.",
}


def routes(router: APIRouter) -> None:
    described = told("Get tokens", TokenAnswer, takes=TokenRequest)
    described["description"] = "For system users; people sign in to the hub itself."
    described["responses"] = {
        code: text for code, text in described["responses"].items() if code not in (403, 404)
    } | {401: {"model": TokenRefused, "description": "Wrong, or switched off."}}

    @router.post("/token", **described)
    def get_token(call: Called) -> Response:
        call.rates.count_login(call.address)
        try:
            tokens = _tokens(call, call.body(TokenRequest))
        except NotSignedIn as error:
            why = _WHY.get(error.code, _WHY["invalid_credentials"])
            return answer({"error": "invalid_grant", "error_description": why}, 401)
        return answer(
            {
                "access_token": tokens.access_token,
                "token_type": "Bearer",
                "expires_in": tokens.expires_in,
                "refresh_token": tokens.refresh_token,
            }
        )


def _tokens(call: Call, asked: TokenRequest) -> Tokens:
    door = call.hub.partner_api.door
    # Left out is None here, whatever the type says: the model is the contract's, see `maybe`.
    username, password, refresh = asked.username, asked.password, asked.refresh_token
    if refresh and not (username and password is not None):
        return door.refresh(refresh)
    if not username or password is None:
        needed = ["username: needed", "password: needed"]
        raise InvalidInput("user name and password are needed", code=MALFORMED, details=needed)
    call.rates.require_few_wrong(username.lower())
    try:
        return door.log_in(username, password)
    except NotSignedIn:
        call.rates.count_wrong(username.lower())
        raise
