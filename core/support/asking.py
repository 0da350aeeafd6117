"""Requests from the partner's side: made, taken back, and what may be asked for."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import or_
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from core.accounts.entities import Channel
from core.accounts.listing import search_form
from core.errors import Conflict, NotFound
from core.events import EventType
from core.partners.members import members
from core.support import writing
from core.support.effects.company import form_in_force
from core.support.effects.effect import Asked, Effect
from core.support.entities import Conversation, SupportRequest
from core.support.reading import request_of
from core.support.room import Room
from core.support.states import (
    ConversationState,
    RequestKind,
    RequestStatus,
    Side,
    Told,
    may_be_decided,
)
from core.support.views import Choices, NumberChoice, Values
from core.support.writing import Words

_NUMBERS = 50
_LONGEST = 60  # characters of a search

Effects = Mapping[RequestKind, Effect]


def asked(
    session: Session, effects: Effects, partner_id: str, kind: RequestKind, facts: Values
) -> Asked:
    """What is asked for. Raises as `Support.ask`."""
    request = effects[kind].asked(session, partner_id, facts)
    found = select(SupportRequest.conversation_id).where(
        SupportRequest.kind == kind.value,
        SupportRequest.about == request.about,
        SupportRequest.status == RequestStatus.OPEN.value,
    )
    if (known := session.exec(found).first()) is not None:
        raise Conflict(code="already_asked", conversation_id=known)
    return request


def open_ones(session: Session, partner_id: str, kind: RequestKind) -> dict[str, str]:
    """The conversation of each request that waits, by what it is about."""
    found = select(SupportRequest.about, SupportRequest.conversation_id).where(
        SupportRequest.partner_id == partner_id,
        SupportRequest.kind == kind.value,
        SupportRequest.status == RequestStatus.OPEN.value,
    )
    return dict(session.exec(found).all())


def attach(
    session: Session,
    room: Room,
    conversation: Conversation,
    by: str,
    request: tuple[RequestKind, Asked],
) -> None:
    """The conversation has the request. Raises Conflict (`already_asked`): of two browsers that
    asked at the same time, one has asked."""
    kind, told = request
    row = SupportRequest(
        partner_id=conversation.partner_id,
        conversation_id=conversation.id,
        kind=kind.value,
        about=told.about,
        facts=told.facts,
        made_by=by,
        made_at=room.now(),
    )
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict(code="already_asked", conversation_id="") from error
    writing.note(
        session,
        room,
        conversation,
        EventType.REQUEST_MADE,
        by=by,
        kind=kind.value,
        about=told.about,
    )


def withdraw(session: Session, room: Room, conversation: Conversation, by: str) -> None:
    """Nothing is asked for any more. Raises NotFound, Conflict (`request_decided`)."""
    request = request_of(session, conversation.id)
    if request is None:
        raise NotFound(conversation_id=conversation.id)
    if not may_be_decided(request.status, RequestStatus.WITHDRAWN):
        raise Conflict(code="request_decided", status=request.status)
    request.status = conversation.request_status = RequestStatus.WITHDRAWN.value
    request.decided_by, request.decided_at = by, room.now()
    session.add(request)
    told, facts = Told.REQUEST_WITHDRAWN, {"kind": request.kind}
    words = Words(side=Side.HUB, by=Side.PARTNER, author=by, told=told, facts=facts)
    message = writing.say(session, room, conversation, words)
    writing.answered(session, room, conversation, words, message)
    before = writing.move(conversation, ConversationState.CLOSED, room.now())
    change = writing.changed("state", before.value, conversation.state)
    writing.note(
        session,
        room,
        conversation,
        EventType.REQUEST_WITHDRAWN,
        by=by,
        kind=request.kind,
        change=change,
    )


def choices(session: Session, room: Room, partner_id: str, numbers: str) -> Choices:
    """As `Support.choices`."""
    downgrade, no_downgrade = None, ""
    try:
        downgrade = room.plans.preview_downgrade_of(session, partner_id)
    except (Conflict, NotFound) as error:
        no_downgrade = error.code
    return Choices(
        people=tuple(members(session, partner_id)),
        numbers=_numbers(session, partner_id, numbers),
        details=form_in_force(session, partner_id),
        downgrade=downgrade,
        no_downgrade=no_downgrade,
    )


def _numbers(session: Session, partner_id: str, text: str) -> tuple[NumberChoice, ...]:
    found = select(Channel).where(
        Channel.partner_id == partner_id, col(Channel.terminated_at).is_(None)
    )
    if wanted := search_form(text)[:_LONGEST]:
        places = (col(Channel.search_text), col(Channel.phone_number))
        found = found.where(or_(*(p.contains(wanted, autoescape=True) for p in places)))
    by_number = found.order_by(col(Channel.phone_number), col(Channel.id)).limit(_NUMBERS)
    return tuple(
        NumberChoice(
            channel_id=channel.id,
            phone_number=channel.phone_number,
            name=channel.name,
            client_name=channel.client_name,
        )
        for channel in session.exec(by_number)
    )
