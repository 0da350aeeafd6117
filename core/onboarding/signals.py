"""What Embedded Signup tells the page by window message, read without trusting it; pure.

The text is usually a JSON string, sometimes an object; other Facebook messages on the same
channel are neither and are no signal. Unknown events and steps are kept as they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core.onboarding.entities import Ending

_TYPE = "WA_EMBEDDED_SIGNUP"
_MAX_TEXT = 20_000
_MAX_ID = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One message: how the popup ended, and the ids that Meta named."""

    ending: str  # an `Ending` value, or Meta's own word when it is new
    waba_id: str = ""
    phone_id: str = ""
    business_id: str = ""
    left_at: str = ""  # the screen where the client left
    error_code: str = ""
    error_text: str = ""
    session_id: str = ""

    @property
    def is_failure(self) -> bool:
        """The client left or ran into an error; nothing was finished."""
        return self.ending in (Ending.CANCEL, Ending.ERROR)


def is_from_meta(origin: str, allowed: Iterable[str]) -> bool:
    """Exactly one of the configured origins; `evilfacebook.com` ends like the real one."""
    return origin in frozenset(allowed)


def read_signal(raw: object) -> Signal | None:
    """The signal in a message, or None when it is no message of Embedded Signup."""
    message = _object(raw)
    if message is None or message.get("type") != _TYPE:
        return None
    ending = _text(message.get("event"))[:64]
    data = message.get("data")
    if not ending:
        return None
    return _signal(ending, data if isinstance(data, Mapping) else {})


def _signal(ending: str, data: Mapping[str, Any]) -> Signal:
    return Signal(
        ending=ending,
        waba_id=_id(data.get("waba_id")) or _first_id(data.get("waba_ids")),
        phone_id=_id(data.get("phone_number_id")),
        business_id=_id(data.get("business_id")),
        left_at=_text(data.get("current_step"))[:64],
        error_code=_text(data.get("error_code"))[:32],
        error_text=_text(data.get("error_message"))[:500],
        # Older payloads call it error_id.
        session_id=(_text(data.get("session_id")) or _text(data.get("error_id")))[:100],
    )


def _object(raw: object) -> Mapping[str, Any] | None:
    if isinstance(raw, Mapping):
        return raw
    if not isinstance(raw, str) or len(raw) > _MAX_TEXT:
        return None
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return "".join(char for char in str(value) if char.isprintable())


def _id(value: object) -> str:
    """Meta's ids are digits; anything else would end up in a path of the Graph API."""
    text = _text(value)
    return text if text.isascii() and text.isdigit() and len(text) <= _MAX_ID else ""


def _first_id(values: object) -> str:
    return _id(values[0]) if isinstance(values, list) and values else ""
