"""Takes over what dead workers left behind, again and again.

DBOS recovers an executor's work only when the same executor id starts again; a slot that stays
empty, or a workflow whose thread died of a full disk, would wait for ever.
"""

from __future__ import annotations

import time

import structlog
from dbos import DBOS
from dbos._utils import INTERNAL_QUEUE_NAME
from sqlalchemy import Engine, text

from storage.jobs.slots import Slots

log = structlog.get_logger()

# A workflow between being claimed and being known as active is younger than this, in *seconds*.
_CLAIMING = 30


class Sweep:
    """One worker's look at all others."""

    def __init__(self, dbos: DBOS, engine: Engine, slots: Slots, *, own: int, version: str) -> None:
        self._dbos = dbos
        self._engine = engine
        self._slots = slots
        self._own = f"slot-{own}"
        self._version = version

    def take_over(self) -> None:
        """Work of slots that nobody holds, and our own that no thread runs, is queued again."""
        for executor in self._executors_with_work():
            if executor == self._own:
                self._requeue_own()
            elif executor.startswith("slot-"):
                self._requeue_dead(executor)

    def _requeue_dead(self, executor: str) -> None:
        slot = int(executor.removeprefix("slot-"))
        if not self._slots.take(slot):
            return
        try:
            for workflow in self._dbos._sys_db.get_pending_workflows(executor, self._version):
                self._requeue(workflow.workflow_id, executor)
        finally:
            self._slots.give_back(slot)

    def _requeue_own(self) -> None:
        active = set(self._dbos._active_workflows_set.activeList())
        for workflow_id in self._claimed_long_ago():
            if workflow_id not in active:
                self._requeue(workflow_id, self._own)

    def _requeue(self, workflow_id: str, executor: str) -> None:
        # Changes nothing unless that executor still has it: two sweeps cannot both take it.
        if self._dbos._sys_db.reenqueue_for_recovery(workflow_id, [executor], INTERNAL_QUEUE_NAME):
            log.warning("job_taken_over", job_key=workflow_id, left_by=executor)

    def _executors_with_work(self) -> list[str]:
        question = f"SELECT DISTINCT executor_id FROM {self._table} WHERE status = 'PENDING'"  # noqa: S608
        with self._engine.connect() as connection:
            return [str(name) for name in connection.execute(text(question)).scalars()]

    def _claimed_long_ago(self) -> list[str]:
        question = (
            f"SELECT workflow_uuid FROM {self._table} WHERE status = 'PENDING'"  # noqa: S608
            " AND executor_id = :own AND started_at_epoch_ms < :before"
        )
        values = {"own": self._own, "before": int((time.time() - _CLAIMING) * 1000)}
        with self._engine.connect() as connection:
            return [str(key) for key in connection.execute(text(question), values).scalars()]

    @property
    def _table(self) -> str:
        schema = self._dbos._sys_db.schema
        return f'"{schema}".workflow_status' if schema else "workflow_status"
