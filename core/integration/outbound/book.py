"""What the drains read and write: due deliveries, and what became of each; no ORM.

Many results are written in one transaction. That they were written may be lost by a power cut:
then the delivery is posted once more, with the same id and bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import bindparam, exists, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from core.integration.outbound.bearing import Bearing, after
from core.integration.outbound.entities import (
    Delivery,
    DeliveryAttempt,
    WebhookEndpoint,
    WebhookHour,
)
from core.integration.outbound.health import hour_of
from core.integration.outbound.lanes import Due
from core.integration.outbound.permitted import may_hear
from core.integration.outbound.posting import Envelope, Outcome
from core.integration.outbound.room import Room
from core.integration.outbound.states import DeliveryState
from core.integration.outbound.switching_off import SwitchingOff
from core.integration.outbound.verdicts import Verdict
from core.ports import Everything, Notice

# What open pages are told after deliveries were tried; its subject's id is the endpoint's.
SENT, TOLD = "webhook_sent", "webhook_delivery"

# Of bodies fetched at once: Meta's own may be half a megabyte each.
_MOST_BYTES = 16 * 1024 * 1024
_ALL = Everything("webhooks: deliveries of every partner")
_E: Any = WebhookEndpoint.__table__  # type: ignore[attr-defined]
_D: Any = Delivery.__table__  # type: ignore[attr-defined]
_A: Any = DeliveryAttempt.__table__  # type: ignore[attr-defined]
_H: Any = WebhookHour.__table__  # type: ignore[attr-defined]
# In words, not as parameters: only so a planner sees that the partial index answers.
_IS_OPEN = text("webhook_delivery.state IN ('waiting', 'retrying')")
_NOW = bindparam("now", type_=_D.c.next_try_at.type)
_IS_LIVE = (
    _E.c.removed_at.is_(None),
    _E.c.off_at.is_(None),
    _E.c.paused_at.is_(None),
    _E.c.slow_until.is_(None) | (_E.c.slow_until <= _NOW),
    # What waits for a number's webhook waits on while the client has withdrawn the permission.
    may_hear(_E.c.channel_id),
)
_DUE_ENDPOINTS = select(_E.c.id).where(
    *_IS_LIVE,
    exists().where(_D.c.endpoint_id == _E.c.id, _IS_OPEN, _D.c.next_try_at <= _NOW),
)
_ENDPOINT = select(_E.c.partner_id, _E.c.url, _E.c.headers, _E.c.slowness).where(
    _E.c.id == bindparam("of"), *_IS_LIVE
)
_DUE = (
    select(*[_D.c[name] for name in Due.__dataclass_fields__])
    .where(_D.c.endpoint_id == bindparam("of"), _IS_OPEN, _D.c.next_try_at <= _NOW)
    .order_by(_D.c.next_try_at, _D.c.id)
    .limit(bindparam("most"))
)
_BEARINGS = (
    select(_E.c.id, _E.c.off_reason, *[_E.c[name] for name in Bearing.__dataclass_fields__][:-1])
    .where(_E.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(_E.c.id)
    .with_for_update(key_share=True)
)
_SET_BEARING = update(_E).where(_E.c.id == bindparam("of"))
_CLOSE = update(_D).where(_D.c.id == bindparam("of"))
# One that was skipped or sent meanwhile by somebody else stays as it is.
_POSTPONE = _CLOSE.where(_IS_OPEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Deliveries of an endpoint that are due, and what they need."""

    envelope: Envelope
    slowness: int
    due: list[Due]
    may_be_more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """An attempt that is over; `ended_at` by the hub's clock."""

    due: Due
    outcome: Outcome
    verdict: Verdict
    ended_at: datetime


class Book:
    """Called by threads."""

    def __init__(self, room: Room, switching_off: SwitchingOff) -> None:
        self._room = room
        self._off = switching_off

    def due_endpoints(self) -> list[str]:
        """Live ones that have something to send; asked again and again, so without a lock."""
        with self._room.database.reading(_ALL) as session:
            return list(session.execute(_DUE_ENDPOINTS, self._now()).scalars())

    def due(self, endpoint_id: str, most: int) -> Batch | None:
        """What to send next; None when nothing may be sent there (any more, or yet)."""
        asked = {"of": endpoint_id, "most": most} | self._now()
        with self._room.database.reading(_ALL) as session:
            endpoint = session.execute(_ENDPOINT, asked).one_or_none()
            if endpoint is None:
                return None
            due, is_cut = _until_enough(session.execute(_DUE, asked))
            secrets = self._room.secrets(session, endpoint.partner_id)
        return Batch(
            envelope=Envelope(
                url=endpoint.url,
                own=self._room.open(endpoint_id, endpoint.headers),
                secrets=secrets,
            ),
            slowness=endpoint.slowness,
            due=due,
            may_be_more=is_cut or len(due) == most,
        )

    def record(self, results: Sequence[Result]) -> None:
        """The attempts are in the log, deliveries and endpoints stand as they left them."""
        with self._room.database.transaction(_ALL, waits_for_disk=False) as session:
            # Endpoints first and in one order: their owners lock them before deliveries, too.
            self._bear(session, sorted(results, key=lambda result: result.due.endpoint_id))
            session.execute(_once(session), [_attempt(result) for result in results])
            for statement, is_open in ((_CLOSE, False), (_POSTPONE, True)):
                rows = [_standing(r) for r in results if r.verdict.is_open is is_open]
                if rows:
                    session.execute(statement, rows)
            session.execute(_adding(session), _hours(results))
        self._tell(results)

    def _tell(self, results: Sequence[Result]) -> None:
        """Open logs read again; nothing is written for them, so no event carries it."""
        of = {(result.due.partner_id, result.due.endpoint_id) for result in results}
        self._room.feed.publish([Notice(partner, SENT, TOLD, each) for partner, each in sorted(of)])

    def _bear(self, session: Session, results: Sequence[Result]) -> None:
        of = {
            endpoint_id: list(group)
            for endpoint_id, group in groupby(results, key=lambda r: r.due.endpoint_id)
        }
        for endpoint_id, off_reason, *columns in session.execute(_BEARINGS, {"ids": list(of)}):
            names = list(Bearing.__dataclass_fields__)[:-1]
            before = Bearing(**dict(zip(names, columns, strict=True)))
            now = after(before, [(r.ended_at, r.verdict) for r in of[endpoint_id]])
            session.execute(_SET_BEARING, {"of": endpoint_id} | now.columns())
            if now.off_reason and not off_reason:
                self._off.switch_off(session, endpoint_id, now.off_reason)

    def _now(self) -> dict[str, datetime]:
        return {"now": self._room.clock.now()}


def _until_enough(rows: Iterable[Any]) -> tuple[list[Due], bool]:
    """The first ones, as many as may be held in memory; whether some were left."""
    due, size = list[Due](), 0
    for row in rows:
        due.append(Due(**row._mapping))
        size += len(row.body)
        if size > _MOST_BYTES:
            return due, True
    return due, False


def _attempt(result: Result) -> dict[str, Any]:
    due = result.due
    return {
        "partner_id": due.partner_id,
        "delivery_id": due.id,
        "endpoint_id": due.endpoint_id,
        "number": due.attempts + 1,
    } | result.outcome.columns()


def _standing(result: Result) -> dict[str, Any]:
    due, verdict = result.due, result.verdict
    return {
        "of": due.id,
        "state": verdict.state.value,
        "tries": due.tries + 1,
        "attempts": due.attempts + 1,
        "last_status": result.outcome.status,
        "last_error": result.outcome.error,
        "next_try_at": verdict.next_try_at or result.ended_at,
        "closed_at": None if verdict.is_open else result.ended_at,
    }


def _hours(results: Sequence[Result]) -> list[dict[str, Any]]:
    sums: dict[tuple[str, datetime], dict[str, Any]] = {}
    for result in results:
        due, hour = result.due, hour_of(result.ended_at)
        row = sums.setdefault(
            (due.endpoint_id, hour),
            {
                "partner_id": due.partner_id,
                "endpoint_id": due.endpoint_id,
                "hour": hour,
                "delivered": 0,
                "failed": 0,
                "millis": 0,
            },
        )
        is_taken = result.verdict.state is DeliveryState.DELIVERED
        row["delivered" if is_taken else "failed"] += 1
        row["millis"] += result.outcome.millis
    return [sums[key] for key in sorted(sums)]


def _dialect(session: Session) -> Any:
    return postgresql if session.get_bind().dialect.name == "postgresql" else sqlite


def _once(session: Session) -> Any:
    """Two processes may have posted the same: one of them keeps the attempt of that number."""
    return _dialect(session).insert(_A).on_conflict_do_nothing()


def _adding(session: Session) -> Any:
    adding = _dialect(session).insert(_H)
    summed = {name: _H.c[name] + adding.excluded[name] for name in ("delivered", "failed")}
    return adding.on_conflict_do_update(
        index_elements=[_H.c.endpoint_id, _H.c.hour],
        set_=summed | {"millis": _H.c.millis + adding.excluded.millis},
    )
