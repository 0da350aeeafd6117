"""Takes results of all endpoints and writes what has come since the last commit together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from core.errors import HubError
from core.integration.outbound.book import Book, Result

log = structlog.get_logger()

_MOST = 256
_PAUSE = 1.0  # *seconds*, after a database that did not take it


class Recorder:
    """`put` and `work` on one event loop."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._queue: list[tuple[Result, Callable[[], None]]] = []
        self._woken = asyncio.Event()
        self._ending = False

    def put(self, result: Result, done: Callable[[], None]) -> None:
        """`done` is called once the result is in the database."""
        self._queue.append((result, done))
        self._woken.set()

    def end(self) -> None:
        """`work` returns as soon as all is written."""
        self._ending = True
        self._woken.set()

    async def work(self) -> None:
        while not (self._ending and not self._queue):
            await self._woken.wait()
            self._woken.clear()
            while self._queue:
                await self._write(self._queue[:_MOST])

    async def _write(self, batch: list[tuple[Result, Callable[[], None]]]) -> None:
        try:
            await asyncio.to_thread(self._book.record, [result for result, _ in batch])
        except HubError as error:
            await _rest(error, len(batch))
            return
        except Exception:
            # An outer edge: one result that cannot be kept must not hold up those of others.
            log.exception("webhook_results_failed", count=len(batch))
            await self._one_by_one(batch)
            return
        del self._queue[: len(batch)]
        for _, done in batch:
            done()

    async def _one_by_one(self, batch: list[tuple[Result, Callable[[], None]]]) -> None:
        """What cannot be kept is not forgotten by its drain, so that it is not posted for ever."""
        for result, done in batch:
            try:
                await asyncio.to_thread(self._book.record, [result])
            except HubError as error:
                await _rest(error, len(self._queue))
                return
            except Exception:
                log.exception("webhook_result_lost", delivery_id=result.due.id)
            else:
                done()
            del self._queue[0]


async def _rest(error: HubError, count: int) -> None:
    """Nothing is lost: results stay in the queue, and a new process would post again."""
    log.warning("webhook_results_wait", count=count, code=error.code)
    await asyncio.sleep(_PAUSE)
