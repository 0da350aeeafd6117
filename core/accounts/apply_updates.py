"""Applies updates to rows: newest wins by stamp, each fact makes one event, in one transaction.

Whatever the order and however often facts come, the rows end the same. Only this file writes
values that Meta owns.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from core.accounts.entities import Channel, Template, WabaAccount
from core.accounts.listing import refresh
from core.accounts.update import Target, TargetKind, Update, as_text, digits
from core.clock import Clock
from core.events import Event, record

Row = WabaAccount | Channel | Template

_SUBJECTS = {WabaAccount: "waba", Channel: "channel", Template: "template"}


@dataclass(slots=True)
class Applied:
    """What became of a batch: facts about accounts not known yet, and WABAs worth reading."""

    unknown: list[Update] = field(default_factory=list)
    reread: set[str] = field(default_factory=set)  # ids of waba_account rows


def apply_updates(session: Session, clock: Clock, updates: Iterable[Update]) -> Applied:
    """Bring rows up to date; the scope must cover every partner the updates may name."""
    applied, now = Applied(), clock.now()
    for update in updates:
        rows = _rows(session, update, now)
        if not rows:
            applied.unknown.append(update)
        for row in rows:
            changed = _apply(row, update)
            _tell(session, clock, row, update, changed)
            if changed is not None:
                row.modified_at = now
                _refresh_list(session, row)
            if update.reread:
                applied.reread.add(row.id if isinstance(row, WabaAccount) else row.waba_account_id)
    return applied


def _apply(row: Row, update: Update) -> dict[str, Any] | None:
    """What changed as {column: [previous, current]}; None when something newer is known."""
    known = row.meta_stamps.get(update.group)
    if known is not None and known >= update.stamp:
        return None
    changed = {}
    for name, value in update.values.items():
        previous = getattr(row, name)
        if previous != value:
            setattr(row, name, value)
            changed[name] = [previous, value]
    # JSON columns are replaced, never changed in place: the ORM sees new objects only.
    row.meta_stamps = row.meta_stamps | {update.group: update.stamp}
    if update.facts:
        row.facts = row.facts | update.facts
    return changed


def _tell(
    session: Session, clock: Clock, row: Row, update: Update, changed: dict[str, Any] | None
) -> None:
    if update.event is None or not (update.detail or changed):
        return  # a reading that found nothing new is not news
    key = f"{update.key}:{row.id}"
    if session.exec(select(Event.id).where(Event.key == key)).first() is not None:
        return
    data: dict[str, Any] = {"told": update.detail or update.values, "told_at": update.at}
    if changed is None:
        data["late"] = True  # a newer value is known already
    elif changed:
        data["change"] = {k: {"previous": a, "current": b} for k, (a, b) in changed.items()}
    record(
        session,
        clock,
        update.event,
        partner_id=row.partner_id,
        subject=(_SUBJECTS[type(row)], row.id),
        actor="meta",
        data=data,
        key=key,
    )
    session.flush()


def _refresh_list(session: Session, row: Row) -> None:
    if isinstance(row, Template):
        return
    if isinstance(row, Channel):
        refresh(session, row)
        return
    for channel in _channels_of(session, [row.id]):
        refresh(session, channel)


def _rows(session: Session, update: Update, now: datetime) -> list[Row]:
    target = update.target
    match target.kind:
        case TargetKind.WABA:
            return [*_wabas(session, target.id)]
        case TargetKind.BUSINESS:
            return [*_owned_by(session, target.id)]
        case TargetKind.PORTFOLIO_OF:
            return [*_portfolio_channels(session, target.id)]
        case TargetKind.NUMBER:
            return [*_numbers(session, target)]
        case TargetKind.NUMBER_ID:
            return [*_number_by_id(session, target.id)]
        case TargetKind.TEMPLATE:
            return [*_template(session, update, now)]


def _wabas(session: Session, external_id: str) -> list[WabaAccount]:
    return list(
        session.exec(select(WabaAccount).where(WabaAccount.external_id == external_id)).all()
    )


def _owned_by(session: Session, business_id: str) -> list[WabaAccount]:
    found = select(WabaAccount).where(WabaAccount.owner_business_id == business_id)
    return list(session.exec(found).all())


def _portfolio_channels(session: Session, waba_external_id: str) -> list[Channel]:
    wabas = _wabas(session, waba_external_id)
    if wabas and wabas[0].owner_business_id:
        wabas = _owned_by(session, wabas[0].owner_business_id)
    return _channels_of(session, [waba.id for waba in wabas])


def _channels_of(session: Session, waba_ids: list[str]) -> list[Channel]:
    found = select(Channel).where(col(Channel.waba_account_id).in_(waba_ids))
    return list(session.exec(found.order_by(Channel.id)).all())


def _numbers(session: Session, target: Target) -> list[Channel]:
    """By digits, since these webhooks carry no number id; within the WABA they came for."""
    found = select(Channel).where(Channel.phone_number == digits(target.id))
    wabas = [waba.id for waba in _wabas(session, target.waba)]
    return list(session.exec(found.where(col(Channel.waba_account_id).in_(wabas))).all())


def _number_by_id(session: Session, external_id: str) -> list[Channel]:
    return list(session.exec(select(Channel).where(Channel.external_id == external_id)).all())


def _template(session: Session, update: Update, now: datetime) -> list[Template]:
    """The template, made on first sight: Meta tells of templates that were created elsewhere."""
    wabas = _wabas(session, update.target.waba)
    if not wabas or not update.target.id:
        return []
    found = session.exec(
        select(Template).where(
            Template.waba_account_id == wabas[0].id, Template.external_id == update.target.id
        )
    ).one_or_none()
    if found is None:
        found = Template(
            partner_id=wabas[0].partner_id,
            waba_account_id=wabas[0].id,
            external_id=update.target.id,
            name=as_text(update.detail.get("message_template_name")),
            language=as_text(update.detail.get("message_template_language")),
            created_at=now,
            modified_at=now,
        )
        session.add(found)
        session.flush()
    return [found]
