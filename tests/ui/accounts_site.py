"""The accounts pages on real storage and the real service; only signing in is a twin."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any, TypeVar, cast

from sqlmodel import Session

from core.access import Gate, Principal
from core.accounts.cancelling import Cancelling, end_now
from core.accounts.entities import Channel, WabaAccount
from core.accounts.leaving import Leaving
from core.accounts.listing import refresh, refresh_waba
from core.accounts.regions.service import Regions
from core.accounts.service import Accounts
from core.billing.balance.insights import Insights
from core.clock import SystemClock
from core.events import EventType
from core.integration.api.channel_keys import ChannelKeys
from core.integration.api.room import Room
from core.integration.outbound.room import Room as WebhookRoom
from core.integration.outbound.service import WebhooksOut
from core.onboarding.views import LinkState
from core.partners.entities import Partner, Role
from core.partners.sessions import PartnerSummary
from core.ports import Everything
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from storage.jobs_inline import InlineJobs
from storage.migrate import migrate
from storage.numbers import SqlNumbers
from tests import factories
from tests.services.integration_world import FakeOutgoing
from tests.support.accounts import PlainVault, ScanningSearch, TemplatesAtMeta
from tests.support.twins import FakeMeta
from tests.ui.conftest import Browser
from tests.ui.fake_hub import FakeSignIn, fake_hub
from ui.elements.channel_list import ChannelList
from ui.pages import account, accounts
from ui.places import sections

T = TypeVar("T")
TEST = Everything("test")
PLACES = sections({"/accounts": accounts.build, "/accounts/{channel_id}": account.build})


@dataclass(kw_only=True)
class AccountsSite:
    """Cookies `owner` (of `partner`) and `stranger` (of another one) are signed in."""

    hub: Any
    database: SqlDatabase
    partner: Partner
    other: Partner
    meta: TemplatesAtMeta
    numbers: FakeMeta  # Meta as regions ask it
    jobs: InlineJobs

    def number(self, partner: Partner | None = None, **values: Any) -> Channel:
        owner = partner or self.partner
        return self._write(lambda session: factories.make_number(session, owner, **values))

    def change(self, channel_id: str, **values: Any) -> None:
        """What Meta's webhook does: values, derived columns, an event, a notice."""

        def write(session: Session) -> None:
            channel = session.get_one(Channel, channel_id)
            for name, value in values.items():
                setattr(channel, name, value)
            refresh(session, channel)
            factories.make_event(session, channel)

        self._write(write)

    def change_waba(self, number: Channel, event: EventType | None = None, **values: Any) -> str:
        """The same for the number's WABA; returns Meta's id of it."""

        def write(session: Session) -> str:
            waba = session.get_one(WabaAccount, number.waba_account_id)
            for name, value in values.items():
                setattr(waba, name, value)
            refresh_waba(session, waba)
            if event is not None:
                factories.make_event(session, waba, event)
            return waba.external_id

        return self._write(write)

    def end(self, number: Channel) -> None:
        """What Support does when it deletes a number now."""
        clock = self.hub.clock
        self._write(lambda session: end_now(session, clock, self.jobs, number.id, by="hub"))

    def create(self, **values: Any) -> Channel:
        """A number that appears while pages are open."""

        def write(session: Session) -> Channel:
            channel = factories.make_number(session, self.partner, **values)
            factories.make_event(session, channel, EventType.CHANNEL_CREATED)
            return channel

        return self._write(write)

    def _write(self, work: Callable[[Session], T]) -> T:
        """In another thread, as everybody who writes: tests run on the event loop."""

        def write() -> T:
            with self.database.transaction(TEST) as session:
                return work(session)

        with ThreadPoolExecutor(1) as pool:
            return pool.submit(write).result()


@cache
def _migrated() -> bytes:
    """An empty database at the newest schema; migrating takes longer than a test."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "hub.sqlite3"
        migrate(f"sqlite:///{path}")
        return path.read_bytes()


@contextmanager
def accounts_site(folder: Path) -> Iterator[AccountsSite]:
    path = folder / "hub.sqlite3"
    path.write_bytes(_migrated())
    url = f"sqlite:///{path}"
    feed, clock, meta = LocalFeed(), SystemClock(), TemplatesAtMeta()
    numbers = FakeMeta(clock)
    database = SqlDatabase(url, feed, threads=4)
    with database.transaction(TEST) as session:
        partner, other = factories.make_partner(session), factories.make_partner(session)
        people = {
            "owner": (factories.make_principal(session, partner), [_summary(partner)]),
            "member": (
                factories.make_principal(session, partner, Role.MEMBER),
                [_summary(partner)],
            ),
            "stranger": (factories.make_principal(session, other), [_summary(other)]),
        }
    hub = fake_hub()
    hub.clock, hub.feed, hub.sign_in = clock, feed, FakeSignIn(people)
    gate = Gate(database, clock)
    hub.accounts = Accounts(gate, clock, ScanningSearch(), meta, PlainVault())
    jobs = InlineJobs()
    Leaving(database, clock, PlainVault(), meta, jobs)
    hub.cancelling = Cancelling(gate, database, clock, jobs)
    api = Room(
        gate=gate,
        database=database,
        clock=clock,
        vault=PlainVault(),
        settings=hub.settings,
        search=ScanningSearch(),
        cancelling=hub.cancelling,
    )
    hub.partner_api = SimpleNamespace(channel_keys=ChannelKeys(api))
    hub.onboarding = SimpleNamespace(link_state=_link_state)
    hub.billing = SimpleNamespace(insights=Insights(gate, clock, SqlNumbers()))
    hub.webhooks = WebhooksOut(
        WebhookRoom(
            gate=gate,
            database=database,
            clock=clock,
            vault=PlainVault(),
            outgoing=cast(Any, FakeOutgoing()),
            feed=feed,
            settings=hub.settings,
        )
    )
    hub.regions = Regions(
        gate=gate,
        database=database,
        clock=clock,
        feed=feed,
        vault=PlainVault(),
        meta=numbers,
        jobs=jobs,
    )
    yield AccountsSite(
        hub=hub,
        database=database,
        partner=partner,
        other=other,
        meta=meta,
        numbers=numbers,
        jobs=jobs,
    )
    database.close()


def list_of(user: Browser) -> ChannelList:
    """The list on the open page."""
    (element,) = user.find(kind=ChannelList).elements
    return element


def shown_names(user: Browser) -> list[str]:
    return [row["name"] for row in list_of(user).rows]


def fire(user: Browser, element: Any, event: str, args: Any) -> None:
    """What the browser half of an element tells."""
    (listener,) = [each for each in element._event_listeners.values() if each.type == event]
    with user.page:
        element._handle_event({"listener_id": listener.id, "args": args})


def sent_to(user: Browser) -> list[str]:
    """The scripts that this browser gets from now on."""
    scripts: list[str] = []
    user.page.run_javascript = lambda code, **_: scripts.append(code)  # type: ignore[method-assign]
    return scripts


def _summary(partner: Partner) -> PartnerSummary:
    return PartnerSummary(id=partner.id, brand_name=partner.brand_name, logo_hash="")


def _link_state(who: Principal) -> LinkState:
    return LinkState(url=f"http://test/onboarding/{who.partner_id}")
