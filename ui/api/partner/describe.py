"""What the OpenAPI says about a route: what it takes, answers and refuses.

Routes take their input from the raw request, for programs write it in many ways; so parameters
and bodies are described here instead of being read off a signature.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from pydantic import BaseModel

from core.integration.api.lists import At, ListOf
from ui.api.partner.queries import DEFAULT_LIMIT, MOST
from ui.api.partner.schemas.common import ErrorBody, Nothing

Json = dict[str, Any]

# Path parameters by their names; the pattern keeps random tests to ids that could exist.
PATH_PARAMETERS: dict[str, tuple[str, str]] = {
    "partner_id": ("Id of the partner, as on the Integration page.", "AcmeMsPA"),
    "client_id": ("Id of a client.", "f167CmCL"),
    "channel_id": ("Id of a channel.", "f167CmCH"),
    "waba_id": ("Id of a WhatsApp Business Account.", "f167CmWA"),
    "template_id": ("Id of a template.", "hG3kQ0aZp1Xy2Bc3De4Fg5"),
    "flow_id": ("Meta's id of a flow.", "1234567890"),
    "invoice_id": ("Id of an invoice.", "hG3kQ0aZIN"),
    "event_id": ("Id of an event.", "4711"),
    "endpoint_id": ("Id of a webhook endpoint.", "Xy2Bc3WE"),
    "delivery_id": ("Id of a webhook delivery.", "4711"),
}
_ERRORS: dict[int, str] = {
    400: "A parameter is not acceptable; it is named.",
    401: "No credential, or one that is not valid.",
    403: "The credential's scopes, or the state of the thing, do not allow it.",
    404: "Unknown, or another partner's: the same answer.",
    409: "The thing is in a state that does not allow it now.",
    413: "The body is too large.",
    422: "The body is malformed, or an Idempotency-Key was used for another request.",
    429: "Too many requests; `Retry-After` says when to come back.",
    503: "The hub cannot do it right now; `Retry-After` says when to come back.",
}
# In words only: as a parameter, tools that try values would take the same key for many requests.
_ONCE = (
    "With an `Idempotency-Key` header (up to 255 letters) the same request is done once and"
    " answered again for 24 hours."
)
_ALWAYS = (401, 403, 404, 429, 503)
_READS, _WRITES = (*_ALWAYS, 400, 409), (*_ALWAYS, 400, 409, 413, 422)


def told(
    summary: str,
    answers: type[BaseModel],
    *,
    about: str = "",
    takes: type[BaseModel] | None = None,
    lists: ListOf | None = None,
    query: Collection[Json] = (),
    status: int = 200,
    writes: bool | None = None,
) -> Json:
    """Keyword arguments for a route's decorator; `writes` is assumed of what takes a body."""
    is_write = takes is not None if writes is None else writes
    extra: Json = {}
    parameters = [*query]
    if lists is not None:
        parameters += _list_parameters(lists)
    if parameters:
        extra["parameters"] = parameters
    if takes is not None:
        extra["requestBody"] = request_body(takes)
    return {
        "summary": summary,
        "description": " ".join(filter(None, (about, _ONCE if is_write else ""))) or None,
        "status_code": status,
        "response_model": None,
        "responses": {status: {"model": answers, "description": summary}}
        | {code: _error(code) for code in sorted(_WRITES if is_write else _READS)},
        "openapi_extra": extra,
    }


def request_body(model: type[BaseModel]) -> Json:
    """A JSON body of this model; forms are taken as well."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    if model is Nothing:
        # Whatever is sent is not read; many programs send an empty form, or null.
        schema = {"description": "Nothing, or an empty object."}
    return {
        "required": bool(schema.get("required") or schema.get("anyOf")),
        "content": {"application/json": {"schema": schema}},
    }


def parameter(
    name: str, description: str, schema: Json, example: Any, *, place: str = "query"
) -> Json:
    """A parameter that may be left out."""
    return {
        "name": name,
        "in": place,
        "required": False,
        "description": description,
        "schema": schema,
        "example": example,
    }


def path_parameter(name: str) -> Json:
    """A part of the path; raises KeyError for one that nobody described."""
    description, example = PATH_PARAMETERS[name]
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"},
        "example": example,
    }


def _error(code: int) -> Json:
    told_: Json = {"model": ErrorBody, "description": _ERRORS[code]}
    if code in (429, 503):
        seconds = {"schema": {"type": "integer"}, "description": "Seconds to wait."}
        told_["headers"] = {"Retry-After": seconds}
    return told_


def _list_parameters(lists: ListOf) -> list[Json]:
    names = sorted({*lists.filters, *lists.beside})
    sorts = sorted(lists.sorts)
    return [
        parameter(
            "limit",
            f"Most rows of the page; {DEFAULT_LIMIT} without it.",
            {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT_LIMIT},
            100,
        ),
        parameter(
            "offset",
            "Rows to leave out at the beginning.",
            {"type": "integer", "minimum": 0, "maximum": 2**31 - 1, "default": 0},
            0,
        ),
        parameter(
            "sort",
            "A field to sort by, `-field` for descending; may be given several times. A lone `-`"
            " is the default order: the newest first.",
            {
                "type": "array",
                "items": {"type": "string", "enum": ["-", *sorts, *(f"-{s}" for s in sorts)]},
            },
            ["-created_at"],
        ),
        {
            "name": "filters",
            "in": "query",
            "required": False,
            "description": "One JSON object of fields and the values they must have; all count.",
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "properties": {n: _filter_schema(n, lists) for n in names},
                        "additionalProperties": False,
                    },
                    "example": {},
                }
            },
        },
    ]


def _filter_schema(name: str, lists: ListOf) -> Json:
    if isinstance(lists.filters.get(name), At) or name.endswith("_at"):
        return {"type": "string", "format": "date-time", "description": f"`{name}`, to the second."}
    return {"type": "string", "description": f"`{name}` is exactly this."}
