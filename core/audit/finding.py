"""What a text in the search field is looked for in: titles, names, ids, values, addresses."""

from __future__ import annotations

import json
import re
from collections.abc import Collection

from sqlalchemy import ColumnElement, String, and_, cast, or_
from sqlalchemy.sql.expression import SelectBase
from sqlmodel import Session, col, select

from core.accounts.cursors import is_storable
from core.accounts.entities import Channel
from core.audit.names import actors_called, subjects_called
from core.events import Event
from core.money import Money
from core.origin import EventOrigin
from core.partners.entities import Membership
from core.support.entities import SupportRequest

# Numbers and requests that a search looks among; whoever means others writes more.
_MOST_NAMED = 200
_NUMBER = re.compile(r"[+\d][\d +()-]*", re.ASCII)
_ADDRESS = re.compile(r"(?=.*[.:])[0-9a-f.:]+", re.ASCII | re.IGNORECASE)
_AMOUNT = re.compile(
    r"(-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d{1,6})?)(?: ?([A-Z]{3}))?", re.ASCII | re.IGNORECASE
)
_NOWHERE = "\ufffd"


def about(
    session: Session,
    partner_id: str,
    text: str,
    titled: Collection[str],
    valued: ColumnElement[bool],
) -> ColumnElement[bool]:
    """Events with the text in their title or names, by that id, or from that address.

    And those with it in their values, among the `valued` ones.
    """
    if not is_storable(text):
        return col(Event.subject_id) == _NOWHERE
    actors = actors_called(session, partner_id, text)
    found = [
        col(Event.subject_id) == text,
        col(Event.actor) == text,
        col(Event.request_id) == text,
        col(Event.type).in_(sorted({*titled, text})),
        col(Event.actor).in_(actors),
        col(Event.subject_id).in_(_subjects_called(session, partner_id, text, actors)),
        and_(valued, _told(text)),
    ]
    if (amount := _AMOUNT.fullmatch(text)) and ("." in text or "," in text or amount[2]):
        found.append(and_(valued, *_has_amount(amount[1], (amount[2] or "").upper())))
    if _ADDRESS.fullmatch(text):
        found.append(col(Event.origin).in_(_origins_at(partner_id, text)))
    return or_(*found)


def kept(text: str) -> str:
    """The text as both databases take it; what they do not take is found nowhere."""
    return text if is_storable(text) else _NOWHERE


def _told(text: str) -> ColumnElement[bool]:
    """The event's data say it; as JSON they write other letters than ASCII in their own way."""
    return _data().icontains(json.dumps(text)[1:-1], autoescape=True)


def _has_amount(typed: str, currency: str) -> tuple[ColumnElement[bool], ...]:
    """Data keep micros: that number, and no longer one with it inside; in that currency."""
    micros = str(Money.of(typed.replace(",", ""), currency).micros)
    has_digits = _data().contains(micros)  # first: the pattern is slower
    has_currency = (_data().contains(currency),) if currency else ()
    return (has_digits, *has_currency, _data().regexp_match(f"[^0-9-]{micros}[^0-9]"))


def _data() -> ColumnElement[str]:
    return cast(col(Event.data), String)


def _origins_at(partner_id: str, text: str) -> SelectBase:
    """Origins of the partner's own people and programs: where staff sit cannot be guessed at."""
    people = select(Membership.person_id).where(Membership.partner_id == partner_id)
    actor = col(EventOrigin.actor)
    own = or_(actor.in_(people), actor.startswith("key:"), actor.startswith("user:"))
    return select(EventOrigin.id).where(
        EventOrigin.partner_id == partner_id,
        or_(own, actor == "client"),
        col(EventOrigin.address).istartswith(text, autoescape=True),
    )


def _subjects_called(
    session: Session, partner_id: str, text: str, people: Collection[str]
) -> list[str]:
    """Ids of what is called so: people, things, numbers, and requests about any of them."""
    found = [*people, *subjects_called(session, partner_id, text)]
    if _NUMBER.fullmatch(text) and (digits := re.sub(r"\D", "", text)):
        numbers = select(Channel.id).where(
            Channel.partner_id == partner_id, col(Channel.phone_number).contains(digits)
        )
        found += session.exec(numbers.limit(_MOST_NAMED)).all()
    requests = select(SupportRequest.conversation_id).where(
        SupportRequest.partner_id == partner_id, col(SupportRequest.about).in_(found)
    )
    return [*found, *session.exec(requests.limit(_MOST_NAMED)).all()]
