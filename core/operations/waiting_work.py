"""Starts durable work now, or once a held copy has been released; pages are served meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

import structlog

from core.errors import HubError
from core.operations.heart import Heart
from core.operations.holding import Holding
from core.operations.service import Operations

log = structlog.get_logger()

# How soon a release is noticed, in *seconds*.
_LOOK = 1.0


class Drain(Protocol):
    """Works something off in a thread of its own."""

    def start(self) -> None: ...

    def stop(self) -> None: ...


@contextmanager
def at_work(
    operations: Operations, start_jobs: Callable[[], None], drains: Sequence[Drain]
) -> Iterator[None]:
    """This process does the durable work while the block lasts, and says that it lives."""
    work, heart = WaitingWork(operations.holding, start_jobs, drains), Heart(operations)
    heart.start()
    try:
        work.start()
        yield
    finally:
        work.stop()
        heart.stop()


class WaitingWork:
    """`start` begins at once where nothing is held, else in a thread once it is released.

    While held, no job, drain or schedule runs, and what a process left in the middle when the copy
    was made stays as it stands.
    """

    def __init__(
        self,
        holding: Holding,
        start_jobs: Callable[[], None],
        drains: Sequence[Drain],
        *,
        look_every: float = _LOOK,
    ) -> None:
        self._holding = holding
        self._start_jobs = start_jobs
        self._drains = drains
        self._look_every = look_every
        self._ending = threading.Event()
        self._begun: list[Drain] = []
        self._thread = threading.Thread(target=self._wait, name="held", daemon=True)

    def start(self) -> None:
        held = self._holding.state()
        if held is None:
            self._begin()
            return
        log.warning("work_is_held", reason=held.reason, since=held.since.isoformat())
        self._thread.start()

    def stop(self) -> None:
        """Wait for no release any more; what was begun ends."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join(timeout=20)
        while self._begun:
            self._begun.pop().stop()

    def _begin(self) -> None:
        self._start_jobs()
        for drain in self._drains:
            drain.start()
            self._begun.append(drain)

    def _wait(self) -> None:
        while not self._ending.wait(self._look_every):
            try:
                if self._holding.is_held():
                    continue
                log.warning("work_is_released")
                self._begin()
            except HubError as error:
                log.warning("work_not_begun", code=error.code)
                continue
            return
