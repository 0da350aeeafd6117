"""The order in which an endpoint's deliveries go out; pure.

What is told in one lane (of one client, say) goes out one after the other at the first try. Once a
delivery has failed, those behind it go on: nobody waits for hours of retries.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A delivery that is due; `tries` made so far in this round."""

    id: int
    partner_id: str
    endpoint_id: str
    event_key: str
    event: str
    lane: str
    body: bytes
    tries: int
    attempts: int


class Lanes:
    """Deliveries that were fetched; each is held from `add` until `forget`."""

    def __init__(self) -> None:
        self._queue: deque[Due] = deque()
        self._busy: set[str] = set()
        self._held: set[int] = set()
        self._stale: set[int] = set()

    @property
    def held(self) -> int:
        """How many were fetched and are not recorded yet."""
        return len(self._held)

    @property
    def waiting(self) -> int:
        """How many were fetched and not sent yet."""
        return len(self._queue)

    def fetching(self) -> None:
        """A fetch begins: what is recorded until `add` may still be open in what it brings."""
        self._stale.clear()

    def add(self, fetched: Iterable[Due]) -> int:
        """Those that are not held, and were not a moment ago; how many."""
        known = self._held | self._stale
        new = [due for due in fetched if due.id not in known]
        self._queue.extend(new)
        self._held.update(due.id for due in new)
        return len(new)

    def take(self) -> Due | None:
        """The first one whose lane is free, which is busy then; None when there is none."""
        for index, due in enumerate(self._queue):
            lane = _lane(due)
            if lane and lane in self._busy:
                continue
            del self._queue[index]
            if lane:
                self._busy.add(lane)
            return due
        return None

    def drop_waiting(self) -> None:
        """Those that were not taken are not held any more."""
        self._held.difference_update(due.id for due in self._queue)
        self._queue.clear()

    def sent(self, due: Due) -> None:
        """Its first try is over, however it ended: the lane is free."""
        self._busy.discard(_lane(due))

    def forget(self, due: Due) -> None:
        """What became of it is in the database."""
        self._held.discard(due.id)
        self._stale.add(due.id)


def _lane(due: Due) -> str:
    return due.lane if due.tries == 0 else ""
