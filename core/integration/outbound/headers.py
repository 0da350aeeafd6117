"""The partner's own headers: which may be set, and which of them are sent; pure.

Programs set headers that are ours to write (`Content-Type`), so those are kept and not sent
instead of being refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from core.errors import InvalidInput
from core.integration.outbound.signatures import ID, SIGNATURE, SIGNATURES, TIMESTAMP

USER_AGENT = "PartnerHub-Webhooks/1"
MOST = 20
_LONGEST_VALUE = 2000
_LONGEST_ALL = 8000
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")  # RFC 9110's token
_VALUE = re.compile(r"[\t -~]*")
# Ours, the connection's, and what would make one request look like two.
_OURS = frozenset(
    (
        *("host", "content-length", "content-type", "content-encoding", "accept-encoding"),
        *("connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "expect"),
        *("proxy-authorization", "proxy-authenticate", "proxy-connection", "user-agent"),
        *(ID, SIGNATURE, SIGNATURES, TIMESTAMP),
    )
)


def checked_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers as they are kept; raises InvalidInput (`bad_header`, `too_many_headers`)."""
    if len(headers) > MOST or sum(len(n) + len(v) for n, v in headers.items()) > _LONGEST_ALL:
        raise InvalidInput(code="too_many_headers", field="headers")
    kept: dict[str, str] = {}
    for name, value in headers.items():
        if not _NAME.fullmatch(name) or name.lower() in kept:
            raise InvalidInput(code="bad_header", field="headers", header=name[:100])
        if len(value) > _LONGEST_VALUE or not _VALUE.fullmatch(value):
            raise InvalidInput(code="bad_header", field="headers", header=name)
        kept[name.lower()] = value
    return {name: value.strip() for name, value in headers.items()}


def ignored(names: Iterable[str]) -> tuple[str, ...]:
    """Those that are ours and not sent."""
    return tuple(name for name in names if name.lower() in _OURS)


def own_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Those that are sent."""
    return {name: value for name, value in headers.items() if name.lower() not in _OURS}
