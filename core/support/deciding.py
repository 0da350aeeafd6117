"""Requests at the desk: what accepting would do, accept, refuse; each is decided once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from sqlmodel import Session

from core.errors import Conflict
from core.events import EventType
from core.money import Money
from core.support import writing
from core.support.asking import Effects
from core.support.effects.effect import Plan
from core.support.entities import Conversation, SupportRequest
from core.support.reading import request_of
from core.support.room import Room, names
from core.support.states import (
    ConversationState,
    RequestKind,
    RequestStatus,
    Side,
    Told,
    may_be_decided,
)
from core.support.views import Change, EffectPreview
from core.support.writing import Words


class Deciding:
    """For staff, in the partner's scope; the caller holds the conversation's row."""

    def __init__(self, room: Room, effects: Effects) -> None:
        self._room = room
        self._effects = effects

    def preview(self, session: Session, conversation: Conversation) -> EffectPreview:
        """As `Desk.preview`."""
        request = open_request(session, conversation)
        kind = RequestKind(request.kind)
        plan = self._effects[kind].planned(session, conversation.partner_id, request.facts)
        return EffectPreview(
            kind=kind,
            values=plan.values,
            changes=plan.changes,
            against=plan.against,
            version=_version(request, plan),
        )

    def accept(
        self, session: Session, conversation: Conversation, by: str, version: str, text: str
    ) -> None:
        """As `Desk.accept`; effect, message and event are there together or not at all."""
        preview = self.preview(session, conversation)
        if preview.version != version:
            raise Conflict(code="preview_changed")
        if preview.against:
            obstacle = preview.against[0]
            raise Conflict(code=obstacle.code, **obstacle.values)
        request = open_request(session, conversation)
        effect = self._effects[preview.kind].done(
            session, conversation.partner_id, request.facts, by
        )
        request.effect = effect
        self._decide(session, conversation, request, RequestStatus.ACCEPTED, by)
        told = {"kind": request.kind, **effect}
        self._say(session, conversation, by, Told.REQUEST_ACCEPTED, told, text)
        told = _changed(preview.kind, preview.changes)
        self._note(session, conversation, EventType.REQUEST_ACCEPTED, by, request, **told)

    def refuse(self, session: Session, conversation: Conversation, by: str, why: str) -> None:
        """As `Desk.refuse`."""
        request = open_request(session, conversation)
        request.why = why
        self._decide(session, conversation, request, RequestStatus.REFUSED, by)
        told = {"kind": request.kind}
        self._say(session, conversation, by, Told.REQUEST_REFUSED, told, why)
        self._note(session, conversation, EventType.REQUEST_REFUSED, by, request)

    def _decide(
        self,
        session: Session,
        conversation: Conversation,
        request: SupportRequest,
        status: RequestStatus,
        by: str,
    ) -> None:
        request.status = conversation.request_status = status.value
        request.decided_by, request.decided_at = by, self._room.now()
        session.add(request)
        session.flush()

    def _say(  # noqa: PLR0917  what a decision tells
        self,
        session: Session,
        conversation: Conversation,
        by: str,
        told: Told,
        facts: dict[str, str],
        text: str,
    ) -> None:
        facts = facts | {"by": names(session, [by]).get(by, "")}
        words = Words(side=Side.HUB, by=Side.STAFF, author=by, text=text, told=told, facts=facts)
        message = writing.say(session, self._room, conversation, words)
        writing.answered(session, self._room, conversation, words, message)
        writing.move(conversation, ConversationState.WAITING_PARTNER, self._room.now())

    def _note(
        self,
        session: Session,
        conversation: Conversation,
        type_: EventType,
        by: str,
        request: SupportRequest,
        **data: object,
    ) -> None:
        # Names and reasons stand in the request, which can be erased; an event cannot.
        told = {"kind": request.kind, "request": request.id, "about": request.about}
        writing.note(session, self._room, conversation, type_, by=by, **told, **data)


def _changed(kind: RequestKind, changes: Iterable[Change]) -> dict[str, Any]:
    """What was before and after; of company data only which, for it may be a person's own."""
    if kind is RequestKind.COMPANY_DATA:
        return {"changed": [change.field for change in changes]}
    return {"change": dict(map(_before_and_after, changes))}


def _before_and_after(change: Change) -> tuple[str, dict[str, Any]]:
    """By the name that says how it is written: amounts are micros by currency in every event."""
    is_amount = isinstance(change.before, Money) or isinstance(change.after, Money)
    name = f"{change.field}_micros" if is_amount else change.field
    return name, {"previous": _plain(change.before), "current": _plain(change.after)}


def _plain(value: str | Money) -> str | dict[str, int]:
    return {value.currency: value.micros} if isinstance(value, Money) else value


def open_request(session: Session, conversation: Conversation) -> SupportRequest:
    """Raises Conflict: no_request, request_decided (with `status`, and `by` a name)."""
    request = request_of(session, conversation.id)
    if request is None:
        raise Conflict(code="no_request")
    if not may_be_decided(request.status, RequestStatus.ACCEPTED):
        decided_by = request.decided_by or ""
        by = names(session, [decided_by]).get(decided_by, "")
        raise Conflict(code="request_decided", status=request.status, by=by)
    return request


def _version(request: SupportRequest, plan: Plan) -> str:
    told = json.dumps([request.id, request.facts, asdict(plan)], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:24]
