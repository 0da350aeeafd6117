"""Every Graph call received, so that a test can prove that Meta was asked once per step."""

from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

_KEPT = 20_000
_USAGE_WINDOW = timedelta(hours=1)


@dataclass(slots=True)
class Entry:
    """One call; no token and no body is kept."""

    at: datetime
    method: str
    path: str
    version: str
    caller: str = "none"
    status: int = 0
    code: int | None = None
    waba_id: str | None = None

    def dump(self) -> dict[str, Any]:
        """The entry as JSON."""
        return {
            "at": self.at.isoformat(),
            "method": self.method,
            "path": self.path,
            "version": self.version,
            "token_kind": self.caller,
            "status": self.status,
            "code": self.code,
            "waba_id": self.waba_id,
        }


@dataclass(slots=True)
class Journal:
    """The newest calls, oldest first."""

    entries: deque[Entry] = field(default_factory=lambda: deque(maxlen=_KEPT))
    _recent: dict[str, deque[datetime]] = field(default_factory=dict)

    def begin(self, at: datetime, method: str, path: str, version: str) -> Entry:
        """Writes the call down before it is answered: a crash must not hide it."""
        entry = Entry(at=at, method=method, path=path, version=version)
        self.entries.append(entry)
        return entry

    def clear(self) -> None:
        """Forgets all calls."""
        self.entries.clear()
        self._recent.clear()

    def count_usage(self, waba_id: str, now: datetime) -> int:
        """Counts one management call and returns the calls of the last hour for this account."""
        calls = self._recent.setdefault(waba_id, deque())
        calls.append(now)
        while calls and now - calls[0] >= _USAGE_WINDOW:
            calls.popleft()
        return len(calls)

    def usage(self, waba_id: str) -> int:
        """Management calls counted for this account at its last call."""
        return len(self._recent.get(waba_id, ()))

    def dump(self, path: str = "", method: str = "") -> dict[str, Any]:
        """Calls whose path contains `path`, and how often each path was called."""
        rows = [
            entry
            for entry in self.entries
            if path in entry.path and method.upper() in ("", entry.method)
        ]
        counts = Counter(f"{entry.method} {entry.path}" for entry in rows)
        return {"total": len(rows), "counts": counts, "calls": [entry.dump() for entry in rows]}
