"""`limit`, `offset`, `sort` and `filters` out of a query string, however it was encoded.

Programs in seven languages write the same filters fully percent-encoded, half encoded, or with
raw braces, quotes and blanks; some leave an ampersand of a name as it is. Source:
contracts/partner-api.md, "Lists".
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote, unquote_plus

import orjson

from core.errors import InvalidInput
from core.integration.api.lists import ListQuery

DEFAULT_LIMIT = 20
MOST = 1_000
# PostgreSQL's largest offset is larger; nobody has so many numbers.
_FARTHEST = 2**31 - 1
_DIGITS = 10
_MOST_FILTERS = 200
# Every form's encoder escapes braces and quotes, and none writes `%20`.
_BY_HAND = re.compile(r'[{" ]|%20')
# In filters that are half encoded: a phone number's plus, and one in front of an e-mail's host.
_SURE_PLUS = re.compile(r"(?<=:%22)\+(?=\d)|\+(?=[\w.-]*@)")
# Between JSON's own signs a plus can only be a blank.
_BETWEEN = re.compile(r'(?<=[:,{])\+(?="|%22)')
_NOTHING = ("", "{}", "null")


def list_query(query_string: bytes) -> ListQuery:
    """Raises InvalidInput (`invalid_limit`, `invalid_offset`, `invalid_filters`)."""
    limit, offset, sort, filters = DEFAULT_LIMIT, 0, [], {}
    for name, value in parameters(query_string):
        if name == "limit":
            limit = _number(name, value, least=1, most=MOST)
        elif name == "offset":
            offset = _number(name, value, least=0, most=_FARTHEST)
        elif name == "sort":
            sort.append(value.strip())
        elif name == "filters":
            filters = _filters(value)
    return ListQuery(limit=limit, offset=offset, sort=tuple(sort), filters=filters)


def parameters(query_string: bytes) -> list[tuple[str, str]]:
    """Names and values; what a raw ampersand cut out of a JSON object is put back."""
    pairs: list[tuple[str, str]] = []
    for part in query_string.decode("utf-8", "replace").split("&"):
        if pairs and _is_open(*pairs[-1]):
            name, value = pairs[-1]
            pairs[-1] = (name, f"{value}&{_decoded(part)}")
            continue
        name, _, value = part.partition("=")
        if name:
            pairs.append((unquote_plus(name), _decoded(value)))
    return pairs


def _decoded(value: str) -> str:
    """A form's encoder writes `+` for a blank; where none wrote the text, a plus is a plus."""
    if not _BY_HAND.search(value):
        return unquote_plus(_SURE_PLUS.sub("%2B", value))
    return unquote(_BETWEEN.sub(" ", value))


def value_of(query_string: bytes, name: str, default: str = "") -> str:
    """The last value of a parameter."""
    return dict(parameters(query_string)).get(name, default)


def _is_open(name: str, value: str) -> bool:
    """Whether the value begins as a JSON object and has not ended as one."""
    return name == "filters" and value.startswith("{") and _json(value) is None


def _number(name: str, text: str, *, least: int, most: int) -> int:
    if text.isascii() and text.isdigit() and len(text) <= _DIGITS and least <= int(text) <= most:
        return int(text)
    raise InvalidInput(f"{name} must be from {least} to {most}", code=f"invalid_{name}", field=name)


def _filters(text: str) -> dict[str, str]:
    if text.strip() in _NOTHING:
        return {}
    found = _json(text)
    if found is None or len(found) > _MOST_FILTERS:
        raise InvalidInput(
            "filters must be one JSON object", code="invalid_filters", field="filters"
        )
    # Typed programs write null for what they do not filter by.
    return {key: _text(key, value) for key, value in found.items() if value is not None}


def _text(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int):
        return str(value)
    raise InvalidInput(
        f"the filter {key[:100]} must be a text", code="invalid_filters", field=key[:100]
    )


def _json(text: str) -> dict[str, Any] | None:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None
