"""One number: what it needs, all its facts, its templates and everything that happened to it."""

from __future__ import annotations

from nicegui import ui

from core.access import Permission
from core.accounts.results import ChannelDetails, TimelineEntry
from core.ports import Notice
from ui import format as words
from ui.components import badge_classes, button, page_header, section_card, set_badge, tag
from ui.context import PageContext
from ui.lists import definition_list, timeline
from ui.pages import account_words
from ui.pages.account_cancellation import Cancellation
from ui.pages.account_facts import account_facts, client_facts, number_facts
from ui.pages.account_insights import InsightsCard
from ui.pages.account_key import ApiKeyCard
from ui.pages.account_region import RegionCard
from ui.pages.account_templates import Templates
from ui.pages.account_webhook import WebhookCard
from ui.pages.audit_asked import about_path
from ui.pages.event_words import entry

_SHOWN_AT_ONCE = 50
_MONEY = "credit"  # told of once for all numbers that sent something


async def build(page: PageContext, channel_id: str) -> None:
    """Draw the section and keep it live; raises NotFound for a number that is not here."""
    await Account(page, channel_id).draw()


class Account:
    """One open number."""

    def __init__(self, page: PageContext, channel_id: str) -> None:
        self._page = page
        self._id = channel_id
        self._entries: list[TimelineEntry] = []
        self._is_drawn = False
        self._was_missed = False  # a change came while the first reading was under way

    async def draw(self) -> None:
        self._page.follow(self._changed)
        it = await self._page.call(self._page.hub.accounts.channel, self._id)
        self._entries = await self._read_timeline()
        ui.page_title(f"{_title(it)} · {self._page.hub.settings.name}")
        page_header(_title(it), _subtitle(it), [("WhatsApp accounts", "/accounts")])
        with tag("div", classes="account-state", role="status"):
            self._badge = tag("span", "", badge_classes("dot", "neutral"))
            self._next = tag("p")
        with tag("div", classes="columns"):
            with tag("div", classes="stack"):
                self._templates = Templates(self._page, self._id, self._again)
                self._insights = InsightsCard(self._page, self._id)
                with section_card("Timeline"):
                    self._history = tag("div", classes="stack")
                    self._draw_timeline()
                    if self._page.principal.may(Permission.SETTINGS):
                        href = about_path("channel", self._id)
                        tag("a", "With who and where from, in the audit", "small", href=href)
            with tag("div", classes="stack"):
                self._draw_facts(it)
        self._show(it)
        await self._key.show(it)
        await self._webhook.show(it)
        await self._region.show(it)
        await self._insights.draw()
        self._is_drawn = True
        if self._was_missed:
            await self._again()
            await self._insights.draw()

    def _draw_facts(self, it: ChannelDetails) -> None:
        with section_card("Number"):
            self._number = definition_list(number_facts(it))
        with section_card("WhatsApp Business Account"):
            self._account = definition_list(account_facts(it))
        with section_card("Client"):
            self._client = definition_list(client_facts(it))
        self._key = ApiKeyCard(self._page, self._id)
        self._webhook = WebhookCard(self._page, self._id)
        self._region = RegionCard(self._page, self._id)
        self._cancellation = Cancellation(self._page, self._id, self._again)

    def _show(self, it: ChannelDetails) -> None:
        icon, word, tone = account_words.badge_of(it.row.action)
        set_badge(self._badge, icon, word, tone)
        self._next.set_text(account_words.whole_sentence(it.row.action))
        self._templates.show(it.templates, it.waba.can_call_meta)
        self._cancellation.show(it)
        self._waba_id, self._client_id = it.waba.id, it.client.id
        self._template_ids = {row.id for row in it.templates}

    def _draw_timeline(self) -> None:
        now = self._page.hub.clock.now()
        self._history.clear()
        with self._history:
            self._timeline = timeline([entry(each) for each in self._entries], now)
            if not self._entries:
                self._nothing = tag("p", "Nothing has happened to this number yet.", "quiet small")
            if self._entries and len(self._entries) % _SHOWN_AT_ONCE == 0:
                button("Show older", self._older, kind="quiet", small=True)

    async def _older(self) -> None:
        older = await self._read_timeline(self._entries[-1].id)
        self._entries += older
        self._draw_timeline()

    async def _read_timeline(self, before_id: int | None = None) -> list[TimelineEntry]:
        verb = self._page.hub.accounts.timeline
        return await self._page.call(verb, self._id, before_id, _SHOWN_AT_ONCE)

    async def _changed(self, notices: list[Notice]) -> None:
        """Another push of this partner; only what is about this number is read again."""
        if not self._is_drawn:
            self._was_missed = True
        elif any(self._concerns(notice) for notice in notices):
            await self._again()
        if self._is_drawn and any(notice.subject_type == _MONEY for notice in notices):
            await self._insights.load()
        if self._is_drawn:
            await self._webhook.changed(notices)

    async def _again(self) -> None:
        it = await self._page.call(self._page.hub.accounts.channel, self._id)
        latest = await self._read_timeline()
        self._show(it)
        await self._key.show(it)
        await self._webhook.show(it)
        await self._region.show(it)
        self._number.show(number_facts(it))
        self._account.show(account_facts(it))
        self._client.show(client_facts(it))
        self._prepend(latest)

    def _prepend(self, latest: list[TimelineEntry]) -> None:
        known = {each.id for each in self._entries}
        fresh = [each for each in latest if each.id not in known]
        first = not self._entries
        self._entries = [*fresh, *self._entries]
        if first and fresh:
            self._draw_timeline()
            return
        for each in reversed(fresh):
            self._timeline.prepend(entry(each), self._page.hub.clock.now())

    def _concerns(self, notice: Notice) -> bool:
        # A template's first notice comes before its id is known here: any may be ours.
        if notice.subject_type == "template":
            return True
        about = {("channel", self._id), ("waba", self._waba_id), ("client", self._client_id)}
        return (notice.subject_type, notice.subject_id) in about


def _title(it: ChannelDetails) -> str:
    return it.row.name or words.phone(it.row.phone_number) or "Number being set up"


def _subtitle(it: ChannelDetails) -> str:
    client = it.row.client_name if it.row.client_name != it.row.name else ""
    return " · ".join(filter(None, (words.phone(it.row.phone_number), client)))
