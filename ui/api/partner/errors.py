"""Every failure in the contract's words: which status, which message; never a secret, no trace.

A fault of the hub itself has a reference that stands beside its traceback in the log.
"""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.routing import Match

from core.errors import (
    Conflict,
    Forbidden,
    GatewayError,
    HubError,
    InvalidInput,
    MetaError,
    NotFound,
    NotSignedIn,
    RateLimited,
    Unavailable,
)
from ui.api.partner.answers import answer
from ui.api.partner.bodies import MALFORMED
from ui.api.partner.meta_refusals import meta_refusal
from ui.error_body import error_body
from ui.faults import is_ours, log_failure, reference_of

# The first one that fits; subclasses stand before their bases.
_STATUS: tuple[tuple[type[HubError], int], ...] = (
    (InvalidInput, 400),
    (NotFound, 404),
    (NotSignedIn, 401),
    (Forbidden, 403),
    (Conflict, 409),
    (RateLimited, 429),
    (Unavailable, 503),
    (GatewayError, 502),
)
# Codes that the contract answers otherwise than their class.
_UNPROCESSABLE = frozenset({MALFORMED, "idempotency_key_reused"})
_CONFLICTING = frozenset(
    # Each figure is one; the operator's bounds, or the other figures, do not allow it.
    ("amount_too_small", "amount_too_large", "top_up_below_half_threshold", "ceiling_below_top_up")
)
_RETRY_SECONDS = 5

_SAID: Mapping[str, str] = {
    "not_found": "Not found.",
    "credential_missing": "No credential: send an API key or an access token.",
    "invalid_credentials": "The API key or access token is not valid.",
    "credential_ended": "The API key or access token is not valid any more.",
    "token_expired": "The access token has expired.",
    "not_signed_in": "The API key or access token is not valid.",
    "scope_missing": "The credential's scopes do not allow this.",
    "permission_not_granted": (
        "The client has not granted permission for this channel yet, or took it back: an API key"
        " can be made from channel_permission_granted on."
    ),
    "number_not_ready": (
        "The channel is not ready yet: an API key can be made from channel_permission_granted on."
    ),
    "number_ended": "The channel has been terminated.",
    "number_gone": "The channel was deleted at Meta or moved away from this account.",
    "no_token": (
        "The hub has no access to this account at Meta (any more): the client has to connect again."
    ),
    "not_at_meta": "Meta does not know this channel yet.",
    "solution_inactive": (
        "Account sharing is off: the partner has no solution that is ACTIVE at Meta. See the"
        " Integration page."
    ),
    "solution_other": "This is not the partner's solution.",
    "not_shared": (
        "Meta does not name this WhatsApp Business Account as shared with the partner's solution."
    ),
    "number_not_found": "This WhatsApp Business Account has no such number.",
    "number_missing": "This WhatsApp Business Account has no verified number.",
    "number_in_use": "The number is in use elsewhere in the hub.",
    "waba_taken": "This WhatsApp Business Account belongs to another client.",
    "client_exists": "A client with this address exists already.",
    "email_other_account": "This address belongs to a user of the hub.",
    "card_missing": "The client pays for itself and has no valid card yet.",
    "partner_blocked": "The partner takes no new clients: it is blocked.",
    "plan_unpaid": "The partner takes no new clients until its plan invoice is paid.",
    "plan_ended": "The partner's subscription has ended.",
    "template_name": "A name has small letters, digits and underscores only.",
    "template_language": "A language is written as Meta does: en_US.",
    "template_category": "The category is MARKETING, UTILITY or AUTHENTICATION.",
    "template_components": "Components are a list of objects with a type.",
    "template_body_empty": "A template needs a BODY with a text.",
    "template_too_long": "A text is longer than Meta allows.",
    "template_fixed": "Name and language of a template cannot change.",
    "template_nothing_to_change": "There is nothing to change.",
    "invoice_file_pending": "The PDF is being drawn; try again in a moment.",
    "period_invalid": "No calendar has this time.",
    "idempotency_key_reused": "This Idempotency-Key was used for another request.",
    "idempotency_in_progress": "A request with this Idempotency-Key is still being worked on.",
    "unavailable": "The hub cannot do this right now; try again.",
    "rate_limited": "Too many requests; try again later.",
    "bad_target": "This URL cannot be called by the hub.",
    "method_not_allowed": "Method not allowed.",
}


def install(app: FastAPI) -> None:
    """Handlers for all that can go wrong under the API."""
    app.add_exception_handler(HubError, _refused)
    app.add_exception_handler(HTTPException, _unrouted)
    app.add_exception_handler(RequestValidationError, _unread)
    app.add_exception_handler(Exception, _failed)


def refusal(error: HubError) -> Response:
    """The answer to an error of the hub."""
    if isinstance(error, MetaError):
        return meta_refusal(error)
    status = status_of(error)
    code = "not_found" if status == 404 else error.code  # noqa: PLR2004  the same for all
    details = [str(fault) for fault in error.about.get("details", ())]
    field = str(error.about.get("field") or "")
    if field and not details:
        details = [_detail(field, str(error.about.get("why") or error))]
    response = answer(error_body(status, code, message_of(error, code), details), status)
    if status == 401:  # noqa: PLR2004
        response.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, RateLimited):
        response.headers["Retry-After"] = str(error.retry_after)
    elif status == 503:  # noqa: PLR2004
        response.headers["Retry-After"] = str(_RETRY_SECONDS)
    return response


def status_of(error: HubError) -> int:
    """The HTTP status of an error."""
    if error.code in _CONFLICTING:
        return 409
    if error.code in _UNPROCESSABLE:
        return 422
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def message_of(error: HubError, code: str) -> str:
    """One sentence for developers."""
    if code in _SAID:
        return _SAID[code]
    text = str(error)
    if text == error.code:
        return code.replace("_", " ")
    # A parameter is spelled as it is sent, also where a sentence begins with it.
    is_parameter = text.startswith(f"{error.about.get('field')} ")
    return text if is_parameter else f"{text[:1].upper()}{text[1:]}"


def _detail(field: str, text: str) -> str:
    """What is wrong with what; a text that names it already says it once."""
    names_it = text.startswith(f"{field} ") or text.endswith(f": {field}")
    return text if names_it else f"{field}: {text}"


def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, HubError)  # noqa: S101  as registered
    return refusal(error)


def _unrouted(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "refused")
    message = _SAID.get(code, str(error.detail))
    body = error_body(error.status_code, code, message)
    response = answer(body, error.status_code)
    if error.status_code == 405:  # noqa: PLR2004
        response.headers["Allow"] = ", ".join(_methods(request))
    return response


def _methods(request: Request) -> list[str]:
    """What may be done under this path, by all of its routes."""
    found: set[str] = set()
    for route in request.app.router.routes:
        if route.matches(request.scope)[0] != Match.NONE:
            found |= route.methods
    return sorted(found)


def _unread(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    details = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
    body = error_body(422, MALFORMED, "The request is not as it must be.", details)
    return answer(body, 422)


def _failed(_: Request, error: Exception) -> Response:
    log_failure(error)
    assert is_ours(error)  # noqa: S101  errors of the hub have a handler of their own
    reference = reference_of(error)
    message = "A fault in the hub; nothing was changed by this call."
    return answer(error_body(500, "internal_error", message, [f"reference: {reference}"]), 500)
