"""One attempt: what goes out with the bytes, and what is kept of it for the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.errors import OutgoingError
from core.integration.outbound.headers import USER_AGENT, own_headers
from core.integration.outbound.signatures import signature_headers
from core.ports import OutgoingAnswer

HIDDEN = "•••"
_EXCERPT = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Where deliveries of an endpoint go and what they carry; secrets, so it is never logged."""

    url: str
    # Not even a traceback with its values may show these.
    own: Mapping[str, str] = field(repr=False)
    secrets: Sequence[str] = field(repr=False)

    def headers(self, event_key: str, at: datetime, body: bytes) -> dict[str, str]:
        """All headers of one attempt; the partner's own never replace ours."""
        return {
            "Content-Type": "application/json",
            "User-Agent": USER_AGENT,
            **signature_headers(self.secrets, event_key, int(at.timestamp()), body),
            **own_headers(self.own),
        }

    def shown(self, headers: Mapping[str, str]) -> dict[str, str]:
        """The headers for the log: values of the partner's own may be passwords."""
        own = own_headers(self.own)
        return {name: HIDDEN if name in own else value for name, value in headers.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one attempt; `status` 0: there was no answer, and `error` says why."""

    at: datetime
    millis: int
    url: str
    request_headers: dict[str, str]
    status: int = 0
    error: str = ""
    answer_headers: Mapping[str, str]
    answer_body: str = ""

    def columns(self) -> dict[str, Any]:
        """As the attempt's row keeps it."""
        return {
            "at": self.at,
            "millis": self.millis,
            "url": self.url,
            "request_headers": self.request_headers,
            "status": self.status,
            "error": self.error,
            "answer_headers": dict(self.answer_headers),
            "answer_body": self.answer_body,
        }


def outcome(
    envelope: Envelope,
    headers: Mapping[str, str],
    at: datetime,
    answer: OutgoingAnswer | OutgoingError,
    seconds: float,
) -> Outcome:
    """The attempt as it is kept."""
    shown = envelope.shown(headers)
    millis = round(seconds * 1000)
    if isinstance(answer, OutgoingError):
        return Outcome(
            at=at,
            millis=millis,
            url=envelope.url,
            request_headers=shown,
            error=str(answer.about.get("why") or answer.code)[:40],
            answer_headers={},
        )
    return Outcome(
        at=at,
        millis=millis,
        url=envelope.url,
        request_headers=shown,
        status=answer.status,
        answer_headers=answer.headers,
        answer_body=excerpt(answer.body),
    )


def excerpt(body: bytes) -> str:
    """The beginning as text; PostgreSQL takes no NUL."""
    return body[:_EXCERPT].decode(errors="replace").replace("\x00", "\ufffd")
