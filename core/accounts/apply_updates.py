"""Applies updates to rows: newest wins by stamp, each fact makes one event, in one transaction.

Whatever the order and however often facts come, the rows end the same. Only this file writes
values that Meta owns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from core.accounts.entities import Channel, Template, WabaAccount
from core.accounts.listing import refresh
from core.accounts.targets import Row, Targets
from core.accounts.update import Update
from core.clock import Clock
from core.events import Event, record

_SUBJECTS = {WabaAccount: "waba", Channel: "channel", Template: "template"}
# Databases take a limited number of parameters per statement.
_KEYS_AT_ONCE = 500
_TOLD = select(col(Event.key)).where(col(Event.key).in_(bindparam("keys", expanding=True)))


@dataclass(slots=True)
class Applied:
    """What became of a batch: facts about accounts not known yet, and WABAs worth reading."""

    unknown: list[Update] = field(default_factory=list)
    reread: set[str] = field(default_factory=set)  # ids of waba_account rows


def apply_updates(session: Session, clock: Clock, updates: Iterable[Update]) -> Applied:
    """Bring rows up to date; the scope must cover every partner the updates may name."""
    applied, changed = Applied(), dict[str, Row]()
    targets = Targets(session, clock.now())
    facts = [(update, targets.of(update)) for update in updates]
    news = _News(session, clock, [key for fact in facts for key in _keys(*fact)])
    for update, rows in facts:
        if not rows:
            applied.unknown.append(update)
        for row in rows:
            change = _apply(row, update)
            news.tell(row, update, change)
            if change is not None:
                changed[row.id] = row
            if update.reread:
                applied.reread.add(row.id if isinstance(row, WabaAccount) else row.waba_account_id)
    _finish(session, clock, targets, list(changed.values()))
    return applied


def _apply(row: Row, update: Update) -> dict[str, Any] | None:
    """What changed as {column: {previous, current}}; None when something newer is known."""
    known = row.meta_stamps.get(update.group)
    if known is not None and known >= update.stamp:
        return None
    change = {}
    for name, value in update.values.items():
        previous = getattr(row, name)
        if previous != value:
            setattr(row, name, value)
            change[name] = {"previous": previous, "current": value}
    # JSON columns are replaced, never changed in place: the ORM sees new objects only.
    row.meta_stamps = row.meta_stamps | {update.group: update.stamp}
    if update.facts:
        row.facts = row.facts | update.facts
    return change


class _News:
    """Records each fact once per row, however often it is told and in whatever batch."""

    def __init__(self, session: Session, clock: Clock, keys: Sequence[str]) -> None:
        self._session = session
        self._clock = clock
        self._told: set[str | None] = set()
        for start in range(0, len(keys), _KEYS_AT_ONCE):
            some = keys[start : start + _KEYS_AT_ONCE]
            self._told.update(session.exec(_TOLD, params={"keys": some}))

    def tell(self, row: Row, update: Update, change: dict[str, Any] | None) -> None:
        key = _key(update, row)
        is_reading = not update.detail
        if update.event is None or key in self._told or (is_reading and not change):
            return  # a reading that found nothing new is not news
        self._told.add(key)
        data: dict[str, Any] = {"told": update.detail or update.values, "told_at": update.at}
        if change is None:
            data["late"] = True  # a newer value is known already
        elif change:
            data["change"] = change
        record(
            self._session,
            self._clock,
            update.event,
            partner_id=row.partner_id,
            subject=(_SUBJECTS[type(row)], row.id),
            actor="meta",
            data=data,
            key=key,
        )


def _key(update: Update, row: Row) -> str:
    return f"{update.key}:{row.id}"


def _keys(update: Update, rows: list[Row]) -> list[str]:
    return [_key(update, row) for row in rows] if update.event is not None else []


def _finish(session: Session, clock: Clock, targets: Targets, rows: list[Row]) -> None:
    """Derived columns follow once per row, after everything has been applied."""
    channels = {row.id: row for row in rows if isinstance(row, Channel)}
    wabas = [row.id for row in rows if isinstance(row, WabaAccount)]
    now = clock.now()
    for row in rows:
        row.modified_at = now
    # One flush for all: what a statement would flush before is changed once more below.
    with session.no_autoflush:
        if wabas:
            channels |= {channel.id: channel for channel in targets.channels_of(wabas)}
        for channel in channels.values():
            refresh(session, channel, now)
    session.flush()
