"""The platform secret: made, shown, rotated with an overlap; and what it switches on.

It signs webhooks to the partner and, where the partner wants that, onboarding links to the hub.
"""

from __future__ import annotations

from sqlmodel import Session

from core.access import Principal
from core.columns import new_key
from core.errors import Conflict
from core.events import EventType
from core.integration.settings.room import Room
from core.integration.settings.views import IntegrationView, NewSecret
from core.partners.entities import Partner
from core.partners.platform_secret import current_secrets, platform_secret_context

_LETTERS = 43  # of base 62: 256 bits, and no sign that a shell or a YAML file would read otherwise


class PlatformSecret:
    """Sealed at rest; no event ever holds it."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def generate_secret(self, who: Principal) -> NewSecret:
        """The partner's first secret; raises Conflict (`secret_exists`) when it has one."""
        with self._room.writing(who, fresh=True) as (session, partner):
            if partner.platform_secret:
                raise Conflict(code="secret_exists")
            return self._make(session, partner, who)

    def rotate_secret(self, who: Principal) -> NewSecret:
        """A new one; the one before stays good for `platform_secret_overlap`.

        Raises Conflict: `secret_missing`, or `secret_rotating` while an overlap runs, since that
        would cut off whoever still uses the oldest one.
        """
        with self._room.writing(who, fresh=True) as (session, partner):
            now = self._room.clock.now()
            until = partner.platform_secret_previous_until
            if not partner.platform_secret:
                raise Conflict(code="secret_missing")
            if until is not None and now < until:
                raise Conflict(code="secret_rotating")
            partner.platform_secret_previous = partner.platform_secret
            partner.platform_secret_previous_until = (
                now + self._room.settings.platform_secret_overlap
            )
            return self._make(session, partner, who)

    def end_overlap(self, who: Principal) -> IntegrationView:
        """Only the newest secret is good from now on; nothing to do when no overlap runs."""
        with self._room.writing(who) as (session, partner):
            if partner.platform_secret_previous:
                partner.platform_secret_previous = ""
                partner.platform_secret_previous_until = None
                session.add(partner)
                self._room.tell(session, EventType.PLATFORM_SECRET_OVERLAP_ENDED, partner, who)
            return self._room.view(session, partner)

    def show_secret(self, who: Principal) -> str:
        """The newest one, and an event that it was shown. Raises Conflict (`secret_missing`)."""
        with self._room.writing(who, fresh=True) as (session, partner):
            good = current_secrets(partner, self._room.vault, self._room.clock.now())
            if not good:
                raise Conflict(code="secret_missing")
            self._room.tell(session, EventType.PLATFORM_SECRET_SHOWN, partner, who)
            return good[0]

    def set_io_signature(self, who: Principal, is_on: bool) -> IntegrationView:
        """Onboarding links need a signature, or no longer do.

        Raises Conflict (`secret_missing`) when there is nothing to sign with.
        """
        with self._room.writing(who, fresh=True) as (session, partner):
            if is_on and not partner.platform_secret:
                raise Conflict(code="secret_missing")
            self._room.change(session, partner, who, "io_signature", is_on)
            return self._room.view(session, partner)

    def _make(self, session: Session, partner: Partner, who: Principal) -> NewSecret:
        made = new_key(_LETTERS)
        context = platform_secret_context(partner.id)
        partner.platform_secret = self._room.vault.seal(made, context=context)
        session.add(partner)
        self._room.tell(session, EventType.PLATFORM_SECRET_MADE, partner, who)
        return NewSecret(secret=made, previous_until=partner.platform_secret_previous_until)
