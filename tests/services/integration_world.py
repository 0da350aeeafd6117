"""A partner with two owners and a member, Meta, and the integration settings between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from sqlmodel import col, select

from core.access import Gate, Principal
from core.clock import FixedClock
from core.errors import OutgoingError
from core.events import Event
from core.integration.settings.service import IntegrationSettings
from core.partners.entities import Partner, Role
from core.ports import Database, Everything, OutgoingAnswer, TargetCheck
from core.settings import Settings
from tests import factories
from tests.support.accounts import PlainVault
from tests.support.twins import FakeMeta

TEST = Everything("test")
SOLUTION = "123456789012345"


@dataclass
class FakeOutgoing:
    """Partners' servers: answers what it is told to, and keeps who was asked."""

    answer: OutgoingAnswer | OutgoingError = field(
        default_factory=lambda: OutgoingAnswer(
            status=200, headers={"content-type": "text/html"}, body=b"<p>back", seconds=0.0421
        )
    )
    asked: list[str] = field(default_factory=list)
    is_found: bool = True

    def check(self, url: str) -> TargetCheck:
        return TargetCheck(is_local=False, is_found=self.is_found)

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> OutgoingAnswer:
        return self.get(url, headers)

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> OutgoingAnswer:
        self.asked.append(url)
        if isinstance(self.answer, OutgoingError):
            raise self.answer
        return self.answer


@dataclass(kw_only=True)
class IntegrationWorld:
    """`owner` and `member` work for `partner`, `stranger` for `other`."""

    database: Database
    clock: FixedClock
    meta: FakeMeta
    outgoing: FakeOutgoing
    vault: PlainVault
    settings: Settings
    integration: IntegrationSettings
    partner: Partner
    other: Partner
    owner: Principal
    member: Principal
    stranger: Principal

    def row(self, partner: Partner | None = None) -> Partner:
        with self.database.reading(TEST) as session:
            return session.get_one(Partner, (partner or self.partner).id)

    def events(self) -> list[Event]:
        """What was told of the partner's integration, oldest first."""
        with self.database.reading(TEST) as session:
            found = select(Event).where(Event.subject_type == "integration")
            return list(session.exec(found.order_by(col(Event.id))))

    def changes(self) -> list[tuple[str, Any, Any]]:
        """Field, before and after of each change."""
        told = [event.data for event in self.events() if event.type == "integration_changed"]
        return [(each["field"], each["before"], each["after"]) for each in told]


def integration_world(
    database: Database, clock: FixedClock, partner: dict[str, Any] | None = None, **settings: Any
) -> IntegrationWorld:
    """`partner` are columns of its row, `settings` the hub's."""
    chosen = {"base_url": "https://hub.test", "mode": "production"} | settings
    given = Settings(_env_file=None, **chosen)
    meta, vault = FakeMeta(clock, solution_id=SOLUTION), PlainVault()
    with database.transaction(TEST) as session:
        ours = factories.make_partner(session, brand_name="Acme", **(partner or {}))
        other = factories.make_partner(session)
        owner = factories.make_principal(session, ours, clock=clock)
        member = factories.make_principal(session, ours, Role.MEMBER, clock)
        stranger = factories.make_principal(session, other, clock=clock)
    outgoing = FakeOutgoing()
    integration = IntegrationSettings(
        gate=Gate(database, clock),
        clock=clock,
        vault=vault,
        meta=meta,
        outgoing=cast(Any, outgoing),
        settings=given,
    )
    return IntegrationWorld(
        database=database,
        clock=clock,
        meta=meta,
        outgoing=outgoing,
        vault=vault,
        settings=given,
        integration=integration,
        partner=ours,
        other=other,
        owner=owner,
        member=member,
        stranger=stranger,
    )
