"""The id under which the request at hand is told of: in logs, in events, on error pages.

Bound at the web's outer edge (`ui.guards.requests`), anew for each press on an open page; threads
that work for a request know it as well. Work that nobody asked for has none.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from structlog.contextvars import bound_contextvars

_ID = re.compile(r"[A-Za-z0-9._-]{8,32}")  # nginx's own have 32
_current: ContextVar[str] = ContextVar("request_id", default="")


def current_request_id() -> str:
    """The id of the request that this work belongs to; '' for work of the hub's own."""
    return _current.get()


def new_request_id() -> str:
    """64 random bits: nobody meets another one's, and they can be read out on the phone."""
    return secrets.token_hex(8).upper()


def is_request_id(text: str) -> bool:
    """Whether an id that somebody else made may be written into logs and headers."""
    return _ID.fullmatch(text) is not None


@contextmanager
def serving(request_id: str) -> Iterator[None]:
    """Everything done inside is told of under this id, in every line of the log as well."""
    token = _current.set(request_id)
    try:
        with bound_contextvars(request_id=request_id):
            yield
    finally:
        _current.reset(token)
