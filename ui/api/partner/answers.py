"""Answers as JSON bytes; what a service gave is written as it is, without a model in between."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import Response

from core.integration.api.lists import ListQuery, Page

_JSON = "application/json"


def answer(content: Any, status: int = 200) -> Response:
    """The value as JSON."""
    return Response(orjson.dumps(content), status, media_type=_JSON)


def listed(items_key: str, page: Page[Any], query: ListQuery) -> Response:
    """A page in the contract's frame."""
    frame = {
        "count": len(page.items),
        "total": page.total,
        "limit": query.limit,
        "offset": query.offset,
        "sort": list(query.sort),
        "filters": dict(query.filters),
        items_key: page.items,
    }
    return answer(frame)
