"""DBOS's own tables: made with ours, so that a process that only enqueues can start first."""

from __future__ import annotations


def migrate_dbos(url: str) -> None:
    """Placeholder until jobs."""
