"""Asks the register about a VAT ID, as durable work: what it says becomes the next version.

While nobody answers, what was known stays known, and it is asked again later.
"""

from __future__ import annotations

import structlog

from core.billing.invoices.details import answered, newest
from core.billing.invoices.entities import BillingDetails
from core.billing.invoices.ports import VAT_JOB, VatRegister
from core.billing.ledger import Payer
from core.clock import Clock
from core.errors import Unavailable
from core.events import EventType, record
from core.ports import Database, Jobs, Steps, Tenant

log = structlog.get_logger()

# *Seconds* between tries: member states' registers are down for minutes, some for a night.
_WAITS = (60, 600, 3600, 14400, 43200, 86400, 86400)


class VatChecks:
    """Registers the durable work `vat_check`."""

    def __init__(self, database: Database, clock: Clock, jobs: Jobs, register: VatRegister) -> None:
        self._database = database
        self._clock = clock
        self._jobs = jobs
        self._register = register
        jobs.register(VAT_JOB, self.work)

    def work(self, steps: Steps, partner_id: str, version: int, tries: int) -> None:
        """One try; the next one is enqueued while nobody answers. `version`: of the details."""
        steps.run("ask", self._ask_or_later, partner_id, version, tries)

    def _ask_or_later(self, partner_id: str, version: int, tries: int) -> bool:
        with self._database.reading(Tenant(partner_id)) as session:
            asked = session.get_one(BillingDetails, version)
            payer = Payer(partner_id=partner_id, client_id=asked.client_id)
            vat_id = asked.vat_id
        try:
            is_valid = self._register.is_registered(vat_id)
        except Unavailable:
            if tries >= len(_WAITS):
                log.warning("vat_register_silent", partner_id=partner_id, version=version)
                return False
            key = f"{VAT_JOB}:{version}:{tries + 1}"
            args = (partner_id, version, tries + 1)
            with self._database.transaction(Tenant(partner_id)) as session:
                self._jobs.enqueue(session, VAT_JOB, *args, key=key, delay=_WAITS[tries])
            return False
        self._keep(payer, vat_id, is_valid=is_valid)
        return True

    def _keep(self, payer: Payer, vat_id: str, *, is_valid: bool) -> None:
        with self._database.transaction(Tenant(payer.partner_id)) as session:
            known = newest(session, payer)
            if known is None or known.vat_id != vat_id:
                return  # another ID has been typed since; its own check is on its way
            version = answered(known, is_valid=is_valid, now=self._clock.now())
            session.add(version)
            record(
                session,
                self._clock,
                EventType.BILLING_DETAILS_CHANGED,
                partner_id=payer.partner_id,
                subject=("billing_details", payer.client_id or payer.partner_id),
                data={"vat_state": version.vat_state},
            )
