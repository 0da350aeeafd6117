"""One call of the API: who calls, and what was sent; what every route receives."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel

from core.access import Principal
from core.errors import NotFound, NotSignedIn
from core.hub import Hub
from core.integration.api.lists import ListQuery
from ui.api.partner import bodies
from ui.api.partner.queries import list_query, value_of
from ui.api.partner.rates import Rates

M = TypeVar("M", bound=BaseModel)

PARTNER = "/partners/{partner_id}"
_BEARER = "bearer "


@dataclass(kw_only=True)
class Call:
    """Nothing is judged before it is asked for: take `who` first."""

    request: Request
    hub: Hub
    rates: Rates
    raw_body: bytes = field(repr=False)

    @cached_property
    def who(self) -> Principal:
        """The program, working for the partner of the path.

        Raises NotSignedIn, RateLimited; NotFound for another partner's path, as for an unknown.
        """
        who = program(self.request, self.hub)
        require_own_path(who, self.request)
        self.rates.count_call(who.tenant.partner_id)
        return who

    def path(self, name: str) -> str:
        """A part of the path."""
        return str(self.request.path_params[name])

    def listing(self) -> ListQuery:
        """Limit, offset, sort and filters. Raises InvalidInput."""
        return list_query(self.request.scope["query_string"])

    def query(self, name: str, default: str = "") -> str:
        """A single parameter of the query string."""
        return value_of(self.request.scope["query_string"], name, default)

    def body(self, model: type[M]) -> M:
        """The body as a model; raises InvalidInput (malformed: 422)."""
        return bodies.parsed(model, self.raw_body, self.content_type)

    @property
    def content_type(self) -> str:
        return self.request.headers.get("content-type", "")

    @property
    def address(self) -> str:
        """Where the call comes from."""
        return self.request.client.host if self.request.client else "unknown"


def program(request: Request, hub: Hub) -> Principal:
    """Whose key or token it is; raises NotSignedIn. Cookies count for nothing here."""
    secret = credential(request)
    if not secret:
        raise NotSignedIn(code="credential_missing")
    return hub.partner_api.door.principal(secret)


def require_own_path(who: Principal, request: Request) -> None:
    """Raises NotFound under another partner's path."""
    if who.partner_id != request.path_params.get("partner_id"):
        raise NotFound


def credential(request: Request) -> str:
    """The key or token of the first header that holds one; a blank header is none."""
    headers = request.headers
    authorization = headers.get("authorization", "").strip()
    if authorization.lower().startswith(_BEARER):
        authorization = authorization[len(_BEARER) :].strip()
    elif authorization.lower() == _BEARER.strip():
        authorization = ""
    found = (headers.get("x-api-key", ""), authorization, headers.get("d360-api-key", ""))
    return next((secret.strip() for secret in found if secret.strip()), "")


async def _call(request: Request) -> Call:
    state = request.app.state
    body = await request.body()
    return Call(request=request, hub=state.hub, rates=state.rates, raw_body=body)


Called = Annotated[Call, Depends(_call)]
