"""What the drains need beside the common ports."""

from __future__ import annotations

from typing import Protocol


class DrainLocks(Protocol):
    """Whose endpoint is whose: each is drained by one process at a time, and a dead one by none."""

    def take(self, endpoint_id: str) -> bool:
        """Whether this process drains the endpoint now; never waits."""
        ...

    def give_back(self, endpoint_id: str) -> None: ...

    def close(self) -> None:
        """All are given back."""
        ...
