"""A conversation as either side sees it: messages by page, the request, how far it was read."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from core.access import Principal
from core.support import files, rows
from core.support.entities import Conversation, Message, SupportRequest
from core.support.marks import furthest
from core.support.room import names
from core.support.states import RequestKind, RequestStatus, Side, Told
from core.support.views import ConversationView, FileView, MessageView, RequestView

PAGE = 50


def view_of(
    session: Session, who: Principal, side: Side, conversation: Conversation, before: str = ""
) -> ConversationView:
    """For somebody of the side, whose gate has been passed."""
    messages = _page(session, conversation.id, side, before)
    more, messages = len(messages) > PAGE, messages[-PAGE:]
    request = request_of(session, conversation.id)
    row = rows.one(session, who, side, conversation.id)
    # Notes do not count for the partner, who would otherwise see that there are some.
    version = conversation.version + (conversation.messages if side is Side.STAFF else 0)
    is_open = request is not None and request.status == RequestStatus.OPEN.value
    return ConversationView(
        row=row,
        messages=_views(session, who, side, conversation.id, messages),
        older_cursor=messages[0].id if more else "",
        request=_request_view(session, request) if request else None,
        version=version,
        may_withdraw=side is Side.PARTNER and is_open,
    )


def request_of(session: Session, conversation_id: str) -> SupportRequest | None:
    """What is asked for in the conversation, as it is now."""
    found = select(SupportRequest).where(SupportRequest.conversation_id == conversation_id)
    return session.exec(found.execution_options(populate_existing=True)).one_or_none()


def _page(session: Session, conversation_id: str, side: Side, before: str) -> list[Message]:
    """One more than a page, ascending."""
    found = select(Message).where(Message.conversation_id == conversation_id)
    if side is Side.PARTNER:
        found = found.where(col(Message.is_note).is_(False))
    if before and before.isascii() and before.isalnum():
        start = select(Message.number).where(
            Message.id == before, Message.conversation_id == conversation_id
        )
        found = found.where(col(Message.number) < start.scalar_subquery())
    newest_first = found.order_by(col(Message.number).desc()).limit(PAGE + 1)
    return list(session.exec(newest_first))[::-1]


def _views(
    session: Session, who: Principal, side: Side, conversation_id: str, messages: Sequence[Message]
) -> tuple[MessageView, ...]:
    other = Side.STAFF if side is Side.PARTNER else Side.PARTNER
    seen = furthest(session, conversation_id, other)
    attached = files.by_message(session, [message.id for message in messages])
    named = names(session, (message.author_id for message in messages))
    return tuple(
        _view(message, who, side, named, attached.get(message.id, ()), message.number <= seen)
        for message in messages
    )


def _view(  # noqa: PLR0917  what a message is shown with
    message: Message,
    who: Principal,
    side: Side,
    named: dict[str, str],
    attached: tuple[FileView, ...],
    is_seen: bool,
) -> MessageView:
    return MessageView(
        id=message.id,
        side=Side(message.side),
        author_name=named.get(message.author_id or "", ""),
        text=message.text,
        told=Told(message.told),
        values=message.facts,
        at=message.at,
        files=attached,
        is_note=message.is_note,
        is_mine=message.author_id == who.person_id and message.side == side.value,
        is_seen=is_seen and not message.is_note,
    )


def _request_view(session: Session, request: SupportRequest) -> RequestView:
    named = names(session, (request.made_by, request.decided_by))
    return RequestView(
        id=request.id,
        kind=RequestKind(request.kind),
        status=RequestStatus(request.status),
        facts=request.facts,
        made_by=named.get(request.made_by, ""),
        made_at=request.made_at,
        decided_by=named.get(request.decided_by or "", ""),
        decided_at=request.decided_at,
        why=request.why,
        effect=request.effect,
    )
