"""The record's page: filters in the address, live, details, and the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from nicegui import ui

from core.access import Gate, Principal
from core.audit.service import Audit
from core.clock import FixedClock
from core.events import EventType, record
from core.partners.entities import Partner, Role
from core.ports import Everything
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from tests import factories
from tests.ui.accounts_site import _migrated, _summary
from tests.ui.conftest import Serve, until
from tests.ui.fake_hub import NOW, FakeSignIn, fake_hub
from tests.ui.integration_site import _in_thread
from tests.ui.money_site import column, table
from tests.ui.test_balance import facts
from ui.api import audit_export
from ui.sections import all_sections

TEST = Everything("test")
PLACES = all_sections()
PATH = "/audit"


@dataclass(kw_only=True)
class AuditSite:
    """Cookies `owner` and `member` (of `partner`) are signed in."""

    hub: Any
    database: SqlDatabase
    clock: FixedClock
    partner: Partner
    people: dict[str, Principal]

    def tell(self, type_: EventType, by: str = "hub", **data: Any) -> int:
        """Something happens, as another process would write it; the event's id."""
        return _in_thread(lambda: self._tell(type_, by, data))

    def _tell(self, type_: EventType, by: str, data: dict[str, Any]) -> int:
        with self.database.transaction(TEST) as session:
            event = record(
                session,
                self.clock,
                type_,
                partner_id=self.partner.id,
                subject=("integration", self.partner.id),
                actor=by,
                data=data,
            )
            session.flush()
            return event.id or 0


@pytest.fixture
def world(tmp_path: Path) -> Iterator[AuditSite]:
    path = tmp_path / "hub.sqlite3"
    path.write_bytes(_migrated())
    feed, clock = LocalFeed(), FixedClock(NOW)
    database = SqlDatabase(f"sqlite:///{path}", feed, threads=4)
    with database.transaction(TEST) as session:
        partner = factories.make_partner(session)
        owner = factories.make_principal(session, partner, Role.OWNER, clock)
        member = factories.make_principal(session, partner, Role.MEMBER, clock)
    people = {"owner": owner, "member": member}
    hub = fake_hub()
    hub.clock, hub.feed, hub.audit = clock, feed, Audit(Gate(database, clock))
    signed_in = {name: (who, [_summary(partner)]) for name, who in people.items()}
    hub.sign_in = FakeSignIn(signed_in)
    yield AuditSite(hub=hub, database=database, clock=clock, partner=partner, people=people)
    database.close()


async def test_the_record_is_live_found_and_turned(serve: Serve, world: AuditSite) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        await user.should_see("Nothing happened yet")
        world.tell(
            EventType.INTEGRATION_CHANGED, field="redirect_url", before="", after="https://a"
        )
        await until(lambda: column(user, "Events", "what") == ["Integration setting changed"])
        assert column(user, "Events", "change") == ["Redirect url: nothing → https://a"]
        for _ in range(50):
            world.tell(EventType.SIGNED_IN, world.people["owner"].person_id)
        await until(lambda: len(column(user, "Events", "what")) == 50)
        user.find(content="Older", kind=ui.button).click()
        await until(lambda: column(user, "Events", "what") == ["Integration setting changed"])
        await user.open(f"{PATH}?kind=settings")
        assert column(user, "Events", "who") == ["The hub"]
        await user.open(f"{PATH}?search=signed&who={world.people['owner'].person_id}")
        assert set(column(user, "Events", "who")) == {world.people["owner"].name}
        await user.open(f"{PATH}?from=2030-01-01")
        await user.should_see("No match")
        await user.open(f"{PATH}?kind=x&who=x&from=x&to=x&before=x")
        await until(lambda: len(column(user, "Events", "what")) == 50)


async def test_what_happens_moves_nobody_from_the_row_or_button_they_stand_on(
    serve: Serve, world: AuditSite
) -> None:
    for _ in range(51):
        world.tell(EventType.CARD_ADDED)
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        before = set(user.page.elements)
        world.tell(EventType.CARD_REMOVED)
        await until(lambda: column(user, "Events", "what")[0] == "Card removed")
        assert set(user.page.elements) == before
        assert len(table(user, "Events").rows) == 50


async def test_an_event_opens_with_all_that_is_kept_about_it(
    serve: Serve, world: AuditSite
) -> None:
    id_ = world.tell(EventType.INTEGRATION_CHANGED, field="io_signature", before=False, after=True)
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        (row,) = table(user, "Events").rows
        assert row["href"] == f"{PATH}/{id_}"
        await user.open(row["href"])
        assert column(user, "Before and after", "after") == ["Yes"]
        assert facts(user)["Sealed"] == "Not yet: within a minute"
        for elsewhere in ("0", "x", "9" * 30):
            assert (await user.look(f"{PATH}/{elsewhere}")).status_code == 404


async def test_an_event_without_data_says_so_and_days_the_wrong_way_round_too(
    serve: Serve, world: AuditSite
) -> None:
    id_ = world.tell(EventType.SIGNED_IN, world.people["owner"].person_id)
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(f"{PATH}/{id_}")
        await user.should_see("Nothing more was recorded.")
        await user.should_see("People, sign-ins")  # the title is not said twice
        assert "Integration ID" in facts(user)
        await user.open(f"{PATH}?from=2026-02-02&to=2026-02-01")
        await user.should_see("“From” is a later day than “To”.")


async def test_the_file_is_for_owners(serve: Serve, world: AuditSite) -> None:
    world.tell(EventType.SIGNED_IN, world.people["owner"].person_id)
    world.tell(EventType.CARD_ADDED)
    async with serve(PLACES, world.hub, installs=[audit_export.install]) as site:
        answer = await site.browser().look(f"{PATH}/export.csv?kind=people")
        assert answer.status_code == 200
        assert answer.headers["content-disposition"] == 'attachment; filename="audit.csv"'
        assert [line.count('"Signed in"') for line in answer.text.splitlines()] == [0, 1]
        for session, status in (("member", 403), ("", 401)):
            assert (await site.browser(session).look(f"{PATH}/export.csv")).status_code == status
