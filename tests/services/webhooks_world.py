"""A partner with endpoints at receivers of this machine, and the drains between them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, select

from core.access import Gate, Principal
from core.accounts.entities import Channel
from core.clock import Clock
from core.events import Event, EventType, record
from core.gateways.outgoing import GuardedOutgoing
from core.integration.outbound.book import Book
from core.integration.outbound.drain import WebhookDrain
from core.integration.outbound.entities import Delivery, DeliveryAttempt, WebhookEndpoint
from core.integration.outbound.fanout import FanOut
from core.integration.outbound.ports import DrainLocks
from core.integration.outbound.room import Room
from core.integration.outbound.service import WebhooksOut
from core.integration.outbound.switching_off import SwitchingOff
from core.partners.entities import Partner, Role
from core.partners.platform_secret import platform_secret_context
from core.ports import ChangeFeed, Database, Everything
from core.settings import Settings
from storage.jobs_inline import InlineJobs
from tests import factories
from tests.support.accounts import PlainVault
from tests.support.receivers import Receivers
from tests.support.twins import FakeMailer

TEST = Everything("test")
SECRET = "a-platform-secret-of-some-length"


class OneProcess:
    """`DrainLocks` where nobody else is."""

    def take(self, _endpoint_id: str) -> bool:
        return True

    def give_back(self, _endpoint_id: str) -> None:
        """Nobody waits for it."""

    def close(self) -> None:
        """Nothing is held."""


@dataclass(kw_only=True)
class WebhooksWorld:
    """`owner` and `member` work for `partner`, `stranger` for another one."""

    database: Database
    clock: Any
    feed: ChangeFeed
    room: Room
    webhooks: WebhooksOut
    fanout: FanOut
    book: Book
    jobs: InlineJobs
    mailer: FakeMailer
    receivers: Receivers
    partner: Partner
    owner: Principal
    member: Principal
    stranger: Principal

    def number(self, **values: Any) -> Channel:
        with self.database.transaction(TEST) as session:
            return factories.make_number(session, self.partner, **values)

    def endpoint(self, name: str, **values: Any) -> str:
        """The id of a new endpoint at the receiver of this name."""
        added = self.webhooks.add_endpoint(self.owner, self.receivers.url(name), **values)
        return added.endpoint.id

    def happen(
        self, channel: Channel, *types: EventType, at: datetime | None = None, **data: Any
    ) -> None:
        """The number has these events, in one transaction."""
        with self.database.transaction(TEST) as session:
            for type_ in types:
                record(
                    session,
                    self.clock,
                    type_,
                    partner_id=channel.partner_id,
                    subject=("channel", channel.id),
                    data=data,
                )
                session.flush()

    def rows(self, endpoint_id: str = "") -> list[Delivery]:
        found = select(Delivery).order_by(col(Delivery.id))
        if endpoint_id:
            found = found.where(Delivery.endpoint_id == endpoint_id)
        with self.database.reading(TEST) as session:
            return list(session.exec(found))

    def attempts(self) -> list[DeliveryAttempt]:
        with self.database.reading(TEST) as session:
            return list(session.exec(select(DeliveryAttempt).order_by(col(DeliveryAttempt.id))))

    def row_of(self, endpoint_id: str) -> WebhookEndpoint:
        with self.database.reading(TEST) as session:
            return session.get_one(WebhookEndpoint, endpoint_id)

    def told(self, type_: EventType) -> list[Event]:
        with self.database.reading(TEST) as session:
            return list(session.exec(select(Event).where(Event.type == type_.value)))

    @contextmanager
    def draining(self, locks: DrainLocks | None = None, **limits: Any) -> Iterator[WebhookDrain]:
        """A worker's drain for the block; with `outgoing_total` and such posts are less patient."""
        room = self.room
        if limits:
            room = replace(room, outgoing=GuardedOutgoing(_settings(**limits)))
        drain = WebhookDrain(room, self.fanout, self.book, locks or OneProcess())
        drain.start()
        try:
            yield drain
        finally:
            drain.stop()

    def pass_time(self, by: timedelta) -> None:
        self.clock.advance(by)


def _settings(**values: Any) -> Settings:
    return Settings(_env_file=None, mode="sandbox", base_url="https://hub.test", **values)


def webhooks_world(
    database: Database, clock: Clock, feed: ChangeFeed, receivers: Receivers, **limits: Any
) -> WebhooksWorld:
    vault, jobs, mailer = PlainVault(), InlineJobs(), FakeMailer()
    settings = _settings(**limits)
    with database.transaction(TEST) as session:
        partner = factories.make_partner(session, brand_name="Acme", created_at=clock.now())
        context = platform_secret_context(partner.id)
        partner.platform_secret = vault.seal(SECRET, context=context)
        other = factories.make_partner(session)
        owner = factories.make_principal(session, partner, Role.OWNER, clock)
        member = factories.make_principal(session, partner, Role.MEMBER, clock)
        stranger = factories.make_principal(session, other, Role.OWNER, clock)
    room = Room(
        gate=Gate(database, clock),
        database=database,
        clock=clock,
        vault=vault,
        outgoing=GuardedOutgoing(settings),
        feed=feed,
        settings=settings,
    )
    switching_off = SwitchingOff(
        database=database, clock=clock, jobs=jobs, mailer=mailer, base_url=settings.base_url
    )
    return WebhooksWorld(
        database=database,
        clock=clock,
        feed=feed,
        room=room,
        webhooks=WebhooksOut(room),
        fanout=FanOut(database, clock, feed),
        book=Book(room, switching_off),
        jobs=jobs,
        mailer=mailer,
        receivers=receivers,
        partner=partner,
        owner=owner,
        member=member,
        stranger=stranger,
    )
