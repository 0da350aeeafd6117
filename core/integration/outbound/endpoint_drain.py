"""Sends what is due to one endpoint, four at a time at the most, until nothing is left.

Holds no lock and no transaction while it posts: a receiver may call the hub back meanwhile.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from time import perf_counter

from core.errors import OutgoingError
from core.integration.outbound.book import Book, Result
from core.integration.outbound.lanes import Due, Lanes
from core.integration.outbound.posting import Envelope, Outcome, outcome
from core.integration.outbound.room import Room
from core.integration.outbound.states import DeliveryState
from core.integration.outbound.verdicts import Verdict, judge
from core.ports import OutgoingAnswer, OutgoingLine

CONNECTIONS = 4
_FETCH = 64
# Fewer than these left: time to look for more, while connections are busy with them.
_LOW = CONNECTIONS
# Sent and not recorded: more than this and sending waits for the database.
_UNRECORDED = 512

Record = Callable[[Result, Callable[[], None]], None]


class EndpointDrain:
    """One run, on one event loop."""

    def __init__(self, endpoint_id: str, room: Room, book: Book, record: Record) -> None:
        self.endpoint_id = endpoint_id
        self._room = room
        self._book = book
        self._record = record
        self._lanes = Lanes()
        self._flying: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()  # something was sent, recorded or queued
        self._width = CONNECTIONS
        self._may_be_more = True
        self._ending = False
        self._failure: BaseException | None = None

    def look_for_more(self) -> None:
        """More is due, or may be."""
        self._may_be_more = True
        self._news.set()

    def look_again(self) -> None:
        """The endpoint is not what it was: what was fetched and not sent is fetched anew."""
        self._lanes.drop_waiting()
        self.look_for_more()

    def end(self) -> None:
        """Nothing more is begun; what is under way is finished."""
        self._ending = True
        self._lanes.drop_waiting()
        self._news.set()

    async def run(self) -> None:
        """Nothing is due any more, or may not be sent now; all that was sent is recorded."""
        line = self._room.outgoing.line()
        envelope: Envelope | None = None
        try:
            while True:
                self._news.clear()
                if self._may_be_more and not self._ending and self._lanes.waiting < _LOW:
                    envelope = await self._fetch() or envelope
                if envelope is not None:
                    self._begin(line, envelope)
                if self._failure is not None:
                    raise self._failure  # what nobody foresaw ends the run, loudly
                if self._is_over():
                    return
                await self._news.wait()
        finally:
            await line.close()

    def _is_over(self) -> bool:
        return not self._lanes.held and (self._ending or not self._may_be_more)

    async def _fetch(self) -> Envelope | None:
        self._may_be_more = False
        most = _FETCH + self._lanes.held
        self._lanes.fetching()
        batch = await asyncio.to_thread(self._book.due, self.endpoint_id, most)
        if batch is None:
            self.end()
            return None
        if self._ending:
            return None  # meanwhile it asked for less; what nobody begins would be held for ever
        if batch.slowness:
            self._width = 1  # it asked for less: more only after it has taken one
        self._lanes.add(batch.due)
        self._may_be_more = self._may_be_more or batch.may_be_more
        return batch.envelope

    def _begin(self, line: OutgoingLine, envelope: Envelope) -> None:
        while not self._ending and len(self._flying) < self._width:
            if self._lanes.held - self._lanes.waiting > _UNRECORDED:
                return
            due = self._lanes.take()
            if due is None:
                return
            task = asyncio.create_task(self._send(line, envelope, due))
            self._flying.add(task)
            task.add_done_callback(self._landed)

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._flying.discard(task)
        if not task.cancelled():
            self._failure = self._failure or task.exception()
        self._news.set()

    async def _send(self, line: OutgoingLine, envelope: Envelope, due: Due) -> None:
        tried = await self._post(line, envelope, due)
        now = self._room.clock.now()
        verdict = judge(
            tried.status,
            tried.answer_headers.get("retry-after", ""),
            tries=due.tries + 1,
            now=now,
            chance=random.random(),  # noqa: S311  spreads retries, keeps no secret
        )
        self._heed(verdict)
        self._lanes.sent(due)
        result = Result(due=due, outcome=tried, verdict=verdict, ended_at=now)
        self._record(result, lambda: self._recorded(due))

    async def _post(self, line: OutgoingLine, envelope: Envelope, due: Due) -> Outcome:
        headers = envelope.headers(due.event_key, self._room.wall.now(), due.body)
        at, began = self._room.clock.now(), perf_counter()
        answer: OutgoingAnswer | OutgoingError
        try:
            answer = await line.post(envelope.url, headers, due.body)
        except OutgoingError as error:
            answer = error
        return outcome(envelope, headers, at, answer, perf_counter() - began)

    def _heed(self, verdict: Verdict) -> None:
        """Who fails is asked one at a time, until it takes one: the others need the time more."""
        if verdict.is_gone or verdict.slows or verdict.wait:
            self.end()
        self._width = CONNECTIONS if verdict.state is DeliveryState.DELIVERED else 1

    def _recorded(self, due: Due) -> None:
        self._lanes.forget(due)
        self._news.set()
