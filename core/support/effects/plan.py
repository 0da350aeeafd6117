"""A smaller plan from the next period on."""

from __future__ import annotations

from sqlmodel import Session

from core.errors import Conflict
from core.support.effects.effect import Asked, Facts, Plan, Typed, read
from core.support.ports import Plans
from core.support.views import Change, Obstacle

_SHOWN = 20  # numbers that are named; the others are counted


class _Form(Typed):
    """Nothing is to be chosen: there is one smaller plan."""


class Downgrade:
    """`core.support.effects.effect.Effect`."""

    def __init__(self, plans: Plans) -> None:
        self._plans = plans

    def asked(self, session: Session, partner_id: str, facts: Facts) -> Asked:
        """What stands against it may be dealt with until it is accepted. Raises Conflict as
        `Subscriptions.preview_downgrade`."""
        read(_Form, facts)
        preview = self._plans.preview_downgrade_of(session, partner_id)
        told = {"to": preview.to.value, "effective_on": preview.effective_on.isoformat()}
        return Asked(about="", subject="", facts=told)

    def planned(self, session: Session, partner_id: str, facts: Facts) -> Plan:
        try:
            preview = self._plans.preview_downgrade_of(session, partner_id)
        except Conflict as error:
            return Plan(values=dict(facts), against=(Obstacle(code=error.code),))
        plan = self._plans.facts_of(session, partner_id).plan
        on = preview.effective_on.isoformat()
        return Plan(
            values={"to": preview.to.value, "effective_on": on},
            changes=(
                Change(field="plan", before=plan.value, after=preview.to.value),
                Change(field="price", before=preview.price, after=preview.new_price),
            ),
            against=_against([row.phone_number for row in preview.against]),
        )

    def done(self, session: Session, partner_id: str, facts: Facts, by: str) -> dict[str, str]:
        done = self._plans.downgrade_of(session, partner_id, by=by)
        return {"to": done.to.value, "effective_on": done.effective_on.isoformat()}


def _against(numbers: list[str]) -> tuple[Obstacle, ...]:
    """Licences that the smaller plan does not have."""
    if not numbers:
        return ()
    values = {"count": str(len(numbers)), "numbers": ", ".join(sorted(numbers)[:_SHOWN])}
    return (Obstacle(code="licences_against", values=values),)
