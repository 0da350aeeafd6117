"""The body of every error under `/api/v2`, whoever refuses: a route, the router, or a guard.

Source: contracts/partner-api.md, "Errors".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

# Under these paths programs are answered in JSON, never in plain text.
API_PATHS = ("/api/v2", "/v1/partners")


def error_body(status: int, code: str, message: str, details: Sequence[str] = ()) -> dict[str, Any]:
    """The contract's error object."""
    return {
        "meta": {
            "success": False,
            "http_code": status,
            "developer_message": message,
            "details": list(details),
            "error_data": {"code": code, "message": message},
        },
        "message": message,
    }


def is_api(path: str) -> bool:
    """Whether the path belongs to the partner API."""
    return any(path == start or path.startswith(f"{start}/") for start in API_PATHS)
