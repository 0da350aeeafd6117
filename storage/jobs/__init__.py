"""Durable work: DBOS behind `core.ports.Jobs`; its twin for tests is `storage.jobs_inline`."""

from storage.jobs.durable import DbosJobs

__all__ = ["DbosJobs"]
