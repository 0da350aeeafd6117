"""Support's pages and the desk on real storage and the real services; only signing in is a twin."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from core.access import Principal
from core.clock import FixedClock
from core.partners.entities import Partner
from core.partners.sessions import PartnerSummary
from core.support.states import RequestKind
from core.support.views import ConversationView
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from tests.services import support_world
from tests.services.support_world import World
from tests.ui.accounts_site import _migrated, fire
from tests.ui.conftest import Browser, Serve, Site
from tests.ui.fake_hub import FakeSignIn, fake_hub
from tests.ui.money_site import until
from ui import desk
from ui.elements.chat import Chat
from ui.elements.conversation_list import ConversationList
from ui.sections import all_sections

T = TypeVar("T")
PLACES = all_sections()
NOON = datetime(2026, 6, 16, 12, tzinfo=UTC)
PATIENCE = 200  # looks at the page until something has come


@dataclass(kw_only=True)
class SupportSite:
    """Cookies `owner` and `second` (of one partner), `stranger` (of another), `sam` and `una` (of
    staff) are signed in."""

    hub: Any
    world: World
    people: dict[str, Principal]

    def do(self, verb: Callable[..., T], *args: Any, who: str = "owner", **values: Any) -> T:
        """A verb in a thread, as another open page would."""
        return in_thread(lambda: verb(self.people[who], *args, **values))

    def open(self, subject: str = "A question", text: str = "Hello?", who: str = "owner") -> str:
        return self.do(self.world.support.open, subject, text, who=who).row.id

    def ask(self, kind: RequestKind, facts: dict[str, str], text: str = "Please.") -> str:
        return self.do(self.world.support.ask, kind, facts, text).row.id

    def answer(self, conversation_id: str, text: str, who: str = "sam") -> ConversationView:
        return self.do(self.world.desk.answer, conversation_id, text, who=who)

    def premium(self) -> None:
        in_thread(lambda: self.world.put_on("premium"))

    def number(self, digits: str) -> str:
        return in_thread(lambda: self.world.number(phone_number=digits)).id

    def member(self) -> Principal:
        return in_thread(self.world.member)


@contextmanager
def support_site(folder: Path) -> Iterator[SupportSite]:
    path = folder / "hub.sqlite3"
    path.write_bytes(_migrated())
    clock, feed = FixedClock(NOON), LocalFeed()
    database = SqlDatabase(f"sqlite:///{path}", feed, threads=4)
    world = support_world.build(database, clock, feed)
    people = {
        "owner": world.owner,
        "second": world.other_owner,
        "stranger": world.stranger,
        "sam": world.sam,
        "una": world.una,
    }
    hub = fake_hub()
    hub.clock, hub.feed, hub.blobs = clock, feed, world.room.blobs
    hub.support, hub.desk, hub.subscriptions = world.support, world.desk, world.below.subscriptions
    hub.sign_in = FakeSignIn({name: (who, _partners(world, who)) for name, who in people.items()})
    yield SupportSite(hub=hub, world=world, people=people)
    database.close()


@asynccontextmanager
async def serving(serve: Serve, world: SupportSite) -> Any:
    """The dashboard and the desk."""
    async with serve(PLACES, world.hub, installs=(desk.install(),)) as site:
        yield site


def chat_of(user: Browser) -> Chat:
    """The chat on the open page."""
    (found,) = [e for e in user.page.elements.values() if isinstance(e, Chat)]
    return found


def list_of(user: Browser) -> ConversationList:
    """The list on the open page."""
    (found,) = [e for e in user.page.elements.values() if isinstance(e, ConversationList)]
    return found


def texts(user: Browser) -> list[str]:
    """What the chat shows, oldest first."""
    return [each["text"] for each in chat_of(user).told.get("messages", [])]


def titles(user: Browser) -> list[str]:
    """What the list shows, from the top."""
    return [row["title"] for row in list_of(user).rows]


async def open_chat(site: Site, cookie: str, path: str) -> Browser:
    """A page with a conversation in it."""
    user = site.browser(cookie)
    await user.open(path)
    await until(lambda: bool(chat_of(user).told.get("id")))
    return user


def say(user: Browser, text: str, *, key: str = "k1", **more: Any) -> None:
    """The composer's button, pressed."""
    told = {"conversation": chat_of(user).told["id"], "key": key, "text": text, "files": []}
    fire(user, chat_of(user), "send", told | {"note": False} | more)


def press(user: Browser, event: str, **values: Any) -> None:
    """A button of the chat, pressed."""
    fire(user, chat_of(user), event, {"conversation": chat_of(user).told["id"], **values})


def calls(element: Any) -> list[tuple[str, tuple[Any, ...]]]:
    """What this element's browser half is told from now on."""
    told: list[tuple[str, tuple[Any, ...]]] = []
    element.run_method = lambda name, *args, **_: told.append((name, args))
    return told


def said(*users: Browser) -> list[str]:
    """What their pages said in passing; the simulation keeps it for whoever was looked at last."""
    return [message for user in users for message in user.notify.messages]


def in_thread(work: Callable[[], T]) -> T:
    """Tests run on the event loop; whoever writes does not."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def _partners(world: World, who: Principal) -> list[PartnerSummary]:
    if who.partner_id is None:
        return []
    with world.below.database.reading(support_world.ALL) as session:
        partner = session.get_one(Partner, who.partner_id)
        return [PartnerSummary(id=partner.id, brand_name=partner.brand_name, logo_hash="")]
