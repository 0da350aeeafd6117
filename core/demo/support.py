"""Plants conversations with the desk and answers that staff write often; sandbox mode only, once.

Everything goes through the verbs of real life, so that nothing is in the demo that could not be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, select

from core.access import Principal
from core.clock import Clock
from core.columns import new_key
from core.demo.world import ACME, BETA
from core.errors import Conflict, NotFound
from core.partners.entities import Membership, Person, UserSession
from core.ports import Database, Everything, Workflow
from core.support.assembly import put_together
from core.support.desk import Desk
from core.support.entities import Conversation
from core.support.room import Room
from core.support.service import Support
from core.support.states import RequestKind

_ALL = Everything("demo support")

_CANNED = (
    (
        "Downgrade: what happens next",
        "I have set the smaller plan for you. It counts from the first of next month; until then "
        "nothing changes.",
    ),
    (
        "Number: verification at Meta",
        "Meta verifies the business itself. Your client finds the state in WhatsApp Manager under "
        "Security Center; it usually takes one to three days.",
    ),
    (
        "Invoice: other address",
        "Invoices that were issued stay as they are. From the next one on the new address is used. "
        "If you need one of the old ones changed, tell me its number.",
    ),
    ("Thanks, closing", "Thank you! I close this conversation; it opens again when you write."),
)


class _NoJobs:
    """`core.ports.Jobs` that does nothing: nobody is to have mails of what is only a demo."""

    def register(self, name: str, workflow: Workflow, *, concurrency: int | None = None) -> None:
        """Nothing runs."""

    def schedule(self, name: str, every: timedelta, job: Callable[[], Any]) -> None:
        """Nothing runs."""

    def enqueue(self, session: Session, name: str, *args: Any, key: str, delay: float = 0) -> None:
        """Nothing is kept."""

    def start(self) -> None:
        """Nothing runs."""

    def stop(self) -> None:
        """Nothing runs."""


def plant_support(room: Room) -> bool:
    """Make conversations and canned answers; False when there are any, or no demo people."""
    database, clock = room.database, room.clock
    support, desk = put_together(replace(room, jobs=_NoJobs()))
    with database.transaction(_ALL) as session:
        if session.exec(select(Conversation.id).limit(1)).first() is not None:
            return False
        ada = _signed_in(session, clock, "ada@acme.example", ACME.id)
        carla = _signed_in(session, clock, "carla@beta.example", BETA.id)
        sam = _signed_in(session, clock, "sam@hub.example", None)
    if ada is None or carla is None or sam is None:
        return False
    for title, text in _CANNED:
        desk.add_canned(sam, title, text)
    _answered(support, desk, ada, sam)
    _ask_for_removal(support, database, carla)
    _ask_for_less(support, ada)
    with database.transaction(_ALL) as session:
        for who in (ada, carla, sam):
            login = session.get_one(UserSession, who.session_hash)
            login.revoked_at = clock.now()
            session.add(login)
    return True


def _answered(support: Support, desk: Desk, ada: Principal, sam: Principal) -> None:
    view = support.open(
        ada,
        "Quality rating of Harbour Dental",
        "Hello, one of our numbers went from High to Medium over the weekend. Do we have to do "
        "anything, or does it come back by itself?",
    )
    desk.assign(sam, view.row.id, sam.person_id)
    desk.note(sam, view.row.id, "Two marketing templates were reported by recipients on Saturday.")
    desk.answer(
        sam,
        view.row.id,
        "Hello Ada, it comes back by itself when fewer people block the number. Two marketing "
        "templates of Saturday were reported; I would pause them for a week.",
    )


def _ask_for_removal(support: Support, database: Database, carla: Principal) -> None:
    with database.reading(_ALL) as session:
        found = select(Person.id).where(Person.email == "dmitri@beta.example")
        dmitri = session.exec(found).first()
    if dmitri is not None:
        support.ask(
            carla,
            RequestKind.REMOVE_USER,
            {"person_id": dmitri},
            "Dmitri leaves us at the end of the week.",
        )


def _ask_for_less(support: Support, ada: Principal) -> None:
    """The request that fits: the smaller plan where there is one, otherwise other company data."""
    text = "We run fewer numbers than planned and would like to go back to the smaller plan."
    try:
        support.ask(ada, RequestKind.DOWNGRADE, {}, text)
    except (Conflict, NotFound):
        details = {
            "legal_name": "Acme Messaging GmbH",
            "email": "billing@acme.example",
            "address": "Hafenstraße 12",
            "postal_code": "20457",
            "city": "Hamburg",
            "country": "DE",
        }
        support.ask(
            ada,
            RequestKind.COMPANY_DATA,
            details,
            "We have moved. Could you please put the new address on our invoices?",
        )


def _signed_in(
    session: Session, clock: Clock, email: str, partner_id: str | None
) -> Principal | None:
    """The person with a session of a moment, as the verbs want one."""
    person = session.exec(select(Person).where(Person.email == email)).first()
    if person is None:
        return None
    role = None
    if partner_id is not None:
        held = select(Membership.role).where(
            Membership.partner_id == partner_id, Membership.person_id == person.id
        )
        role = session.exec(held).first()
    now: datetime = clock.now()
    login = UserSession(
        id_hash=new_key(64),
        person_id=person.id,
        partner_id=partner_id,
        created_at=now,
        authenticated_at=now,
        last_seen_at=now,
        expires_at=now + timedelta(hours=1),
    )
    session.add(login)
    return Principal(
        person_id=person.id,
        name=person.name,
        email=person.email,
        session_hash=login.id_hash,
        partner_id=partner_id,
        role=role,
        is_staff=person.is_staff,
    )
