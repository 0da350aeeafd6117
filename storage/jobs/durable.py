"""Durable work on DBOS 3.4, at least once: what was enqueued in a committed transaction is done.

Each process that works holds a slot, whose name is its executor id in DBOS; what a dead process
left behind is taken over by whoever holds another slot, or the same one later. DBOS is a singleton:
one `DbosJobs` may work per process, any number may enqueue.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from dbos import DBOS, DBOSClient, DBOSConfig, DBOSPortableJSONSerializer
from sqlmodel import Session

from core.errors import Unavailable
from core.ports import Workflow
from storage.engines import jobs_engine
from storage.jobs.bells import announce, signs_for, work_queues
from storage.jobs.schedule import Schedule
from storage.jobs.schema import SCHEMA
from storage.jobs.slots import slots_for
from storage.jobs.steps import PAUSES, Stopping, attempt, outcome, plain
from storage.jobs.sweep import Sweep
from storage.tenancy import bare_connection

log = structlog.get_logger()

# Raised by hand when a release may not continue the workflows of the one before.
APPLICATION_VERSION = "1"
APPLICATION = "partner-hub"
# Workflows that did not ask for a queue of their own; each that runs holds a thread.
QUEUE, CONCURRENCY = "hub", 16
# Ten looks a second: what a person waits for starts at once. An idle queue's look is a `Bell`'s.
POLLING_SECONDS = 0.1
SWEEP_EVERY = timedelta(seconds=3)
# Keys are remembered this long; whoever repeats a key repeats it within hours.
KEEP = timedelta(days=30)
# A process that is replaced may take this long to finish its steps; in *seconds*.
HANDOVER = 20.0


@dataclass(frozen=True, slots=True)
class _Registered:
    workflow: Workflow
    queue: str
    concurrency: int


class DbosJobs:
    """`core.ports.Jobs`; register everything, then `start` in a worker process."""

    def __init__(self, url: str, *, slots: int = 1, pauses: Sequence[float] = PAUSES) -> None:
        """`slots`: worker processes at the same time; `pauses`: see `steps`."""
        self._engine = jobs_engine(url)
        self._slots = slots_for(url)
        self._slot_count = slots
        self._pauses = pauses
        self._registered: dict[str, _Registered] = {}
        self._stopping = threading.Event()
        self._schedule = Schedule(self._slots, self._stopping)
        self._signs = signs_for(url)
        self._dbos: DBOS | None = None
        logging.getLogger("dbos").setLevel(logging.WARNING)
        # Never connects by itself: a process that only serves pages pays nothing for it.
        self._client = DBOSClient(
            system_database_engine=self._engine,
            dbos_system_schema=SCHEMA,
            serializer=DBOSPortableJSONSerializer(),
            application_name=APPLICATION,
            lazy=True,
        )

    def register(self, name: str, workflow: Workflow, *, concurrency: int | None = None) -> None:
        """Known from `start` on; with `concurrency` it has a queue of its own, over all workers."""
        queue = name if concurrency else QUEUE
        self._registered[name] = _Registered(workflow, queue, concurrency or CONCURRENCY)

    def schedule(self, name: str, every: timedelta, job: Callable[[], Any]) -> None:
        """Run by one process of all; the first time soon after the start."""
        self._schedule.add(name, every, job)

    def enqueue(self, session: Session, name: str, *args: Any, key: str, delay: float = 0) -> None:
        """`args` are JSON values; the key is remembered for thirty days."""
        options: dict[str, Any] = {
            "workflow_name": name,
            "queue_name": self._registered[name].queue,
            "workflow_id": key,
            "app_version": APPLICATION_VERSION,
        }
        if delay > 0:
            options["delay_seconds"] = delay
        connection = bare_connection(session)
        self._client.enqueue_in_transaction(
            connection,
            options,  # type: ignore[arg-type]
            *plain(args),
        )
        announce(connection)

    def start(self) -> None:
        """Take a slot, go on with what its last holder left, then work; raises Unavailable."""
        slot = self._take_slot()
        self._register_queues()
        config: DBOSConfig = {
            "name": APPLICATION,
            "application_version": APPLICATION_VERSION,
            "executor_id": f"slot-{slot}",
            "system_database_engine": self._engine,
            "dbos_system_schema": SCHEMA,
            "serializer": DBOSPortableJSONSerializer(),
            "run_migrations": False,  # `storage.migrate` did
            "log_level": "WARNING",
        }
        self._dbos = DBOS(config=config)
        for name, registered in self._registered.items():
            DBOS.workflow(name=name)(self._durable(name, registered.workflow))
        DBOS.listen_queues([])  # each gets a thread that waits for a sign of work
        DBOS.launch()
        self._signs.start()
        work_queues(self._dbos, self._signs, {entry.queue for entry in self._registered.values()})
        sweep = Sweep(self._dbos, self._engine, self._slots, own=slot, version=APPLICATION_VERSION)
        self._schedule.every_process("job_sweep", SWEEP_EVERY, sweep.take_over)
        self._schedule.add("job_forget", timedelta(hours=1), self.forget)
        self._schedule.start()
        log.info("worker_started", slot=slot, workflows=len(self._registered))

    def stop(self) -> None:
        """Steps that run are finished; workflows stay where they are for the next process."""
        self._stopping.set()
        self._schedule.join()
        if self._dbos is not None:
            _finish_steps(self._dbos)
            DBOS.destroy(destroy_registry=True)
            self._dbos = None
        self._signs.close()
        self._client.destroy()
        self._slots.close()
        self._engine.dispose()

    def forget(self, older_than: timedelta = KEEP) -> None:
        """Ended workflows of that age are deleted, with their keys; runs hourly by itself."""
        before = time.gmtime(time.time() - older_than.total_seconds())
        while old := self._client.list_workflows(
            status=["SUCCESS", "ERROR", "CANCELLED"],
            end_time=time.strftime("%Y-%m-%dT%H:%M:%SZ", before),
            limit=500,
            load_input=False,
            load_output=False,
        ):
            self._client.delete_workflows([workflow.workflow_id for workflow in old])

    def _durable(self, name: str, workflow: Workflow) -> Callable[..., Any]:
        steps = _DurableSteps(self._stopping, self._pauses)

        def run(*args: Any) -> Any:
            with structlog.contextvars.bound_contextvars(job=name, job_key=DBOS.workflow_id):
                try:
                    return plain(workflow(steps, *args))
                except Exception:
                    # The outer edge: DBOS stores the failure, a person reads it here.
                    log.exception("job_failed")
                    raise

        return run

    def _register_queues(self) -> None:
        queues = {entry.queue: entry.concurrency for entry in self._registered.values()}
        for queue, concurrency in queues.items():
            limits: dict[str, Any] = (
                {"worker_concurrency": concurrency}
                if queue == QUEUE
                else {"global_concurrency": concurrency}
            )
            self._client.register_queue(queue, polling_interval_sec=POLLING_SECONDS, **limits)

    def _take_slot(self) -> int:
        deadline = time.monotonic() + HANDOVER
        while True:
            for slot in range(1, self._slot_count + 1):
                if self._slots.take(slot):
                    return slot
            if time.monotonic() > deadline:
                raise Unavailable(
                    f"all {self._slot_count} worker slots are taken; stop the other worker"
                    " or raise HUB_WORKER_SLOTS"
                )
            self._stopping.wait(0.2)


class _DurableSteps:
    """`core.ports.Steps` inside a DBOS workflow."""

    def __init__(self, stopping: threading.Event, pauses: Sequence[float]) -> None:
        self._stopping = stopping
        self._pauses = pauses

    def run(self, name: str, step: Callable[..., Any], *args: Any) -> Any:
        if self._stopping.is_set():
            raise Stopping
        stored = DBOS.run_step(
            {"name": name}, attempt, step, plain(args), self._stopping, self._pauses
        )
        return outcome(stored)

    def sleep(self, seconds: float) -> None:
        # DBOS.sleep would hold the process at its end for as long as the longest sleep.
        until = self.run("sleep", lambda: time.time() + seconds)
        if self._stopping.wait(max(0.0, until - time.time())):
            raise Stopping


def _finish_steps(dbos: DBOS) -> None:
    """Claim nothing more and wait for the steps that run."""
    for stop in dbos.background_thread_stop_events:
        stop.set()
    deadline = time.monotonic() + HANDOVER
    while dbos._active_workflows_set.activeList() and time.monotonic() < deadline:
        time.sleep(0.02)
