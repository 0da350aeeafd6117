"""A person's named filters for the list, at one partner."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from core.access import Principal
from core.accounts.cursors import is_storable
from core.accounts.entities import SavedView
from core.accounts.results import View
from core.errors import Conflict, InvalidInput, NotFound

PAGE = "accounts"
_MOST = 50  # per person and partner
_NAME, _QUERY = 80, 2000  # the columns' lengths


def views(session: Session, who: Principal) -> list[View]:
    rows = session.exec(_own(who).order_by(col(SavedView.name), col(SavedView.id)))
    return [View(id=row.id, name=row.name, query=row.query) for row in rows]


def save(session: Session, who: Principal, name: str, query: str, now: datetime) -> View:
    """The view stands under its name; raises InvalidInput, Conflict (too_many_views)."""
    name = " ".join(name.split())
    if not 0 < len(name) <= _NAME or not is_storable(name):
        raise InvalidInput(code="view_name", field="name")
    if len(query) > _QUERY or "\x00" in query:
        raise InvalidInput(code="view_query", field="query")
    known = session.exec(_own(who).where(SavedView.name == name)).first()
    if known is None:
        if len(session.exec(_own(who)).all()) >= _MOST:
            raise Conflict(code="too_many_views", most=_MOST)
        known = SavedView(
            partner_id=who.tenant.partner_id,
            person_id=who.person_id,
            page=PAGE,
            name=name,
            query=query,
            created_at=now,
        )
    known.query = query
    session.add(known)
    session.flush()
    return View(id=known.id, name=known.name, query=known.query)


def delete(session: Session, who: Principal, view_id: str) -> None:
    row = None
    if is_storable(view_id):
        row = session.exec(_own(who).where(SavedView.id == view_id)).one_or_none()
    if row is None:
        raise NotFound("no such view", view_id=view_id)
    session.delete(row)


def _own(who: Principal) -> SelectOfScalar[SavedView]:
    return select(SavedView).where(
        SavedView.partner_id == who.tenant.partner_id,
        SavedView.person_id == who.person_id,
        SavedView.page == PAGE,
    )
