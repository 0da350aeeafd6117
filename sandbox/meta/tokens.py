"""Codes and tokens: who may speak for which client. Codes live 30 seconds and work once."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from sandbox.meta.errors import GraphError, bad_parameter, bad_token
from sandbox.meta.ports import MetaSettings
from sandbox.meta.state import Code, MetaState, Token
from sandbox.meta.values import MANAGEMENT_SCOPE, MESSAGING_SCOPE, Node


def issue_code(state: MetaState, app_id: str, business_id: str) -> Code:
    """A code whose time has not begun: it begins when the client leaves the popup."""
    code = Code(value="AQ" + secrets.token_urlsafe(48), app_id=app_id, business_id=business_id)
    state.codes[code.value] = code
    return code


def start_code(state: MetaState, value: str, now: datetime, late_by: float) -> None:
    """The 30 seconds run from now, or ran already when the code is to arrive late."""
    code = state.codes[value]
    code.started_at = code.started_at or now - timedelta(seconds=late_by)


def exchange(
    state: MetaState, settings: MetaSettings, params: dict[str, Any], now: datetime
) -> Node:
    """The client's business token for a fresh code."""
    for name in ("client_id", "client_secret", "code"):
        if not params.get(name):
            raise bad_parameter(f"Missing {name} parameter.")
    _check_app(settings, params)
    code = state.codes.get(str(params["code"]))
    if code is None or code.app_id != params["client_id"]:
        raise GraphError(100, "Invalid verification code format.", subcode=36007)
    # The popup's code has no redirect address: a blank one is tolerated, any other is a mismatch.
    if params.get("redirect_uri"):
        raise GraphError(
            100,
            "Error validating verification code: the redirect_uri differs from the one of the "
            "login dialog.",
            subcode=36008,
        )
    if code.used:
        raise GraphError(100, "This authorization code has been used.", subcode=36009)
    if code.expired(now):
        raise GraphError(100, "This authorization code has expired.", subcode=36007)
    code.used = True
    token = new_token(state, "business", code.business_id, now)
    return {"access_token": token.value, "token_type": "bearer"}


def new_token(
    state: MetaState, kind: str, business_id: str, now: datetime, expires: timedelta | None = None
) -> Token:
    """A fresh token of the given kind."""
    token = Token(
        value="EAA" + secrets.token_hex(40),
        kind=kind,
        business_id=business_id,
        issued_at=now,
        expires_at=now + expires if expires else None,
    )
    state.tokens[token.value] = token
    return token


def identify(state: MetaState, settings: MetaSettings, raw: str, now: datetime) -> Token:
    """Whose token this is; GraphError 190 when it does not work (any more)."""
    if not raw:
        raise bad_token("An access token is required to request this resource.")
    if raw == settings.system_user_token:
        return _own(raw, "system", settings, now)
    if raw == f"{settings.app_id}|{settings.app_secret}":
        return _own(raw, "app", settings, now)
    token = state.tokens.get(raw)
    if token is None:
        raise bad_token("Invalid OAuth access token - Cannot parse access token")
    if token.revoked:
        raise bad_token("Error validating access token: it was withdrawn.", subcode=467)
    if token.expires_at and token.expires_at <= now:
        raise bad_token("Error validating access token: Session has expired.", subcode=463)
    return token


def caller_kind(state: MetaState, settings: MetaSettings, raw: str, now: datetime) -> str:
    """Who asks, for the journal: also of calls that are going to be refused."""
    if not raw:
        return "none"
    try:
        return identify(state, settings, raw, now).kind
    except GraphError:
        return "invalid"


def describe(
    state: MetaState,
    settings: MetaSettings,
    raw: str,
    now: datetime,
    *,
    without_management: bool = False,
) -> Node:
    """The `debug_token` answer: granular scopes list the newest account first."""
    try:
        token = identify(state, settings, raw, now)
    except GraphError as refused:
        error = {"code": 190, "message": refused.message, "subcode": refused.subcode}
        return {"data": {"is_valid": False, "scopes": [], "error": error}}
    targets = [waba["id"] for waba in _reachable(state, token)]
    scopes = [MESSAGING_SCOPE] if without_management else [MANAGEMENT_SCOPE, MESSAGING_SCOPE]
    return {
        "data": {
            "app_id": settings.app_id,
            "application": "Partner app",
            "type": "APP" if token.kind == "app" else "SYSTEM_USER",
            "is_valid": True,
            "issued_at": int(token.issued_at.timestamp()),
            "expires_at": int(token.expires_at.timestamp()) if token.expires_at else 0,
            "data_access_expires_at": 0,
            "user_id": f"1{token.business_id}",
            "scopes": ["public_profile", *scopes],
            "granular_scopes": [{"scope": scope, "target_ids": targets} for scope in scopes],
        }
    }


def revoke_tokens(state: MetaState, business_id: str) -> int:
    """All tokens of this client stop working; returns how many there were."""
    mine = [token for token in state.tokens.values() if token.business_id == business_id]
    for token in mine:
        token.revoked = True
    return len(mine)


def may_use(token: Token, waba: Node) -> bool:
    """Whether this token reaches the account: shared with the partner, and of its own client."""
    if token.kind == "system":
        return bool(waba["shared"])
    if token.kind in ("business", "solution"):
        return bool(waba["shared"]) and bool(waba["business_id"] == token.business_id)
    return False


def _reachable(state: MetaState, token: Token) -> list[Node]:
    if token.kind == "system":
        return [waba for waba in state.wabas.values() if waba["shared"]]
    return [waba for waba in state.wabas_of(token.business_id) if waba["shared"]]


def _own(raw: str, kind: str, settings: MetaSettings, now: datetime) -> Token:
    return Token(value=raw, kind=kind, business_id=settings.business_id, issued_at=now)


def _check_app(settings: MetaSettings, params: dict[str, Any]) -> None:
    if str(params["client_id"]) != settings.app_id:
        raise GraphError(101, "Error validating application. Invalid application ID.")
    if str(params["client_secret"]) != settings.app_secret:
        raise GraphError(1, "Error validating client secret.", http=400)
