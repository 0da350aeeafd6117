"""One topic per partner between the change feed and the open pages of this process.

Notices arrive on any thread, hop to the event loop, and leave in batches: the first at once, then
at most so many a second, the newest notice about a thing in place of the older ones. Nothing is
kept for a partner that nobody looks at.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog
from nicegui import Event, background_tasks

from core.events import STAFF_ONLY
from core.ports import ChangeFeed, Notice

log = structlog.get_logger(__name__)

SESSION_REVOKED = "session_revoked"
# Staff follow what is told about conversations, whoever's they are; no partner has this id.
DESK = "desk"
_DESK_SUBJECT = "conversation"

Receive = Callable[[list[Notice]], Awaitable[object] | None]


@dataclass(slots=True)
class LiveCounts:
    """For the metrics page; they only grow."""

    received: int = 0
    pushed: int = 0  # batches, each to every open page of one partner
    coalesced: int = 0  # notices that a newer one replaced
    unwatched: int = 0  # notices for partners without an open page


@dataclass(slots=True)
class _Topic:
    """A partner's open pages, what waits for them, and the pause after the last push."""

    event: Event[[list[Notice]]] = field(default_factory=Event)
    listeners: list[Callable[[list[Notice]], None]] = field(default_factory=list)
    waiting: dict[tuple[str, str, str], Notice] = field(default_factory=dict)
    pause: asyncio.TimerHandle | None = None


class LiveTopics:
    """Subscribes to the feed once per process; `subscribe` and `start` belong to the event loop."""

    def __init__(
        self,
        feed: ChangeFeed,
        pushes_per_second: int = 8,
        on_session_revoked: Callable[[str], Awaitable[None] | None] | None = None,
    ) -> None:
        self.counts = LiveCounts()
        self._feed = feed
        self._gap = 1 / pushes_per_second
        self._on_session_revoked = on_session_revoked
        self._topics: dict[str, _Topic] = {}
        self._lock = threading.Lock()
        self._inbox: list[Notice] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._leave_feed: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Begin to listen; call it on the running loop."""
        self._loop = asyncio.get_running_loop()
        self._leave_feed = self._feed.subscribe(self._receive)

    def stop(self) -> None:
        """Hear nothing any more and forget what waits."""
        self._leave_feed()
        self._loop = None
        for topic in self._topics.values():
            if topic.pause is not None:
                topic.pause.cancel()
        self._topics.clear()

    def subscribe(self, partner_id: str, receive: Receive) -> Callable[[], None]:
        """Call `receive` for each batch of the partner; returns what ends it.

        Called inside a page, `receive` runs in that page's context, and its exceptions reach the
        page's own handler. It costs a task for each batch that it waits for something: pages that
        show the same rows share a room (`ui.rooms`).
        """
        topic = self._topics.setdefault(partner_id, _Topic())
        topic.event.subscribe(receive, expect_args=True, unsubscribe_on_delete=False)

        def unsubscribe() -> None:
            topic.event.unsubscribe(receive)
            self._drop_unwatched(partner_id, topic)

        return unsubscribe

    def listen(
        self, partner_id: str, receive: Callable[[list[Notice]], None]
    ) -> Callable[[], None]:
        """The same for what belongs to no single page; `receive` is quick and does not raise."""
        topic = self._topics.setdefault(partner_id, _Topic())
        topic.listeners.append(receive)

        def end() -> None:
            topic.listeners.remove(receive)
            self._drop_unwatched(partner_id, topic)

        return end

    def subscribers(self, partner_id: str) -> int:
        """How many open pages follow the partner."""
        topic = self._topics.get(partner_id)
        return len(topic.event.callbacks) if topic else 0

    @property
    def topics(self) -> int:
        """How many partners have open pages in this process."""
        return len(self._topics)

    def _receive(self, notices: list[Notice]) -> None:
        """On any thread. One hop to the loop for all that arrives until it gets its turn."""
        loop = self._loop
        if loop is None:
            return
        with self._lock:
            first = not self._inbox
            self._inbox.extend(notices)
        if first:
            try:
                loop.call_soon_threadsafe(self._sort_in)
            except RuntimeError:  # the loop closed a moment ago: the process is ending
                log.debug("live_loop_closed", notices=len(notices))

    def _sort_in(self) -> None:
        with self._lock:
            notices, self._inbox = self._inbox, []
        self.counts.received += len(notices)
        touched = {topic for notice in notices for topic in self._keep(notice)}
        for key in touched:
            topic = self._topics[key]
            if topic.pause is None:
                self._push(topic)

    def _keep(self, notice: Notice) -> list[str]:
        """The topics that have the notice now; none for one that nobody watches."""
        if notice.type == SESSION_REVOKED:
            self._tell_revoked(notice.subject_id)
        keys = [] if notice.type in STAFF_ONLY else [notice.partner_id]
        if notice.subject_type == _DESK_SUBJECT:
            keys.append(DESK)
        watched = [key for key in keys if key in self._topics]
        if not watched:
            self.counts.unwatched += 1
        for key in watched:
            self._keep_in(self._topics[key], notice)
        return watched

    def _keep_in(self, topic: _Topic, notice: Notice) -> None:
        key = (notice.type, notice.subject_type, notice.subject_id)
        if topic.waiting.pop(key, None) is not None:  # the newest one goes to the end
            self.counts.coalesced += 1
        topic.waiting[key] = notice

    def _push(self, topic: _Topic) -> None:
        """Send what waits, then pause; a pause that ends with nothing waiting ends the rhythm."""
        topic.pause = None
        if not topic.waiting or self._loop is None:
            return
        batch, topic.waiting = list(topic.waiting.values()), {}
        topic.pause = self._loop.call_later(self._gap, self._push, topic)
        self.counts.pushed += 1
        for receive in list(topic.listeners):
            receive(batch)
        topic.event.emit(batch)

    def _tell_revoked(self, session_hash: str) -> None:
        if self._on_session_revoked is None:
            return
        told = self._on_session_revoked(session_hash)
        if told is not None:
            background_tasks.create(told, name="session revoked")

    def _drop_unwatched(self, partner_id: str, topic: _Topic) -> None:
        if topic.event.callbacks or topic.listeners:
            return
        if topic.pause is not None:
            topic.pause.cancel()
        if self._topics.get(partner_id) is topic:
            del self._topics[partner_id]
