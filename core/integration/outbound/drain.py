"""The drains of all endpoints, in one thread of a worker process: fan out, look, send, record.

Woken by the change feed; looks by itself now and then, since a wake-up may be lost and a retry
comes due without one. Endpoints share nothing but the thread: none waits for another.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import structlog

from core.errors import HubError
from core.integration.outbound.book import Book
from core.integration.outbound.catalogue import SENT_TYPES
from core.integration.outbound.endpoint_drain import EndpointDrain
from core.integration.outbound.fanout import QUEUED, FanOut
from core.integration.outbound.ports import DrainLocks
from core.integration.outbound.recorder import Recorder
from core.integration.outbound.room import SUBJECT, Room
from core.ports import Notice

log = structlog.get_logger()

# Without a wake-up (SQLite with a separate web process) a webhook waits this long; *seconds*.
_LOOK = 0.5
_PAUSE = 1.0
# After a fault of ours, which will be the same in a moment.
_REST = 30.0
_THREADS = 8
# For posts under way when the process is to end; what takes longer is posted again later.
_FAREWELL = 16.0


class WebhookDrain:
    """One thread; start it in worker processes only."""

    def __init__(self, room: Room, fanout: FanOut, book: Book, locks: DrainLocks) -> None:
        self._room = room
        self._fanout = fanout
        self._book = book
        self._locks = locks
        self._recorder = Recorder(book)
        self._running: dict[str, EndpointDrain] = {}
        self._resting: dict[str, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._ending = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._written, self._due = asyncio.Event(), asyncio.Event()
        self._thread = threading.Thread(target=self._work, name="webhooks", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Finish what is being posted, then end."""
        self._ending = True
        self._call(self._end)
        self._thread.join(timeout=_FAREWELL)
        self._locks.close()

    def _work(self) -> None:
        with asyncio.Runner() as runner:
            runner.run(self._main())

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_default_executor(ThreadPoolExecutor(_THREADS, "webhooks"))
        unsubscribe = self._room.feed.subscribe(self._hear)
        recording = asyncio.create_task(self._recorder.work())
        try:
            await asyncio.gather(
                self._repeat(self._written, self._fan_out), self._repeat(self._due, self._look)
            )
            if self._tasks:
                await asyncio.wait(self._tasks)
        finally:
            unsubscribe()
            self._recorder.end()
            await recording

    async def _repeat(self, woken: asyncio.Event, act: Callable[[], Awaitable[None]]) -> None:
        while not self._ending:
            woken.clear()
            pause = _LOOK
            try:
                await act()
            except HubError as error:
                log.warning("webhooks_paused", code=error.code)
                pause = _PAUSE
            except Exception:
                # An outer edge: without it the thread ends, and with it everybody's webhooks.
                log.exception("webhooks_failed")
                pause = _REST
            with suppress(TimeoutError):
                await asyncio.wait_for(woken.wait(), pause)

    async def _fan_out(self) -> None:
        if await asyncio.to_thread(self._fanout.work_off):
            self._due.set()

    async def _look(self) -> None:
        for endpoint_id in await asyncio.to_thread(self._book.due_endpoints):
            if (running := self._running.get(endpoint_id)) is not None:
                running.look_for_more()
            elif self._may_begin(endpoint_id) and await self._take(endpoint_id):
                self._begin(endpoint_id)

    def _may_begin(self, endpoint_id: str) -> bool:
        rests_until = self._resting.get(endpoint_id, 0.0)
        return not self._ending and rests_until < asyncio.get_running_loop().time()

    async def _take(self, endpoint_id: str) -> bool:
        return await asyncio.to_thread(self._locks.take, endpoint_id)

    def _begin(self, endpoint_id: str) -> None:
        drain = EndpointDrain(endpoint_id, self._room, self._book, self._recorder.put)
        self._running[endpoint_id] = drain
        task = asyncio.create_task(drain.run())
        self._tasks.add(task)
        task.add_done_callback(lambda ended: self._ended(endpoint_id, ended))

    def _ended(self, endpoint_id: str, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        del self._running[endpoint_id]
        self._locks.give_back(endpoint_id)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("webhook_drain_failed", endpoint_id=endpoint_id, exc_info=error)
            self._resting[endpoint_id] = asyncio.get_running_loop().time() + _REST
        self._due.set()

    def _hear(self, notices: list[Notice]) -> None:
        """From any thread."""
        changed = {n.subject_id for n in notices if n.subject_type == SUBJECT and n.type != QUEUED}
        if changed or any(n.type in SENT_TYPES or n.type == QUEUED for n in notices):
            self._call(self._wake, changed)

    def _wake(self, changed: set[str]) -> None:
        self._written.set()
        self._due.set()
        for drain in self._running.values():
            if drain.endpoint_id in changed:
                drain.look_again()

    def _end(self) -> None:
        self._written.set()
        self._due.set()
        for drain in self._running.values():
            drain.end()

    def _call(self, function: Callable[..., None], *args: object) -> None:
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop is closed
                self._loop.call_soon_threadsafe(function, *args)
