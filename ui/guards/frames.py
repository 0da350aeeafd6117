"""What a frame from a browser must look like before NiceGUI's handlers see it (pure).

NiceGUI indexes into these objects unchecked, so anything else would be an exception per frame.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

_SHORT = 200
_MOST_ARGS = 32
_HANDSHAKE_TEXTS = ("client_id", "tab_id", "document_id")


def is_handshake(query: Any) -> bool:
    """A socket's query string, or the object of a late handshake, with all that NiceGUI reads.

    A query that asks for no implicit handshake is fine as it is.
    """
    if isinstance(query, str):
        query = {name: values[0] for name, values in parse_qs(query).items()}
        if query.get("implicit_handshake", "") != "true":
            return True
    if not isinstance(query, dict):
        return False
    number = query.get("next_message_id")
    return all(_is_short(query.get(name)) for name in _HANDSHAKE_TEXTS) and (
        number is None or _is_count(number)
    )


def is_event(message: Any) -> bool:
    """`{id, client_id, listener_id, args}`; every argument is JSON text or None."""
    if not _is_of_a_page(message) or not _is_count(message.get("id")):
        return False
    args = message.get("args")
    return (
        _is_short(message.get("listener_id"))
        and isinstance(args, list)
        and len(args) <= _MOST_ARGS
        and all(arg is None or isinstance(arg, str) for arg in args)
    )


def is_javascript_response(message: Any) -> bool:
    return _is_of_a_page(message) and _is_short(message.get("request_id"))


def is_ack(message: Any) -> bool:
    return _is_of_a_page(message) and _is_count(message.get("next_message_id"))


def is_binary(data: Any) -> bool:
    """A binary frame, or the announcement (packet types 5 and 6) that some will follow."""
    return not isinstance(data, str) or data.startswith(("5", "6"))


def _is_of_a_page(message: Any) -> bool:
    return isinstance(message, dict) and _is_short(message.get("client_id"))


def _is_short(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _SHORT


def _is_count(value: Any) -> bool:
    if isinstance(value, str):
        return value.isascii() and value.isdigit() and len(value) < 16  # noqa: PLR2004
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 53
