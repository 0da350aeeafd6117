"""Asks Meta within the server sequence: measured, written into the flight record, told apart.

A call that changes something is marked as begun in a transaction of its own before it is made:
whoever comes after a crash sees that it may have happened, and looks before asking again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from core.errors import MetaError, Unavailable
from core.events import EventType
from core.onboarding.entities import OnboardingRun
from core.onboarding.moves import Move
from core.onboarding.noting import clear_trouble, mark, note, remember
from core.onboarding.room import Opened, Room
from core.onboarding.steps import ServerStep

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is known about one call of Meta; never its token, code or PIN."""

    call: str
    ms: int
    error: MetaError | None = None
    unreachable: bool = False


class MetaRefused(Exception):
    """Meta answered with an error object: it did not do what it was asked."""

    def __init__(self, asked: Asked, error: MetaError) -> None:
        super().__init__(asked.call)
        self.asked = asked
        self.error = error


class MetaGone(Exception):
    """Meta did not answer; `sent` tells whether it may have done the work all the same."""

    def __init__(self, asked: Asked, *, sent: bool) -> None:
        super().__init__(asked.call)
        self.asked = asked
        self.sent = sent


class Halt(Exception):
    """The run must wait for a person; `key` is a guidance key."""

    def __init__(self, key: str, asked: Asked | None = None) -> None:
        super().__init__(key)
        self.key = key
        self.asked = asked


class Pause(Exception):
    """Nothing is wrong, only too early: look again in `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(str(seconds))
        self.seconds = seconds


def ask(call: str, question: Callable[[], T]) -> tuple[T, Asked]:
    """The answer and the note about it. Raises MetaRefused, MetaGone."""
    started = time.perf_counter()
    try:
        answer = question()
    except MetaError as error:
        raise MetaRefused(Asked(call=call, ms=_since(started), error=error), error) from error
    except Unavailable as error:
        asked = Asked(call=call, ms=_since(started), unreachable=True)
        # Only a gateway that knows says that nothing left this machine.
        raise MetaGone(asked, sent=bool(error.about.get("sent", True))) from error
    return answer, Asked(call=call, ms=_since(started))


def begin(room: Room, run: OnboardingRun, move: Move) -> bool:
    """Mark the move as begun; True when it had begun before, so that it may have happened."""
    with room.writing(run.id) as opened:
        before = mark(opened.run, "begun", move.mark, room.clock.now())
        opened.session.add(opened.run)
    return before


@contextmanager
def keeping(
    room: Room,
    run: OnboardingRun,
    asked: Asked | None = None,
    *,
    done: ServerStep | None = None,
    finished: Move | None = None,
) -> Iterator[Opened]:
    """One transaction for what an answer changes: rows, events, and where the run stands.

    `done` ticks a step off, `finished` one number's part of it.
    """
    with room.writing(run.id) as opened:
        if asked is not None:
            note_call(room, opened, asked)
        yield opened
        now = room.clock.now()
        if finished is not None:
            mark(opened.run, "finished", finished.mark, now)
        if done is not None:
            remember(opened.run, **{done: now.isoformat()})
            note(opened.session, room.clock, opened.run, EventType.RUN_STEP, step=done.value)
        clear_trouble(opened.run)
        opened.run.updated_at = now
        opened.session.add(opened.run)


def note_call(room: Room, opened: Opened, asked: Asked) -> None:
    """The call's line in the flight record."""
    error = asked.error
    note(
        opened.session,
        room.clock,
        opened.run,
        EventType.RUN_META_CALL,
        call=asked.call,
        ms=asked.ms,
        ok=error is None and not asked.unreachable,
        unreachable=asked.unreachable or None,
        meta_code=error.meta_code if error else None,
        subcode=error.subcode if error else None,
        trace_id=error.trace_id if error else None,
        details=error.details[:500] if error else None,
    )


def _since(started: float) -> int:
    return round((time.perf_counter() - started) * 1000)
