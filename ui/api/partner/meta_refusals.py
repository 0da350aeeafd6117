"""What Meta refuses, handed on with Meta's own codes: a program decides on them as at Meta itself.

Source: contracts/meta.md section 12.
"""

from __future__ import annotations

from typing import Any

from fastapi import Response

from core.errors import MetaError
from ui.api.partner.answers import answer
from ui.error_body import error_body

_RETRY_SECONDS = 30


def meta_refusal(error: MetaError) -> Response:
    """400 for what Meta finds wrong in the request, 409 without permission, 503 for later."""
    status = status_of_meta(error)
    message = error.user_message or error.details or str(error)
    told = (f"Meta: {error}", error.details, error.user_message)
    body = error_body(status, "meta_error", message, list(dict.fromkeys(filter(None, told))))
    body["meta"]["error_data"] |= _codes(error)
    response = answer(body, status)
    if status == 503:  # noqa: PLR2004
        response.headers["Retry-After"] = str(_RETRY_SECONDS)
    return response


def status_of_meta(error: MetaError) -> int:
    """The HTTP status: never one that says that the hub is broken."""
    if error.is_for_later:
        return 503
    return 409 if error.is_without_access else 400


def _codes(error: MetaError) -> dict[str, Any]:
    codes: dict[str, Any] = {"meta_code": error.meta_code, "meta_trace_id": error.trace_id}
    return codes if error.subcode is None else codes | {"meta_subcode": error.subcode}
