"""Reads a WABA and its numbers from Meta and brings the rows up to date.

Webhooks often say that something changed without saying what; a reading is also the safety net
for webhooks that were lost. It runs as a job, never on a request.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog
from sqlmodel import Session, col, select

from core.accounts.apply_updates import apply_updates
from core.accounts.at_meta import token_of
from core.accounts.entities import WabaAccount
from core.accounts.meta_reading import number_reading, template_reading, waba_reading
from core.accounts.update import Update
from core.clock import Clock
from core.errors import MetaError
from core.ports import Database, Everything, Jobs, Meta, Steps, Tenant, Vault

log = structlog.get_logger()

JOB = "read_waba"
# Facts about one WABA come in bursts; one reading a quarter second after the first is enough.
_BURST = timedelta(milliseconds=250)
_ALL = Everything("readings: jobs name a WABA before its partner is known")


class Readings:
    """Registered as a job; `request` is called inside the transaction that saw the hint."""

    def __init__(
        self, database: Database, clock: Clock, vault: Vault, meta: Meta, jobs: Jobs
    ) -> None:
        self._database = database
        self._clock = clock
        self._vault = vault
        self._meta = meta
        self._jobs = jobs
        jobs.register(JOB, self._run)

    def request(self, session: Session, waba_id: str) -> None:
        """Have the WABA (our id) read soon; requests of one burst become one reading."""
        burst = int(self._clock.now().timestamp() / _BURST.total_seconds())
        key = f"{JOB}:{waba_id}:{burst}"
        self._jobs.enqueue(session, JOB, waba_id, key=key, delay=_BURST.total_seconds())

    def read(self, waba_id: str) -> None:
        """Ask Meta and apply; a WABA without a token (or a removed one) is left as it is."""
        with self._database.reading(_ALL) as session:
            waba = session.get(WabaAccount, waba_id)
        if waba is None or not waba.token or waba.removed:
            return
        try:
            updates = self._ask(waba)
        except MetaError as error:
            log.warning("waba_not_readable", waba_id=waba_id, meta_code=error.meta_code)
            return
        with self._database.transaction(Tenant(waba.partner_id)) as session:
            apply_updates(session, self._clock, updates)

    def read_all(self) -> None:
        """Have every shared WABA read; scheduled hourly as the net under lost webhooks."""
        with self._database.transaction(_ALL) as session:
            shared = select(WabaAccount.id).where(
                col(WabaAccount.removed).is_(False), WabaAccount.token != ""
            )
            for waba_id in session.exec(shared).all():
                self.request(session, waba_id)

    def _run(self, steps: Steps, waba_id: str) -> None:
        steps.run("read", self.read, waba_id)

    def _ask(self, waba: WabaAccount) -> list[Update]:
        token = token_of(self._vault, waba)
        now = self._clock.now()
        node: dict[str, Any] = self._meta.waba(waba.external_id, token)
        updates = list(waba_reading({"id": waba.external_id} | node, now))
        for number in self._meta.phone_numbers(waba.external_id, token):
            updates += number_reading(number, now)
        for template in self._meta.templates(waba.external_id, token):
            updates += template_reading(waba.external_id, template, now)
        return updates
