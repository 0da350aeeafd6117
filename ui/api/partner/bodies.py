"""A request's body as a model: JSON whatever its Content-Type says, or a form."""

from __future__ import annotations

from typing import Any, TypeVar
from urllib.parse import parse_qsl

import orjson
from pydantic import BaseModel, ValidationError

from core.errors import InvalidInput

M = TypeVar("M", bound=BaseModel)

_FORM = "application/x-www-form-urlencoded"
MALFORMED = "malformed_body"
_DEPTH = 32
_EXACT = 2**53  # beyond this a float is no whole number in particular


def parsed(model: type[M], body: bytes, content_type: str) -> M:
    """Raises InvalidInput (`malformed_body`), each fault in `details`.

    An empty body is an empty object.
    """
    value = _value(body, content_type)
    if not isinstance(value, dict):
        raise _malformed("the body must be a JSON object")
    value = _storable(value)
    try:
        if _is_form(body, content_type):
            return model.model_validate(value)
        # Read as JSON and strictly: true is no number, and "5" neither.
        return model.model_validate_json(orjson.dumps(value), strict=True)
    except ValidationError as error:
        raise _malformed("the body is not as it must be", *map(_fault, error.errors())) from error


def is_nothing(body: bytes, content_type: str) -> bool:
    """Whether a body says nothing: empty, `{}`, or a form without fields."""
    return not body.strip() or _value(body, content_type) in ({}, None)


def _value(body: bytes, content_type: str) -> Any:
    if not body.strip():
        return {}
    if _is_form(body, content_type):
        try:
            return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=100))
        except (UnicodeDecodeError, ValueError) as error:
            raise _malformed("the form cannot be read") from error
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _malformed("the body is not JSON") from error


def _is_form(body: bytes, content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == _FORM and body[:1] != b"{"


def _storable(value: Any, depth: int = 0) -> Any:
    """The value without NULs: no text means one, and PostgreSQL takes none. 5.0 is 5."""
    if depth > _DEPTH:
        raise _malformed("the body is nested too deeply")
    if isinstance(value, dict):
        return {_storable(k, depth + 1): _storable(v, depth + 1) for k, v in value.items()}
    if isinstance(value, list):
        return [_storable(one, depth + 1) for one in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return int(value)
    return value.replace("\x00", "") if isinstance(value, str) else value


def _malformed(message: str, *details: str) -> InvalidInput:
    return InvalidInput(message, code=MALFORMED, details=details)


def _fault(error: Any) -> str:
    place = ".".join(str(part) for part in error["loc"])
    return f"{place}: {error['msg']}" if place else str(error["msg"])
