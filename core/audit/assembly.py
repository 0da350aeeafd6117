"""Puts the audit together: what pages and programs read, and the sealing behind it."""

from __future__ import annotations

from core.access import Gate
from core.audit.sealing import Sealing
from core.audit.service import Audit
from core.clock import Clock
from core.ports import Database, Jobs


def put_together(gate: Gate, database: Database, clock: Clock, jobs: Jobs) -> Audit:
    """Owners may read, and workers seal from now on."""
    Sealing(database, clock).schedule_in(jobs)
    return Audit(gate)
