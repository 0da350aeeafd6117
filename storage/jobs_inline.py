"""The twin of `storage.jobs` without a database: jobs of committed transactions, run in memory.

A test drains them when it wants them done; `start` runs them from a thread instead. Waits take no
time and nothing survives the process.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import event
from sqlmodel import Session

from core.ports import Workflow
from storage.jobs.steps import attempt, outcome, plain

log = structlog.get_logger()

# Tries of a step while something is unavailable; without pauses, as all waits here.
_PAUSES = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class InlineJob:
    """One enqueued job."""

    name: str
    args: list[Any]
    key: str
    delay: float


class InlineJobs:
    """`core.ports.Jobs` for service tests."""

    def __init__(self) -> None:
        self._workflows: dict[str, Workflow] = {}
        self._scheduled: dict[str, Callable[[], Any]] = {}
        self._due: deque[InlineJob] = deque()
        self._keys: set[str] = set()
        self._stopping = threading.Event()
        self._pool: ThreadPoolExecutor | None = None
        self.done: list[InlineJob] = []

    @property
    def waiting(self) -> list[InlineJob]:
        """Jobs of committed transactions that nobody ran yet."""
        return list(self._due)

    def register(self, name: str, workflow: Workflow, *, concurrency: int | None = None) -> None:
        self._workflows[name] = workflow

    def schedule(self, name: str, every: timedelta, job: Callable[[], Any]) -> None:
        self._scheduled[name] = job

    def enqueue(self, session: Session, name: str, *args: Any, key: str, delay: float = 0) -> None:
        """Known once the transaction is committed; never if it is not."""
        if name not in self._workflows:
            raise KeyError(name)
        job = InlineJob(name, plain(args), key, delay)
        added: list[InlineJob] = session.info.setdefault("inline_jobs", [])
        added.append(job)
        if not session.info.setdefault("inline_jobs_heard", False):
            session.info["inline_jobs_heard"] = True
            event.listen(session, "after_commit", self._take)

    def drain(self) -> int:
        """Run all jobs that wait, delayed ones and those they enqueue too; how many there were.

        Raises what a job raises; the jobs behind it stay.
        """
        count = 0
        while self._due:
            self._run(self._due.popleft())
            count += 1
        return count

    def tick(self, name: str) -> Any:
        """Run a scheduled job once, now."""
        return self._scheduled[name]()

    def start(self) -> None:
        """From now on jobs run by themselves, one after the other; scheduled ones run once."""
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="inline-jobs")
        self._submit(self.drain)
        for job in self._scheduled.values():
            self._submit(job)

    def stop(self) -> None:
        self._stopping.set()
        if self._pool is not None:
            self._pool.shutdown()

    def _take(self, session: Session) -> None:
        if session.in_nested_transaction():  # a savepoint was released, nothing is committed yet
            return
        for job in session.info.pop("inline_jobs", []):
            if job.key not in self._keys:
                self._keys.add(job.key)
                self._due.append(job)
        if self._pool is not None:
            self._submit(self.drain)

    def _submit(self, work: Callable[[], Any]) -> None:
        if self._pool is not None and not self._stopping.is_set():
            self._pool.submit(work).add_done_callback(self._ended)

    def _ended(self, work: Future[Any]) -> None:
        if (error := work.exception()) is not None:
            log.error("job_failed", exc_info=error)
            self._submit(self.drain)  # the jobs behind it

    def _run(self, job: InlineJob) -> None:
        self._workflows[job.name](_InlineSteps(self._stopping), *job.args)
        self.done.append(job)


class _InlineSteps:
    """`core.ports.Steps` that keeps nothing."""

    def __init__(self, stopping: threading.Event) -> None:
        self._stopping = stopping

    def run(self, _name: str, step: Callable[..., Any], *args: Any) -> Any:
        return outcome(attempt(step, plain(args), self._stopping, _PAUSES))

    def sleep(self, seconds: float) -> None:
        """Over at once."""
