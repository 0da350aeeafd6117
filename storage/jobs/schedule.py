"""Runs jobs every so often: on the one process that holds the schedule's lock, or on each.

A thread per job, so that a slow one delays no other. A run that was missed is not made up for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog

from storage.jobs.slots import Slots

log = structlog.get_logger()

# The lock of the process that runs the schedule; worker slots count from one.
_SCHEDULE_LOCK = 0
# How soon another process goes on with the schedule of one that died.
_LOOK_EVERY = 2.0


@dataclass(frozen=True, slots=True)
class _Scheduled:
    name: str
    every: timedelta
    job: Callable[[], Any]
    everywhere: bool


class Schedule:
    """Add jobs, then `start`; ends when `stopping` is set."""

    def __init__(self, slots: Slots, stopping: threading.Event) -> None:
        self._slots = slots
        self._stopping = stopping
        self._jobs: list[_Scheduled] = []
        self._threads: list[threading.Thread] = []

    def add(self, name: str, every: timedelta, job: Callable[[], Any]) -> None:
        """On one process of all."""
        self._jobs.append(_Scheduled(name, every, job, everywhere=False))

    def every_process(self, name: str, every: timedelta, job: Callable[[], Any]) -> None:
        """On each process that works."""
        self._jobs.append(_Scheduled(name, every, job, everywhere=True))

    def start(self) -> None:
        for job in self._jobs:
            thread = threading.Thread(target=self._repeat, args=(job,), name=job.name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def join(self) -> None:
        """Wait for jobs that run; `stopping` is set."""
        for thread in self._threads:
            thread.join(timeout=20)

    def _repeat(self, job: _Scheduled) -> None:
        pause = 0.0
        while not self._stopping.wait(pause):
            if not self._is_ours(job):
                pause = min(_LOOK_EVERY, job.every.total_seconds())
                continue
            pause = job.every.total_seconds()
            try:
                job.job()
            except Exception:
                # The outer edge: the next run is another chance.
                log.exception("scheduled_job_failed", job=job.name)

    def _is_ours(self, job: _Scheduled) -> bool:
        return job.everywhere or self._slots.take(_SCHEDULE_LOCK)
