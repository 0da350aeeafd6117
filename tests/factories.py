"""Rows for tests, each with sensible values and one partner's id carried down.

`session` comes from `database.transaction(Everything("test"))` or a tenant's transaction. Every
maker flushes, so ids and foreign keys stand; keyword arguments override any column.
"""

from __future__ import annotations

import itertools
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlmodel import Session

from core.access import Principal
from core.accounts.entities import (
    Channel,
    ChannelStatus,
    Client,
    ConsentState,
    Template,
    WabaAccount,
)
from core.accounts.listing import refresh
from core.clock import Clock, SystemClock
from core.events import Event, EventType, record
from core.partners.entities import (
    Identity,
    Membership,
    Partner,
    Person,
    Role,
    SolutionStatus,
    UserSession,
)

Row = TypeVar("Row")
_count = itertools.count(1)
ISSUER = "https://id.test"


def now() -> datetime:
    return datetime.now(UTC)


def make_partner(session: Session, **values: Any) -> Partner:
    """A partner that may take clients: its solution is active and its redirect URL set."""
    defaults: dict[str, Any] = {
        "brand_name": f"Partner {next(_count)}",
        "solution_id": "123456789012345",
        "solution_status": SolutionStatus.ACTIVE.value,
        "redirect_url": "https://partner.example/done",
        "country": "DE",
        "created_at": now(),
    }
    return _save(session, Partner(**defaults | values))


def make_person(session: Session, **values: Any) -> Person:
    """A person with one identity at the test issuer (subject = the person's id)."""
    number = next(_count)
    defaults: dict[str, Any] = {
        "name": f"Person {number}",
        "email": f"person{number}@example.com",
        "created_at": now(),
    }
    person = _save(session, Person(**defaults | values))
    _save(
        session,
        Identity(issuer=ISSUER, subject=person.id, person_id=person.id, created_at=now()),
    )
    return person


def make_membership(
    session: Session, partner: Partner, person: Person, role: str = Role.OWNER, **values: Any
) -> Membership:
    """The person works for the partner."""
    defaults: dict[str, Any] = {
        "partner_id": partner.id,
        "person_id": person.id,
        "role": str(role),
        "created_at": now(),
    }
    return _save(session, Membership(**defaults | values))


def make_login(
    session: Session,
    partner: Partner | None,
    person: Person,
    role: str | None = Role.OWNER,
    clock: Clock | None = None,
    **values: Any,
) -> Principal:
    """A signed-in browser of the person, working for the partner, as the principal it gives."""
    at = (clock or SystemClock()).now()
    defaults: dict[str, Any] = {
        "id_hash": secrets.token_hex(32),
        "person_id": person.id,
        "partner_id": partner.id if partner else None,
        "created_at": at,
        "authenticated_at": at,
        "last_seen_at": at,
        "expires_at": at + timedelta(days=14),
    }
    login = _save(session, UserSession(**defaults | values))
    return Principal(
        person_id=person.id,
        name=person.name,
        email=person.email,
        session_hash=login.id_hash,
        partner_id=partner.id if partner else None,
        role=str(role) if role else None,
        is_staff=person.is_staff,
    )


def make_principal(
    session: Session, partner: Partner, role: str = Role.OWNER, clock: Clock | None = None
) -> Principal:
    """Person, membership and session in one: somebody who may act for the partner now."""
    person = make_person(session)
    make_membership(session, partner, person, role)
    return make_login(session, partner, person, role, clock)


def make_client(session: Session, partner: Partner, **values: Any) -> Client:
    """A business of the partner."""
    number = next(_count)
    defaults: dict[str, Any] = {
        "partner_id": partner.id,
        "name": f"Client {number}",
        "organisation": f"Client {number} GmbH",
        "email": f"client{number}@example.com",
        "country": "DE",
        "created_at": now(),
        "modified_at": now(),
    }
    return _save(session, Client(**defaults | values))


def make_waba(session: Session, client: Client, **values: Any) -> WabaAccount:
    """An approved WABA of a verified business."""
    number = next(_count)
    defaults: dict[str, Any] = {
        "partner_id": client.partner_id,
        "client_id": client.id,
        "external_id": f"1{number:014d}",
        "name": client.name,
        "currency": "EUR",
        "country": "DE",
        "status": "ACTIVE",
        "review_status": "APPROVED",
        "business_verification": "verified",
        "owner_business_id": f"2{number:014d}",
        "created_at": now(),
        "modified_at": now(),
    }
    return _save(session, WabaAccount(**defaults | values))


def make_channel(session: Session, waba: WabaAccount, **values: Any) -> Channel:
    """A live number with good values; its derived columns are up to date."""
    number = next(_count)
    defaults: dict[str, Any] = {
        "partner_id": waba.partner_id,
        "client_id": waba.client_id,
        "waba_account_id": waba.id,
        "external_id": f"3{number:014d}",
        "phone_number": f"4915{number:09d}",
        "display_phone_number": f"+49 15 {number:09d}",
        "name": f"Number {number}",
        "status": ChannelStatus.READY.value,
        "consent": ConsentState.GRANTED.value,
        "meta_status": "CONNECTED",
        "quality": "GREEN",
        "messaging_limit": "TIER_2K",
        "name_status": "APPROVED",
        "code_verification": "VERIFIED",
        "platform_type": "CLOUD_API",
        "throughput": "STANDARD",
        "created_at": now(),
        "modified_at": now(),
        "live_at": now(),
    }
    channel = Channel(**defaults | values)
    session.add(channel)
    refresh(session, channel)
    session.flush()
    return channel


def make_number(session: Session, partner: Partner, **values: Any) -> Channel:
    """Client, WABA and channel in one."""
    return make_channel(session, make_waba(session, make_client(session, partner)), **values)


def make_template(session: Session, waba: WabaAccount, **values: Any) -> Template:
    """An approved template."""
    number = next(_count)
    defaults: dict[str, Any] = {
        "partner_id": waba.partner_id,
        "waba_account_id": waba.id,
        "external_id": f"4{number:014d}",
        "name": f"template_{number}",
        "language": "en",
        "category": "UTILITY",
        "status": "APPROVED",
        "components": [{"type": "BODY", "text": "Hello"}],
        "created_at": now(),
        "modified_at": now(),
    }
    return _save(session, Template(**defaults | values))


def make_event(
    session: Session,
    subject: Channel | WabaAccount | Template | Client,
    type_: EventType = EventType.CHANNEL_STATUS_CHANGED,
    *,
    actor: str = "meta",
    **data: Any,
) -> Event:
    """Something that happened to the row."""
    kinds = {Channel: "channel", WabaAccount: "waba", Template: "template", Client: "client"}
    event = record(
        session,
        SystemClock(),
        type_,
        partner_id=subject.partner_id,
        subject=(kinds[type(subject)], subject.id),
        actor=actor,
        data=data,
    )
    session.flush()
    return event


def _save(session: Session, row: Row) -> Row:
    session.add(row)
    session.flush()
    return row
