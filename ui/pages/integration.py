"""Integration: everything between a partner's server and the hub, each setting by itself; live."""

from __future__ import annotations

from core.integration.outbound.views import EndpointView
from core.integration.settings.views import IntegrationView
from core.ports import Notice
from ui.components import (
    page_header,
    section_card,
    set_badge,
    status_badge,
    tag,
    viewer_zone,
)
from ui.context import PageContext
from ui.lists import Fact, definition_list
from ui.pages import integration_webhook_words as webhook_words
from ui.pages import integration_words as told
from ui.pages.integration_clients import ClientsCard
from ui.pages.integration_link import LinkCard
from ui.pages.integration_places import RedirectCard, RegionCard, SolutionCard
from ui.pages.integration_secret import SecretCard
from ui.pages.integration_tabs import PATH, WEBHOOKS, tabs

SENTENCE = "How your server and the hub work together. Each setting is saved by itself."
_ABOUT = frozenset({"integration", "webhook_endpoint", "subscription", "invoice"})


async def build(page: PageContext) -> None:
    """Draw the section and keep it live."""
    await Integration(page).draw()


class Integration:
    """One open page of the settings."""

    def __init__(self, page: PageContext) -> None:
        self._page = page
        self._readings = 0

    async def draw(self) -> None:
        self._page.follow(self._changed)
        it = await self._page.call(self._page.hub.integration.look)
        page_header("Integration", SENTENCE)
        tabs(PATH)
        with tag("div", classes="stack") as self._room:
            with tag("div", classes="h-standing it-standing", role="status"):
                self._badge = status_badge("dot", "")
                self._said = tag("p")
            with tag("div", classes="columns"):
                with tag("div", classes="stack"):
                    self._redirect = RedirectCard(self._page, self._shown)
                    self._link = LinkCard(self._page, it.partner_id)
                    self._region = RegionCard(self._page, self._shown)
                    self._clients = ClientsCard(self._page)
                with tag("div", classes="stack"):
                    self._draw_ids(it)
                    self._solution = SolutionCard(self._page, self._shown)
                    self._secret = SecretCard(self._page, self._shown)
        await self._load()

    def _draw_ids(self, it: IntegrationView) -> None:
        base = f"{self._page.hub.settings.base_url}/api/v2"
        with section_card("Your server and the hub"):
            definition_list(
                [
                    Fact(label="Partner ID", value=it.partner_id, mono=True, copy=it.partner_id),
                    Fact(label="API address", value=base, mono=True, copy=base),
                    Fact(label="API docs", value="Read and try", href=f"{base}/docs"),
                    Fact(label="OpenAPI", value="openapi.json", href=f"{base}/openapi.json"),
                ]
            )
            with tag("div", classes="h-standing", role="status"):
                self._hook = status_badge("dot", "")
                self._hook_said = tag("a", "", href=WEBHOOKS)

    async def _load(self) -> None:
        """Read it again; a reading that began later knows better."""
        self._readings = reading = self._readings + 1
        it = await self._page.call(self._page.hub.integration.look)
        if reading == self._readings and not self._room.is_deleted:
            self._show(it)
            await self._show_more(it, reading)

    async def _show_more(self, it: IntegrationView, reading: int) -> None:
        link = await self._page.call(self._page.hub.onboarding.link_state)
        main = await self._page.call(self._page.hub.webhooks.main)
        takes = await self._page.call(self._page.hub.integration.takes_partner_changes)
        if reading == self._readings and not self._room.is_deleted:
            badge, sentence = told.standing(it, link, main)
            set_badge(self._badge, *badge)
            self._said.set_text(sentence)
            self._link.show(link)
            self._show_webhook(main)
            self._clients.show(takes)

    def _show_webhook(self, main: EndpointView | None) -> None:
        if main is None:
            set_badge(self._hook, "circle", "No webhook URL", "warning")
            self._hook_said.set_text("Set it")
            return
        badge, _ = webhook_words.standing(main, self._page.hub.clock.now(), viewer_zone())
        set_badge(self._hook, *badge)
        self._hook_said.set_text("Webhooks")

    async def _shown(self, it: IntegrationView) -> None:
        """What this person has saved; readings that began before know less."""
        self._readings += 1
        self._show(it)
        await self._load()

    def _show(self, it: IntegrationView) -> None:
        for card in (self._solution, self._redirect, self._region, self._secret):
            card.show(it)

    async def _changed(self, notices: list[Notice]) -> None:
        if any(notice.subject_type in _ABOUT for notice in notices):
            await self._load()
