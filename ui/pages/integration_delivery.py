"""One webhook: its bytes, every attempt with request and answer, and sending it again; live."""

from __future__ import annotations

from core.errors import Conflict, NotFound
from core.integration.outbound.states import CLOSED
from core.integration.outbound.views import DeliveryDetails
from core.ports import Notice
from ui import format as words
from ui.components import (
    button,
    page_header,
    section_card,
    set_badge,
    status_badge,
    tag,
    viewer_zone,
)
from ui.context import PageContext
from ui.dialogs import toast
from ui.lists import Fact, definition_list
from ui.paced import Paced
from ui.pages import integration_webhook_words as told
from ui.pages.integration_deliveries import read_id
from ui.pages.integration_http import draw_attempt, draw_text
from ui.pages.integration_tabs import DELIVERIES, WEBHOOKS

_ABOUT = frozenset({"webhook_endpoint", "webhook_delivery"})
_SHOWN = 12  # attempts; a whole schedule has ten


async def build(page: PageContext, delivery_id: str) -> None:
    """Draw the section and keep it live; raises NotFound for a delivery that is not here."""
    known = read_id(delivery_id)
    if known is None:
        raise NotFound(delivery_id=delivery_id[:20])
    await Delivery(page, known).draw()


class Delivery:
    """One open delivery."""

    def __init__(self, page: PageContext, delivery_id: int) -> None:
        self._page, self._id = page, delivery_id
        self._seen: object = None

    async def draw(self) -> None:
        it = await self._read()
        crumbs = [("Integration", "/integration"), ("Deliveries", DELIVERIES)]
        with page_header(it.row.event, "", crumbs):
            self._again = button("Replay", self._replay, icon="refresh")
        with tag("div", classes="stack") as self._room:
            with tag("div", classes="h-standing", role="status"):
                self._badge = status_badge("dot", "")
                self._said = tag("p")
            with tag("div", classes="columns"):
                with tag("div", classes="stack"):
                    with section_card("Attempts", "The newest first."):
                        self._attempts = tag("div", classes="stack-tight")
                    with section_card("Body", "The same bytes at every attempt."):
                        draw_text("JSON", it.body)
                with section_card("Facts"):
                    self._facts = definition_list([])
        self._soon = Paced(self._load, self._room)
        self._page.follow(self._changed)
        self._show(it)

    async def _read(self) -> DeliveryDetails:
        return await self._page.call(self._page.hub.webhooks.delivery, self._id)

    async def _load(self) -> None:
        it = await self._read()
        if not self._room.is_deleted:
            self._show(it)

    def _show(self, it: DeliveryDetails) -> None:
        set_badge(self._badge, *told.DELIVERIES[it.row.state])
        sentence = told.delivery(it.row, self._page.hub.clock.now(), viewer_zone())
        self._said.set_text(sentence)
        self._again.set_text("Replay" if it.row.state in CLOSED else "Send it now")
        self._facts.show(_facts(it))
        if len(it.attempts) != self._seen:  # else one that was opened would close
            self._seen = len(it.attempts)
            self._draw_attempts(it)

    def _draw_attempts(self, it: DeliveryDetails) -> None:
        self._attempts.clear()
        with self._attempts:
            if not it.attempts:
                tag("p", "Nothing was sent yet.", "quiet small")
            newest = it.attempts[::-1][:_SHOWN]
            for place, attempt in enumerate(newest):
                draw_attempt(attempt, it.body, is_open=not place)
            if (older := len(it.attempts) - len(newest)) > 0:
                tag("p", f"{words.count(older, 'older attempt')} not shown.", "quiet small")

    async def _replay(self) -> None:
        self._again.disable()
        try:
            await self._page.call(self._page.hub.webhooks.replay, self._id)
        except Conflict:
            toast("The endpoint is off. Switch it on first.", "warning")
        except NotFound:
            toast("The endpoint was removed; nothing can be sent there.", "warning")
        else:
            toast("It goes out once more, with the same bytes and the same id.")
        finally:
            self._again.enable()
        await self._load()

    async def _changed(self, notices: list[Notice]) -> None:
        if any(notice.subject_type in _ABOUT for notice in notices):
            await self._soon()


def _facts(it: DeliveryDetails) -> list[Fact]:
    row, zone = it.row, viewer_zone()
    facts = [
        Fact(label="Webhook ID", value=row.event_key, mono=True, copy=row.event_key),
        Fact(label="Endpoint", value=it.url, href=f"{WEBHOOKS}?endpoint={row.endpoint_id}"),
        Fact(label="Happened", value=words.exact(row.created_at, zone)),
    ]
    if row.channel_id:
        facts.append(Fact(label="Number", value=row.channel_id, href=f"/accounts/{row.channel_id}"))
    if row.next_try_at is not None:
        facts.append(Fact(label="Next attempt", value=words.exact(row.next_try_at, zone)))
    if row.closed_at is not None:
        facts.append(Fact(label="Closed", value=words.exact(row.closed_at, zone)))
    if row.is_test:
        facts.append(Fact(label="Test", value="Sent by hand; not counted"))
    return facts
