"""Remove a user."""

from __future__ import annotations

from pydantic import Field
from sqlmodel import Session, col, func, select

from core.clock import Clock
from core.errors import Conflict, NotFound
from core.partners.entities import UserSession
from core.partners.members import member, remove_member
from core.support.effects.effect import Asked, Facts, Plan, Typed, read
from core.support.views import Change, Obstacle


class _Form(Typed):
    person_id: str = Field(min_length=1, max_length=16, pattern=r"^[A-Za-z0-9]+$")


class RemoveUser:
    """`core.support.effects.effect.Effect`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def asked(self, session: Session, partner_id: str, facts: Facts) -> Asked:
        """Raises NotFound, Conflict (`last_owner`)."""
        person_id = read(_Form, facts)["person_id"]
        found = member(session, partner_id, person_id)
        if found.is_last_owner:
            raise Conflict(code="last_owner", person_id=person_id)
        told = {"name": found.name, "email": found.email, "role": found.role.value}
        return Asked(about=person_id, subject=found.name, facts={"person_id": person_id, **told})

    def planned(self, session: Session, partner_id: str, facts: Facts) -> Plan:
        """Their role ends, and so do the pages that they have open."""
        values = {name: facts[name] for name in ("name", "email")}
        try:
            found = member(session, partner_id, facts["person_id"])
        except NotFound:
            return Plan(values=values, against=(Obstacle(code="not_a_member"),))
        against = (Obstacle(code="last_owner"),) if found.is_last_owner else ()
        browsers = _browsers(session, self._clock, partner_id, found.id)
        changes = (
            Change(field="role", before=found.role.value, after=""),
            Change(field="open_sessions", before=str(browsers), after="0"),
        )
        return Plan(values=values, changes=changes, against=against)

    def done(self, session: Session, partner_id: str, facts: Facts, by: str) -> dict[str, str]:
        remove_member(session, self._clock, partner_id, facts["person_id"], by=by)
        return {"name": facts["name"]}


def _browsers(session: Session, clock: Clock, partner_id: str, person_id: str) -> int:
    """Signed-in browsers of the person that work for the partner."""
    found = select(func.count()).where(
        col(UserSession.person_id) == person_id,
        col(UserSession.partner_id) == partner_id,
        col(UserSession.revoked_at).is_(None),
        col(UserSession.expires_at) > clock.now(),
    )
    return session.exec(found.select_from(UserSession)).one()
