"""The state of a partner's solution as Meta tells it: kept, and told to whoever looks."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session, col, select

from core.clock import Clock
from core.events import EventType, record
from core.partners.entities import Partner, SolutionStatus

FIELD = "partner_solutions"
# A solution that is asked to end stays active until the other side agrees, so what is only
# pending changes nothing.
_FINAL = frozenset(SolutionStatus) - {SolutionStatus.NONE}


def note_status(session: Session, clock: Clock, partner: Partner, status: str) -> None:
    """The partner's solution is `status` from now on; the same again changes and tells nothing."""
    if partner.solution_status == status:
        return
    told = {"field": "solution_status", "before": partner.solution_status, "after": status}
    partner.solution_status = status
    session.add(partner)
    record(
        session,
        clock,
        EventType.INTEGRATION_CHANGED,
        partner_id=partner.id,
        subject=("integration", partner.id),
        actor="meta",
        data=told,
    )


def take_told(session: Session, clock: Clock, body: dict[str, Any]) -> None:
    """What a webhook of Meta's tells of solutions; in a session of all partners' rows."""
    for value in _values(body):
        solution_id, status = value.get("solution_id"), value.get("solution_status")
        if not (isinstance(solution_id, str) and isinstance(status, str)):
            continue
        if not solution_id or status not in _FINAL:
            continue
        partners = select(Partner).where(Partner.solution_id == solution_id)
        for partner in session.exec(partners.order_by(col(Partner.id)).with_for_update()):
            note_status(session, clock, partner, status)


def _values(body: dict[str, Any]) -> list[dict[str, Any]]:
    changes = [
        change
        for entry in _list(body.get("entry"))
        for change in _list(entry.get("changes"))
        if change.get("field") == FIELD
    ]
    return [value for change in changes if isinstance(value := change.get("value"), dict)]


def _list(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
