"""A partner with two owners and a member, a second partner, and mails that can be read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlmodel import Session, col, select

from core.access import Gate, Principal
from core.clock import FixedClock
from core.events import Event
from core.partners.entities import Invitation, Partner, Role
from core.partners.sign_in import Browser, SignIn
from core.partners.users import Users
from core.ports import Everything, Mail
from core.settings import Settings
from storage.database import SqlDatabase
from storage.jobs_inline import InlineJobs
from tests.factories import make_partner, make_principal
from tests.support.accounts import PlainVault
from tests.support.twins import FakeMailer

ALL = Everything("test")
ISSUER = "https://id.test"
_TOKEN = re.compile(r"/invitations/([A-Za-z0-9_-]{43})$")


@dataclass(kw_only=True)
class UsersWorld:
    """Everything a test of people asks for."""

    database: SqlDatabase
    clock: FixedClock
    users: Users
    sign_in: SignIn
    jobs: InlineJobs
    mailer: FakeMailer
    partner_id: str
    owner: Principal
    second: Principal  # an owner, too
    member: Principal
    stranger: Principal  # an owner of another partner

    def invite(self, email: str = "nia@new.example", **values: Any) -> str:
        """The id of a new invitation, whose mail was sent."""
        form = {"name": "Nia New", "email": email, "role": "member"} | values
        view = self.users.invite(self.owner, **form)
        self.jobs.drain()
        return view.id

    @property
    def mails(self) -> list[Mail]:
        return self.mailer.mails

    def token(self, number: int = -1) -> str:
        """Of a mail's link, the newest one unless told."""
        found = _TOKEN.search(self.mails[number].button_url)
        assert found, self.mails[number].button_url
        return found[1]

    def sign_in_as(self, sub: str, *, token: str = "", **claims: Any) -> Principal:
        """Through the hub's side of a login, with that link followed."""
        start = self.sign_in.begin("/", "b" * 43, invitation=token)
        claimed = self.sign_in.claim(start.state, "b" * 43)
        told = {
            "iss": ISSUER,
            "sub": sub,
            "name": sub.title(),
            "email_verified": True,
            "auth_time": int(self.clock.now().timestamp()),
        } | claims
        return self.sign_in.complete(told, "", Browser(), invitation_hash=claimed.invitation_hash)[
            1
        ]

    def old(self, who: Principal) -> Principal:
        """The same person an hour later: signed in, but not a moment ago."""
        self.clock.advance(timedelta(hours=1))
        return who

    def told(self, *types: str) -> list[Event]:
        with self.database.reading(ALL) as session:
            found = select(Event).order_by(col(Event.id))
            return [each for each in session.exec(found) if not types or each.type in types]

    def row(self, invitation_id: str) -> Invitation:
        with self.database.reading(ALL) as session:
            return session.get_one(Invitation, invitation_id)


def build(database: SqlDatabase, clock: FixedClock, **settings: Any) -> UsersWorld:
    """Nobody is invited yet."""
    chosen = Settings(
        _env_file=None,  # type: ignore[call-arg]
        **{
            "base_url": "https://hub.test",
            "secret_key": "s" * 32,
            "session_idle": timedelta(days=30),
        }
        | settings,
    )
    gate = Gate(database, clock, fresh_for=chosen.fresh_sign_in or None)
    jobs, mailer = InlineJobs(), FakeMailer()
    with database.transaction(ALL) as session:
        acme = make_partner(session, brand_name="Acme Messaging")
        people = _people(session, acme, clock)
        stranger = make_principal(session, make_partner(session), clock=clock)
    return UsersWorld(
        database=database,
        clock=clock,
        users=Users(
            gate=gate, database=database, clock=clock, jobs=jobs, mailer=mailer, settings=chosen
        ),
        sign_in=SignIn(database, clock, PlainVault(), chosen),
        jobs=jobs,
        mailer=mailer,
        partner_id=acme.id,
        stranger=stranger,
        **people,
    )


def _people(session: Session, partner: Partner, clock: FixedClock) -> dict[str, Principal]:
    return {
        "owner": make_principal(session, partner, Role.OWNER, clock),
        "second": make_principal(session, partner, Role.OWNER, clock),
        "member": make_principal(session, partner, Role.MEMBER, clock),
    }
