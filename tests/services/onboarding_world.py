"""A partner, Meta, a mailbox and the onboarding between them; a client as a browser."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlmodel import Session, col, select

from core.access import Gate, Principal
from core.accounts.entities import Channel, Client, WabaAccount
from core.clock import FixedClock
from core.events import Event
from core.onboarding.entities import OnboardingRun
from core.onboarding.service import Onboarding, new_browser_secret
from core.onboarding.views import RunKey, RunView
from core.partners.entities import Partner, Role
from core.ports import Database, Everything, Vault
from core.settings import Settings
from storage.jobs_inline import InlineJobs
from tests import factories
from tests.support.accounts import PlainVault
from tests.support.billing import BillingTwins, billing_on_twins
from tests.support.twins import FakeMailer, FakeMeta, Signup

TEST = Everything("test")
ORIGIN = "https://www.facebook.com"
WAY_TO_LIVE = [
    "channel_created",
    "channel_submitted",
    "channel_permission_granted",
    "channel_ready",
    "channel_running",
    "channel_live",
]


def test_settings(**values: Any) -> Settings:
    """Settings that no environment of the machine changes."""
    given: dict[str, Any] = {
        "base_url": "https://hub.test",
        "meta_app_id": "1001",
        "meta_config_id": "2002",
        "meta_message_origins": [ORIGIN, "https://web.facebook.com"],
    }
    return Settings(_env_file=None, **given | values)


test_settings.__test__ = False  # type: ignore[attr-defined]


@dataclass(kw_only=True)
class OnboardingWorld:
    """`owner` works for `partner`; `stranger` for `other`."""

    database: Database
    clock: FixedClock
    jobs: InlineJobs
    meta: FakeMeta
    mailer: FakeMailer
    onboarding: Onboarding
    money: BillingTwins
    partner: Partner
    other: Partner
    owner: Principal
    member: Principal
    stranger: Principal

    def change_partner(self, **values: Any) -> None:
        with self.database.transaction(TEST) as session:
            partner = session.get(Partner, self.partner.id)
            assert partner is not None
            for name, value in values.items():
                setattr(partner, name, value)
            session.add(partner)

    def browser(self, query: str = "", *, partner: Partner | None = None) -> Browser:
        """A client opens the partner's link, and its browser draws the page."""
        secret = new_browser_secret()
        view = self.onboarding.open_link((partner or self.partner).id, query, secret)
        key = RunKey(view.run_id, secret)
        self.onboarding.arrive(key)
        return Browser(world=self, secret=secret, key=key)

    def run(self, run_id: str) -> OnboardingRun:
        return self._one(OnboardingRun, run_id)

    def clients(self) -> list[Client]:
        return self._all(Client)

    def channels(self) -> list[Channel]:
        return self._all(Channel)

    def wabas(self) -> list[WabaAccount]:
        return self._all(WabaAccount)

    def events(self, subject_type: str, subject_id: str | None = None) -> list[Event]:
        with self.database.reading(TEST) as session:
            query = select(Event).where(Event.subject_type == subject_type)
            if subject_id:
                query = query.where(Event.subject_id == subject_id)
            return list(session.exec(query.order_by(col(Event.id))).all())

    def kinds(self, subject_type: str) -> list[str]:
        return [event.type for event in self.events(subject_type)]

    def _all(self, kind: type[Any]) -> list[Any]:
        with self.database.reading(TEST) as session:
            return list(session.exec(select(kind)).all())

    def _one(self, kind: type[Any], key: str) -> Any:
        with self.database.reading(TEST) as session:
            return session.get(kind, key)


@dataclass(kw_only=True)
class Browser:
    """One client with its cookie."""

    world: OnboardingWorld
    secret: str
    key: RunKey

    @property
    def service(self) -> Onboarding:
        return self.world.onboarding

    @property
    def view(self) -> RunView:
        return self.service.progress(self.key)

    def sign_up(
        self, email: str = "anna@client.example", company: str = "Bäckerei Sonne"
    ) -> RunView:
        """Up to the code's confirmation."""
        self.service.sign_up(self.key, company, "Anna Sonne", email)
        self.world.jobs.drain()
        return self.service.confirm_code(self.key, self.world.mailer.code)

    def popup(self, ending: str = "finish", **given: Any) -> Signup:
        """Open Meta's popup and finish there; nothing is told to the hub yet."""
        self.service.begin_signup(self.key)
        self.world.clock.advance(timedelta(seconds=1))
        return self.world.meta.popup(ending, **given)

    def tell(self, signup: Signup, origin: str = ORIGIN) -> RunView:
        return self.service.meta_message(self.key, signup.message, origin)

    def hand_over(self, signup: Signup) -> RunView:
        return self.service.meta_code(self.key, signup.code)

    def left(self, **data: Any) -> RunView:
        message = {"type": "WA_EMBEDDED_SIGNUP", "event": "CANCEL", "data": data}
        return self.service.meta_message(self.key, json.dumps(message), ORIGIN)

    def connect(self, ending: str = "finish", **given: Any) -> RunView:
        """Through the popup to a finished server sequence, both signals given."""
        signup = self.popup(ending, **given)
        self.tell(signup)
        self.hand_over(signup)
        self.world.jobs.drain()
        return self.view


def onboarding_world(
    database: Database,
    clock: FixedClock,
    settings: Settings | None = None,
    vault: Vault | None = None,
) -> OnboardingWorld:
    jobs, meta, mailer = InlineJobs(), FakeMeta(clock), FakeMailer()
    gate, chosen = Gate(database, clock), settings or test_settings()
    money = billing_on_twins(
        database=database, clock=clock, jobs=jobs, mailer=FakeMailer(), settings=chosen
    )
    onboarding = Onboarding(
        database=database,
        gate=gate,
        clock=clock,
        vault=vault or PlainVault(),
        jobs=jobs,
        mailer=mailer,
        meta=meta,
        settings=chosen,
        billing=money.billing,
    )
    with database.transaction(TEST) as session:
        partner, other = _partner(session, "Acme"), _partner(session, "Beta")
        return OnboardingWorld(
            database=database,
            clock=clock,
            jobs=jobs,
            meta=meta,
            mailer=mailer,
            onboarding=onboarding,
            money=money,
            partner=partner,
            other=other,
            owner=factories.make_principal(session, partner, Role.OWNER, clock),
            member=factories.make_principal(session, partner, Role.MEMBER, clock),
            stranger=factories.make_principal(session, other, Role.OWNER, clock),
        )


def _partner(session: Session, name: str) -> Partner:
    return factories.make_partner(session, brand_name=name)
