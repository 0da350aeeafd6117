"""Values of support as the chat and the lists draw them: texts only, times in the viewer's zone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Any

from core.support.states import RequestKind, RequestStatus, Side, Told
from core.support.views import (
    ConversationRow,
    ConversationView,
    EffectPreview,
    FileView,
    MessageView,
    RequestView,
)
from ui import format as words
from ui.components import badge_classes
from ui.pages import support_words

Shown = dict[str, Any]

_KIB, _MIB = 1024, 1024 * 1024


def message(view: MessageView, where: tzinfo, *, side: Side, files: str) -> Shown:
    """A message for the chat of whoever is on `side`; `files` is where its files are served."""
    local = view.at.astimezone(where)
    return {
        "id": view.id,
        "side": view.side.value,
        "mine": view.is_mine or view.side is side,
        "own": view.side is side,
        "name": view.author_name,
        "role": _role(view, side),
        "text": view.text if view.side is not Side.HUB else _happened(view),
        "note": view.is_note,
        "iso": view.at.isoformat(),
        "time": f"{local:%H:%M}",
        "exact": words.exact(view.at, where),
        "day": f"{local:%Y-%m-%d}",
        "day_word": f"{local:%A} {words.day(view.at, where)}",
        "files": [_file(each, files) for each in view.files],
    } | ({"text": _asked(view)} if view.told is Told.REQUEST_MADE and not view.text else {})


def seen(messages: Sequence[MessageView], side: Side) -> str:
    """The newest message of `side` that the other side has read; '' for none."""
    own = [each.id for each in messages if each.side is side and each.is_seen and not each.is_note]
    return own[-1] if own else ""


def row(view: ConversationRow, now: datetime, where: tzinfo, *, at_desk: bool = False) -> Shown:
    """A line of a list."""
    icon, word, tone = support_words.state(view.state, at_desk=at_desk)
    last = view.last_text or support_words.told(view.last_told, {})
    if view.last_side is not Side.HUB and last:
        own = Side.STAFF if at_desk else Side.PARTNER
        last = f"You: {last}" if view.last_side is own else last
    shown = {
        "id": view.id,
        "href": f"{'/desk' if at_desk else '/support'}/{view.id}",
        "title": support_words.title(view),
        "second": view.partner_name if at_desk else "",
        "second_id": view.partner_id if at_desk else "",  # a partner can call itself as another
        "last": last,
        "iso": view.last_at.isoformat(),
        "exact": words.exact(view.last_at, where),
        "ago": words.relative(view.last_at, now, where),
        "unread": view.unread,
        "badge": badge_classes(icon, tone),
        "word": word,
        "marks": _marks(view, now, where, at_desk=at_desk),
    }
    stamp = (view.last_at, view.state, view.request_status, view.unread, view.assigned_name)
    return shown | {"stamp": "|".join(map(str, stamp))}


def card(
    view: ConversationView, where: tzinfo, *, preview: EffectPreview | None, at_desk: bool
) -> Shown | None:
    """The request of a conversation."""
    asked = view.request
    if asked is None:
        return None
    icon, word, tone = support_words.REQUESTS[asked.status]
    is_open = asked.status is RequestStatus.OPEN
    kind_icon, kind_word = support_words.KINDS[asked.kind]
    return {
        "open": is_open,
        "icon": kind_icon,
        "title": f"Request: {kind_word.lower()}",
        "told": _decided(asked, where),
        "badge": badge_classes(icon, tone),
        "word": word,
        "facts": support_words.facts(asked) if is_open or at_desk else [],
        "why": asked.why,
        "preview": _preview(preview) if preview and is_open else None,
        "version": preview.version if preview else "",
        "may_decide": at_desk and is_open and preview is not None,
        "may_withdraw": view.may_withdraw and not at_desk,
        "accept": "Delete the number now" if _is_final(asked) else "Accept the request",
        "typed": _last_digits(asked) if _is_final(asked) else "",
    }


def head(view: ConversationView, *, at_desk: bool) -> Shown:
    """State of the conversation, without what may be done with it."""
    icon, word, tone = support_words.state(view.row.state, at_desk=at_desk)
    return {"badge": badge_classes(icon, tone), "word": word, "acts": []}


def size(count: int) -> str:
    """`812 B`, `40 KB`, `1.4 MB`."""
    if count < _KIB:
        return f"{count} B"
    if count < _MIB:
        return f"{round(count / _KIB)} KB"
    return f"{count / _MIB:.1f} MB"


def _file(view: FileView, files: str) -> Shown:
    return {
        "id": view.id,
        "name": view.name,
        "size": size(view.size),
        "picture": view.media_type.startswith("image/"),
        "href": f"{files}/{view.id}",
    }


def _role(view: MessageView, side: Side) -> str:
    if view.side is Side.STAFF:
        return "" if side is Side.STAFF else "Support"
    return ""


def _happened(view: MessageView) -> str:
    return " ".join(filter(None, (support_words.told(view.told, view.values), view.text)))


def _asked(view: MessageView) -> str:
    return support_words.told(view.told, {})


def _marks(
    view: ConversationRow, now: datetime, where: tzinfo, *, at_desk: bool
) -> list[dict[str, str]]:
    marks = []
    if view.kind and view.request_status is RequestStatus.OPEN:
        marks.append({"word": "Request", "badge": badge_classes("hourglass", "info")})
    if not at_desk:
        return marks
    if view.is_priority:
        marks.append({"word": "Premium", "badge": badge_classes("star", "info")})
    if view.waits_since and (since := _since(view.waits_since, now, where)):
        marks.append({"word": since})
    if view.assigned_name:
        marks.append({"word": "yours" if view.is_mine else view.assigned_name})
    return marks


def _since(when: datetime, now: datetime, where: tzinfo) -> str:
    """How long somebody waits; '' for less than a minute."""
    told = words.relative(when, now, where)
    if told == "just now":
        return ""
    return f"for {told.removesuffix(' ago')}" if told.endswith(" ago") else f"since {told}"


def _decided(request: RequestView, where: tzinfo) -> str:
    """Who asked and who decided, and when."""
    made = f"Asked by {request.made_by} on {words.day(request.made_at, where)}"
    if request.decided_at is None:
        return made
    word = support_words.REQUESTS[request.status][1]
    by = f" by {request.decided_by}" if request.decided_by else ""
    return f"{made} · {word}{by} on {words.day(request.decided_at, where)}"


def _preview(preview: EffectPreview) -> Shown:
    return {
        "sentences": support_words.effect(preview),
        "against": [support_words.against(each) for each in preview.against],
    }


def _is_final(request: RequestView) -> bool:
    """It stops at once, so the number is typed before."""
    return request.kind is RequestKind.DELETE_NUMBER


def _last_digits(request: RequestView) -> str:
    return request.facts.get("phone_number", "")[-4:]
