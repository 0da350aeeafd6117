"""Where clients come back to, and where the data of new numbers is stored."""

from __future__ import annotations

from collections.abc import Sequence

from core.access import Principal
from core.errors import InvalidInput
from core.integration.settings.room import Room
from core.integration.settings.rules import RedirectRules, region_fault, tidied
from core.integration.settings.views import IntegrationView


class Places:
    """Each verb saves one field."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self.redirect_rules = RedirectRules.of(room.settings)

    def look(self, who: Principal) -> IntegrationView:
        """All settings; raises NotSignedIn or Forbidden (owners only)."""
        with self._room.reading(who) as (session, partner):
            return self._room.view(session, partner)

    def set_redirect_url(self, who: Principal, url: str) -> IntegrationView:
        """Clients end at exactly this URL; '' for none. Runs on their way keep theirs.

        Raises InvalidInput with a code of `registration_fault`.
        """
        if fault := self.redirect_rules.redirect_fault(url):
            raise InvalidInput(code=fault, field="redirect_url")
        with self._room.writing(who) as (session, partner):
            self._room.change(session, partner, who, "redirect_url", url)
            return self._room.view(session, partner)

    def set_extra_origins(self, who: Principal, origins: Sequence[str]) -> IntegrationView:
        """A link's own redirect URL may lie on these as well, and on no other.

        Raises InvalidInput, `value` is the first wrong one.
        """
        wrong, fault = self.redirect_rules.origins_fault(origins)
        if fault:
            raise InvalidInput(code=fault, field="extra_origins", value=wrong)
        with self._room.writing(who) as (session, partner):
            self._room.change(session, partner, who, "extra_origins", tidied(origins))
            return self._room.view(session, partner)

    def set_region_default(self, who: Principal, code: str) -> IntegrationView:
        """New numbers store their data there; '' leaves it to Meta. Raises InvalidInput."""
        if fault := region_fault(code):
            raise InvalidInput(code=fault, field="region_default")
        with self._room.writing(who) as (session, partner):
            self._room.change(session, partner, who, "region_default", code)
            return self._room.view(session, partner)
