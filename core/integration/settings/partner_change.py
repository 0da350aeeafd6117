"""Clients who ask to come over from another partner: looked at one by one, or taken unasked.

Programs keep this setting as they do with other hubs. Coming over is asked for through Support
here, whose staff read it beside the request.
"""

from __future__ import annotations

from core.access import Principal
from core.integration.settings.room import Room


class PartnerChange:
    """One setting."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def takes_partner_changes(self, who: Principal) -> bool:
        """Whether such requests need no approval of the partner's."""
        with self._room.reading(who) as (_, partner):
            return partner.partner_change_auto_approve

    def set_takes_partner_changes(self, who: Principal, auto_approve: bool) -> bool:
        """Raises NotSignedIn or Forbidden (owners only)."""
        with self._room.writing(who) as (session, partner):
            self._room.change(session, partner, who, "partner_change_auto_approve", auto_approve)
            return partner.partner_change_auto_approve
