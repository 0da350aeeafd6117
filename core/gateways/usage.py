"""How much of Meta's hourly budgets is used, as its headers tell; callers wait before it is gone.

Budgets belong to the app or to a business; which business a WABA belongs to is learnt from the
answers. Source: contracts/meta.md section 13.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

from core.errors import Unavailable

# Meta's advice: slow down here, so that what a person waits for still gets through.
_THROTTLE_AT = 80
# *Seconds*. Sixty calls an hour are left over from most budgets at that point.
_PAUSE = 60.0
_APP = "app"
_PERCENTAGES = ("call_count", "total_cputime", "total_time")


class Usage:
    """Remembers who has to wait until when; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owner: dict[str, str] = {}
        self._until: dict[str, float] = {}

    def require_room(self, path: str) -> None:
        """Raises Unavailable (`meta_throttled`, never sent) while the budget is nearly used up."""
        now = time.monotonic()
        with self._lock:
            owner = self._owner.get(_node(path), "")
            until = max(self._until.get(_APP, 0.0), self._until.get(owner, 0.0))
        if until > now:
            wait = round(until - now)
            raise Unavailable(
                "Meta's budget is nearly used up",
                code="meta_throttled",
                sent=False,
                retry_after=wait,
            )

    def note(self, path: str, headers: Mapping[str, str]) -> None:
        """Learn from an answer's headers; what cannot be read is ignored."""
        now = time.monotonic()
        with self._lock:
            if _percent(_object(headers.get("x-app-usage"))) >= _THROTTLE_AT:
                self._until[_APP] = now + _PAUSE
            for owner, usage in _business_usages(headers.get("x-business-use-case-usage")):
                self._owner[_node(path)] = owner
                if _percent(usage) >= _THROTTLE_AT:
                    self._until[owner] = now + max(_PAUSE, _regained_in(usage))


def _node(path: str) -> str:
    return path.strip("/").partition("/")[0]


def _business_usages(header: str | None) -> Iterator[tuple[str, dict[str, Any]]]:
    for owner, usages in _object(header).items():
        for usage in usages if isinstance(usages, list) else []:
            if isinstance(usage, dict):
                yield owner, usage


def _percent(usage: Mapping[str, Any]) -> float:
    values = [usage.get(name) for name in _PERCENTAGES]
    return max((float(value) for value in values if isinstance(value, int | float)), default=0.0)


def _regained_in(usage: Mapping[str, Any]) -> float:
    """*Seconds*; Meta tells minutes."""
    minutes = usage.get("estimated_time_to_regain_access")
    return float(minutes) * 60 if isinstance(minutes, int | float) else 0.0


def _object(text: str | None) -> dict[str, Any]:
    try:
        value = json.loads(text or "{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
