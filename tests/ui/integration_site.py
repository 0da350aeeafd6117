"""The Integration pages on real storage and services; Meta and partners' servers are twins."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar, cast

from nicegui import ui
from nicegui.element import Element

from core.access import Gate, Principal
from core.clock import FixedClock
from core.integration.credentials.service import Credentials
from core.integration.outbound.room import Room
from core.integration.outbound.service import WebhooksOut
from core.onboarding.refusing import partner_faults
from core.onboarding.views import LinkState
from core.partners.entities import Partner, Role
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from tests import factories
from tests.services.integration_world import TEST, IntegrationWorld, integration_world
from tests.ui.accounts_site import _migrated, _summary
from tests.ui.conftest import Browser
from tests.ui.fake_hub import FakeSignIn, fake_hub
from ui.elements.data_table import DataTable
from ui.sections import all_sections

T = TypeVar("T")
PLACES = all_sections()
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass(kw_only=True)
class IntegrationSite:
    """Cookies `owner`, `second` (another owner), `member` and `stranger` are signed in."""

    hub: Any
    world: IntegrationWorld
    people: dict[str, Principal]

    @property
    def partner(self) -> Partner:
        """The row as it is now."""
        return _in_thread(self.world.row)

    def do(self, verb: Callable[..., T], *args: Any, who: str = "second", **values: Any) -> T:
        """A verb in a thread, as another open page would."""
        return _in_thread(lambda: verb(self.people[who], *args, **values))


@contextmanager
def integration_site(
    folder: Path, partner: dict[str, Any] | None = None, **settings: Any
) -> Iterator[IntegrationSite]:
    """`partner` are columns of its row; `settings` the hub's."""
    path = folder / "hub.sqlite3"
    path.write_bytes(_migrated())
    feed = LocalFeed()
    database = SqlDatabase(f"sqlite:///{path}", feed, threads=4)
    world = integration_world(database, FixedClock(NOON), partner, mode="sandbox", **settings)
    with database.transaction(TEST) as session:
        ours = session.get_one(Partner, world.partner.id)
        second = factories.make_principal(session, ours, Role.OWNER, world.clock)
    people = {
        "owner": world.owner,
        "second": second,
        "member": world.member,
        "stranger": world.stranger,
    }
    hub = fake_hub()
    hub.clock, hub.feed = world.clock, feed
    hub.sign_in = FakeSignIn(
        {
            name: (who, [_summary(world.other if name == "stranger" else world.partner)])
            for name, who in people.items()
        }
    )
    hub.integration = world.integration
    hub.credentials = Credentials(Gate(database, world.clock), world.clock)
    hub.webhooks = WebhooksOut(
        Room(
            gate=Gate(database, world.clock),
            database=database,
            clock=world.clock,
            wall=world.clock,
            vault=world.vault,
            outgoing=cast(Any, world.outgoing),
            feed=feed,
            settings=world.settings,
        )
    )
    hub.onboarding = SimpleNamespace(link_state=lambda who: _link_state(world, who))
    yield IntegrationSite(hub=hub, world=world, people=people)
    database.close()


def _link_state(world: IntegrationWorld, who: Principal) -> LinkState:
    with world.database.reading(TEST) as session:
        partner = session.get_one(Partner, who.partner_id)
        url = f"http://test/onboarding/{partner.id}"
        return LinkState(url=url, reasons=tuple(partner_faults(partner)))


def _in_thread(work: Callable[[], T]) -> T:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def field(user: Browser, label: str) -> Any:
    """The input or choice under this label."""
    labels = [e for e in user.page.elements.values() if e.tag == "label"]
    (above,) = [e for e in labels if getattr(e, "text", "") == label]
    wanted = above.props["for"]
    (found,) = [
        e for e in user.page.elements.values() if e.props.get("for") == wanted and e is not above
    ]
    return found


def type_into(user: Browser, label: str, text: str) -> Any:
    """As the browser tells it: every change of the text."""
    found = field(user, label)
    with user.page:
        found.value = text
    return found


def pressable(user: Browser, name: str) -> ui.button | None:
    """The newest visible button of this name (its label for those who only hear it goes first)."""
    found = [
        e
        for e in user.page.elements.values()
        if isinstance(e, ui.button) and (e.props.get("aria-label") or e.text) == name
    ]
    shown = [e for e in found if _is_shown(e)]
    return shown[-1] if shown else None


def act(user: Browser, table: str, row_id: str, name: str) -> None:
    """A button at the end of a row."""
    fire(user, table_of(user, table), "act", [row_id, name])


def table_of(user: Browser, label: str) -> DataTable:
    found = [e for e in user.page.elements.values() if isinstance(e, DataTable)]
    (table,) = [each for each in found if each.props["label"] == label]
    return table


def column_of(user: Browser, label: str, key: str) -> list[str]:
    """The texts of a column, the first row first."""
    cells = [row[key] for row in table_of(user, label).rows]
    return [cell["text"] if isinstance(cell, dict) else cell for cell in cells]


def press(user: Browser, name: str) -> None:
    """What a click tells; raises for a button that is not there or switched off."""
    button = pressable(user, name)
    assert button is not None, f"no button {name}"
    assert button.enabled, f"{name} is off"
    fire(user, button, "click")


def fire(user: Browser, element: Element, event: str, args: Any = None) -> None:
    """What the browser half of an element tells."""
    listeners = [each for each in element._event_listeners.values() if each.type == event]
    assert listeners, f"nobody hears {event}"
    for listener in listeners:
        with user.page:
            element._handle_event({"listener_id": listener.id, "args": args or {}})


def texts(user: Browser) -> list[str]:
    """Every text that is shown."""
    told = [getattr(e, "text", "") for e in user.page.elements.values() if _is_shown(e)]
    return [text for text in told if text]


def _is_shown(element: Any) -> bool:
    while element is not None:
        if not getattr(element, "visible", True):
            return False
        slot = element.parent_slot
        element = slot.parent if slot else None
    return True
