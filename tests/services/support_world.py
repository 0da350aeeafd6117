"""A partner with owners, another partner, and two of staff, on real billing and subscriptions."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlmodel import Session, col, select

from core.access import Gate, Principal
from core.accounts.entities import Channel
from core.clock import FixedClock
from core.errors import NotFound
from core.events import Event
from core.partners.entities import Partner, Person, Role
from core.ports import Notice
from core.settings import Settings
from core.subscriptions.entities import Subscription
from core.support import assembly
from core.support.desk import Desk
from core.support.room import Room
from core.support.service import Support
from core.support.views import ConversationView
from core.uploads.pictures import Pictures
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from tests.factories import make_login, make_number, make_person, make_principal
from tests.services import subscriptions_world
from tests.services.subscriptions_world import ALL
from tests.services.subscriptions_world import World as Below


@dataclass
class FilesInMemory:
    """Blobs by their hash."""

    kept: dict[str, tuple[bytes, str]] = field(default_factory=dict)

    def put(self, content: bytes, media_type: str) -> str:
        digest = hashlib.sha256(content).hexdigest()
        self.kept[digest] = (content, media_type)
        return digest

    def get(self, digest: str) -> tuple[bytes, str]:
        if digest not in self.kept:
            raise NotFound(digest=digest)
        return self.kept[digest]


@dataclass(kw_only=True)
class World:
    """Everything a test of support asks for; `heard` is what open pages are told."""

    below: Below
    room: Room
    support: Support
    desk: Desk
    sam: Principal  # of staff
    una: Principal  # of staff, too
    heard: list[Notice] = field(default_factory=list)

    @property
    def owner(self) -> Principal:
        return self.below.owner

    @property
    def other_owner(self) -> Principal:
        return self.below.other_owner

    @property
    def stranger(self) -> Principal:
        return self.below.stranger

    @property
    def partner_id(self) -> str:
        return self.below.partner_id

    @property
    def mails(self) -> list[Any]:
        return self.below.mailer.mails

    def open(self, text: str = "Hello, is anybody there?", **values: Any) -> ConversationView:
        who = values.pop("who", self.owner)
        return self.support.open(who, values.pop("subject", "A question"), text, **values)

    def member(self, role: Role = Role.MEMBER) -> Principal:
        """One more person of the partner's."""
        return self.below.write(
            lambda session: make_principal(
                session, session.get_one(Partner, self.partner_id), role, self.below.clock
            )
        )

    def number(self, **values: Any) -> Channel:
        return self.below.write(
            lambda session: make_number(
                session, session.get_one(Partner, self.partner_id), **values
            )
        )

    def put_on(self, plan: str, partner_id: str = "") -> None:
        """The partner is on the plan, however it came there."""

        def put(session: Session) -> None:
            today = self.below.clock.now().date()
            whose = partner_id or self.partner_id
            found = select(Subscription).where(Subscription.partner_id == whose)
            known = session.exec(found).one_or_none() or Subscription(
                partner_id=whose,
                started_on=today,
                plan_through=today,
                licences_through=today,
                changed_at=self.below.clock.now(),
            )
            known.plan = plan
            session.add(known)

        self.below.write(put)

    def events(self, conversation_id: str) -> list[Event]:
        with self.below.database.reading(ALL) as session:
            found = select(Event).where(Event.subject_id == conversation_id)
            return list(session.exec(found.order_by(col(Event.id))))

    def told(self, conversation_id: str) -> list[str]:
        return [event.type for event in self.events(conversation_id)]

    def change(self, person_id: str, **values: Any) -> None:
        def change(session: Session) -> None:
            person = session.get_one(Person, person_id)
            for name, value in values.items():
                setattr(person, name, value)
            session.add(person)

        self.below.write(change)

    def pass_time(self, **by: float) -> None:
        self.below.clock.advance(timedelta(**by))


def build(database: SqlDatabase, clock: FixedClock, feed: LocalFeed, **settings: Any) -> World:
    """The partner is on Growth; nobody has written yet."""
    below = subscriptions_world.build(database, clock)
    with database.transaction(ALL) as session:
        sam, una = (_staff(session, name, clock) for name in ("Sam Patel", "Una Nowak"))
    room = Room(
        gate=Gate(database, clock, fresh_for=settings.get("fresh_sign_in")),
        database=database,
        clock=clock,
        jobs=below.jobs,
        feed=feed,
        blobs=FilesInMemory(),
        mailer=below.mailer,
        settings=Settings(_env_file=None, base_url="https://hub.test", **settings),
        pictures=Pictures(),
        plans=below.subscriptions,
        details=below.billing.invoices,
    )
    support, desk = assembly.put_together(room)
    world = World(below=below, room=room, support=support, desk=desk, sam=sam, una=una)
    feed.subscribe(world.heard.extend)
    return world


def _staff(session: Session, name: str, clock: FixedClock) -> Principal:
    person = make_person(session, name=name, is_staff=True)
    until = clock.now() + timedelta(days=3_000)
    return make_login(session, None, person, None, clock, expires_at=until)
