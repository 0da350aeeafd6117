"""What an authorization request may ask (pure): parsed and judged before anybody signs in.

Two kinds of refusal: before client and redirect URI are known to be right nothing may be
redirected (a page says so); afterwards every error goes back to the client.
"""

import re
from dataclasses import dataclass

from starlette.datastructures import QueryParams

PROMPTS = frozenset({"none", "login", "consent", "select_account"})
# base64url of a SHA-256, without padding (RFC 7636 4.2).
S256_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    client_id: str
    client_secret: str
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequest:
    client_id: str
    redirect_uri: str
    state: str | None
    nonce: str | None
    scopes: frozenset[str]
    code_challenge: str
    prompts: frozenset[str]
    max_age: int | None
    login_hint: str


class NotTrustedError(Exception):
    """Client or redirect URI is wrong: say so here and redirect nothing."""


class RefusedError(Exception):
    """The client asked for something it cannot have; it is told at its redirect URI."""

    def __init__(self, error: str, description: str, *, redirect_uri: str, state: str | None):
        super().__init__(description)
        self.error = error
        self.description = description
        self.redirect_uri = redirect_uri
        self.state = state


def parse(params: QueryParams, client: Client) -> AuthorizationRequest:
    """The request as a value. Raises NotTrustedError or RefusedError."""
    redirect_uri = _trusted_redirect_uri(params, client)
    problem = _first_problem(params)
    if problem is not None:
        error, description = problem
        raise RefusedError(error, description, redirect_uri=redirect_uri, state=params.get("state"))
    return AuthorizationRequest(
        client_id=client.client_id,
        redirect_uri=redirect_uri,
        state=params.get("state"),
        nonce=params.get("nonce"),
        scopes=frozenset(params["scope"].split()),
        code_challenge=params["code_challenge"],
        prompts=frozenset(params.get("prompt", "").split()),
        max_age=int(params["max_age"]) if "max_age" in params else None,
        login_hint=params.get("login_hint", ""),
    )


def _trusted_redirect_uri(params: QueryParams, client: Client) -> str:
    for name in ("client_id", "redirect_uri"):
        if len(params.getlist(name)) != 1:
            raise NotTrustedError(f"{name} must be given exactly once.")
    if params["client_id"] != client.client_id:
        raise NotTrustedError("This client is not registered here.")
    if params["redirect_uri"] not in client.redirect_uris:
        raise NotTrustedError("This redirect URI is not registered for the client.")
    return params["redirect_uri"]


def _first_problem(params: QueryParams) -> tuple[str, str] | None:
    checks = (_repeated, _response, _scope, _challenge, _prompt, _max_age)
    return next((problem for check in checks if (problem := check(params))), None)


def _repeated(params: QueryParams) -> tuple[str, str] | None:
    repeated = sorted({name for name in params if len(params.getlist(name)) > 1})
    return ("invalid_request", f"repeated: {', '.join(repeated)}") if repeated else None


def _response(params: QueryParams) -> tuple[str, str] | None:
    if "request" in params:
        return ("request_not_supported", "request objects are not supported")
    if "request_uri" in params:
        return ("request_uri_not_supported", "request objects are not supported")
    if "response_type" not in params:
        return ("invalid_request", "response_type is missing")
    if params["response_type"] != "code":
        return ("unsupported_response_type", "only the code flow is offered")
    if params.get("response_mode", "query") != "query":
        return ("invalid_request", "only response_mode=query is offered")
    return None


def _scope(params: QueryParams) -> tuple[str, str] | None:
    if "openid" not in params.get("scope", "").split():
        return ("invalid_scope", "the scope must contain openid")
    return None


def _challenge(params: QueryParams) -> tuple[str, str] | None:
    # A missing method means "plain" (RFC 7636 4.3), which protects nobody.
    if params.get("code_challenge_method") != "S256":
        return ("invalid_request", "PKCE with code_challenge_method=S256 is required")
    if not S256_CHALLENGE.fullmatch(params.get("code_challenge", "")):
        return ("invalid_request", "code_challenge must be 43 characters of base64url")
    return None


def _prompt(params: QueryParams) -> tuple[str, str] | None:
    prompts = set(params.get("prompt", "").split())
    if prompts - PROMPTS:
        return ("invalid_request", "unknown prompt")
    if "none" in prompts and len(prompts) > 1:
        return ("invalid_request", "prompt=none stands alone")
    return None


def _max_age(params: QueryParams) -> tuple[str, str] | None:
    if "max_age" in params and not re.fullmatch(r"[0-9]{1,9}", params["max_age"]):
        return ("invalid_request", "max_age must be a number of seconds")
    return None
