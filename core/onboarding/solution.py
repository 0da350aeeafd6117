"""Whether a partner's solution is active at Meta, asked before its clients are let in."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from core.errors import GatewayError, Unavailable
from core.onboarding.room import Room
from core.partners.entities import Partner
from core.partners.solution import note_status
from core.ports import Tenant

log = structlog.get_logger()

# Meta tells of a deactivated solution by webhook, too; this is the net under a lost one.
_CHECKED_FOR = timedelta(minutes=5)


class SolutionCheck(Room):
    """Keeps `Partner.solution_status` what Meta says it is."""

    def ask_about_solution(self, partner_id: str) -> None:
        """Bring `solution_status` up to date, in no transaction; Meta down changes nothing."""
        now = self.clock.now()
        with self.database.reading(Tenant(partner_id)) as session:
            partner = session.get(Partner, partner_id)
        if partner is None or not partner.solution_id or not self._is_due(partner, now):
            return
        try:
            node = self.meta.solution(partner.solution_id)
        except (GatewayError, Unavailable) as error:
            log.warning("solution_not_checked", partner_id=partner_id, error=error.code)
            return
        self._solution_checked[partner.solution_id] = now
        status = str(node.get("status", ""))[:24]
        if status and status != partner.solution_status:
            with self.database.transaction(Tenant(partner_id)) as session:
                row = session.get(Partner, partner_id)
                if row is not None:
                    note_status(session, self.clock, row, status)

    def _is_due(self, partner: Partner, now: datetime) -> bool:
        checked = self._solution_checked.get(partner.solution_id)
        return checked is None or not checked <= now < checked + _CHECKED_FOR
