"""Webhooks: the webhook URL, more endpoints beside it, and how they take what is sent; live."""

from __future__ import annotations

from core.integration.outbound.views import EndpointView
from core.ports import Notice
from ui import format as words
from ui.components import button, note, page_header, section_card, tag, viewer_zone
from ui.context import PageContext
from ui.dialogs import toast
from ui.elements.data_table import Column, DataTable, Row, badge_cell, cell
from ui.location import current_query, show_query
from ui.paced import Paced
from ui.pages import integration_webhook_words as told
from ui.pages.integration_endpoint import EndpointPanel
from ui.pages.integration_endpoint_forms import NewEndpoint
from ui.pages.integration_field import SavedField
from ui.pages.integration_tabs import WEBHOOKS, tabs

SENTENCE = "What happens to your clients and numbers is sent to your server, signed."
_ABOUT = frozenset({"webhook_endpoint", "webhook_delivery", "integration"})
_COLUMNS = (
    Column(key="name", title="Endpoint"),
    Column(key="state", title="State"),
    Column(key="events", title="Events"),
    Column(key="waiting", title="Waiting", right=True),
)
_OF_NUMBERS = (
    Column(key="name", title="Webhook of a number"),
    Column(key="state", title="State"),
    Column(key="waiting", title="Waiting", right=True),
)
_NO_MAIN = (
    "No webhook URL is set: your server does not hear of new clients, numbers and their changes."
)


async def build(page: PageContext) -> None:
    """Draw the section and keep it live."""
    await Webhooks(page).draw()


class Webhooks:
    """The endpoints as a list, and the one that is chosen below it."""

    def __init__(self, page: PageContext) -> None:
        self._page = page
        self._chosen = current_query().get("endpoint", "")[:20]
        self._panel: EndpointPanel | None = None
        self._panel_of = ""
        self._readings = 0

    async def draw(self) -> None:
        with page_header("Webhooks", SENTENCE, [("Integration", "/integration")]):
            button("Add an endpoint", self._add, icon="plus")
        tabs(WEBHOOKS)
        with tag("div", classes="stack") as self._room:
            self._gone = tag("div", classes="h-holder")
            self._main = tag("div", classes="h-holder")
            self._list = DataTable("Endpoints", _COLUMNS)
            self._place = tag("div", classes="stack h-holder")
            self._of_numbers = DataTable("Webhooks of numbers", _OF_NUMBERS)
        self._soon = Paced(self._load, self._room)
        self._page.follow(self._changed)
        await self._load()
        if self._chosen and self._panel_of != self._chosen:
            self._chosen = ""
            with self._gone:
                note("info", "The endpoint of this address is not there any more.")

    async def _load(self) -> None:
        """Read it again; a reading that began later knows better."""
        self._readings = reading = self._readings + 1
        webhooks = self._page.hub.webhooks
        shown = await self._page.call(webhooks.endpoints, also=[self._chosen])
        of_numbers = await self._page.call(webhooks.endpoints_of_numbers)
        chosen = self._choice(shown)
        health = await self._page.call(webhooks.health, chosen.id) if chosen else None
        if reading != self._readings or self._room.is_deleted:
            return
        self._tell_gone(shown)
        # A number's stands beside the number; here only when it was asked for.
        found = [each for each in shown if not each.channel_id]
        self._list.show([self._row(each, chosen) for each in found])
        self._list.set_visibility(len(found) > 1)
        self._of_numbers.show([self._row(each, chosen) for each in of_numbers])
        self._of_numbers.set_visibility(bool(of_numbers))
        self._show_main(found)
        if chosen is None or health is None:
            self._place.clear()
            self._panel, self._panel_of = None, ""
            return
        if self._panel is None or self._panel_of != chosen.id:
            self._place.clear()
            with self._place:
                self._panel = EndpointPanel(self._page, chosen, self._again)
            self._panel_of = chosen.id
        self._panel.show(chosen, health)

    def _tell_gone(self, found: list[EndpointView]) -> None:
        """Somebody else removed the one that this person looks at; another takes its place."""
        panel = self._panel
        if panel is None or panel.is_removed_here or any(it.id == self._panel_of for it in found):
            return
        if self._chosen in ("", self._panel_of):
            with self._room:
                toast("Somebody else removed the endpoint that was open here.", "warning")

    def _choice(self, found: list[EndpointView]) -> EndpointView | None:
        """The one in the address, else the first: the webhook URL."""
        named = next((each for each in found if each.id == self._chosen), None)
        return named or (found[0] if found else None)

    def _show_main(self, found: list[EndpointView]) -> None:
        """While there is no webhook URL: what that means, and the field for it."""
        has_main = any(each.is_main for each in found)
        is_asked = bool(self._main.default_slot.children)
        if has_main == (not is_asked):
            return
        self._main.clear()
        if has_main:
            return
        with self._main, section_card("Webhook URL"):
            note("alert", _NO_MAIN, "warning")
            SavedField(
                "Webhook URL",
                self._save_main,
                help="https, on a public name. Every event of every number is posted there.",
                placeholder="https://api.example.com/hook",
                check=lambda text: told.url_fault(text, self._page.hub.settings),
                done="The webhook URL is saved. Send a test.",
                refusal=told.refusal,
            )

    async def _save_main(self, url: str) -> None:
        saved = await self._page.call(self._page.hub.webhooks.set_main, url)
        with self._room:  # the field goes when there is a webhook URL
            if saved is not None and not saved.is_found:
                toast("No address stands behind this name yet.", "warning")
            await self._load()

    def _row(self, it: EndpointView, chosen: EndpointView | None) -> Row:
        badge, _ = told.standing(it, self._page.hub.clock.now(), viewer_zone())
        is_chosen = chosen is not None and it.id == chosen.id
        return {
            "id": it.id,
            "href": f"{WEBHOOKS}?endpoint={it.id}",
            "name": cell(told.name(it), second=it.url, strong=is_chosen),
            "state": badge_cell(*badge),
            "events": told.events(it),
            "waiting": words.number(it.waiting),
        }

    async def _add(self) -> None:
        with self._room:
            NewEndpoint(self._page, self._again)

    async def _again(self, endpoint_id: str) -> None:
        """Something was done to this endpoint; '' when it is gone."""
        self._gone.clear()
        self._chosen = endpoint_id
        show_query({"endpoint": endpoint_id})
        await self._load()

    async def _changed(self, notices: list[Notice]) -> None:
        if any(notice.subject_type in _ABOUT for notice in notices):
            await self._soon()
