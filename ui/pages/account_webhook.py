"""The webhook of a number: where messages go, set here; the rest stands on its endpoint's page."""

from __future__ import annotations

from core.access import Permission
from core.accounts.entities import ConsentState
from core.accounts.results import ChannelDetails
from core.errors import InvalidInput
from core.integration.outbound.book import TOLD
from core.integration.outbound.room import SUBJECT
from core.integration.outbound.views import EndpointView
from core.ports import Notice
from ui import format as words
from ui.components import (
    button,
    link_button,
    section_card,
    set_badge,
    status_badge,
    tag,
    viewer_zone,
)
from ui.context import PageContext
from ui.dialogs import in_place
from ui.lists import Fact, definition_list
from ui.paced import Paced
from ui.pages import integration_webhook_words as told
from ui.pages.integration_endpoint import NO_URL
from ui.pages.integration_endpoint_forms import Done, EndpointForm, headers_field, tell_saved
from ui.pages.integration_tabs import DELIVERIES, WEBHOOKS

_SENTENCE = "Where what customers write goes, and what becomes of your messages, as Meta tells it."
_NONE = "None is set: what customers write to this number does not reach your server from here."


class WebhookCard:
    """The card on the details page; drawn anew only when something about it has changed."""

    def __init__(self, page: PageContext, channel_id: str) -> None:
        self._page, self._id = page, channel_id
        self._drawn: object = None
        self._it: EndpointView | None = None
        self._readings = 0
        self._why, self._number = "", ""
        with section_card("Webhook", _SENTENCE) as self._place:
            self._body = tag("div", classes="stack-tight")
        self._soon = Paced(self.load, self._place)

    async def show(self, it: ChannelDetails) -> None:
        """Where it goes and how that stands; members see that owners know."""
        self._number = words.phone(it.row.phone_number) or it.row.name or "this number"
        self._why = _why_nothing(it)
        if self._page.principal.may(Permission.SETTINGS):
            await self.load()
        elif self._drawn is None:
            self._drawn = "member"
            with self._body:
                tag("p", "An owner sets it and sees where it goes.", "quiet small")

    async def changed(self, notices: list[Notice]) -> None:
        """An endpoint is not what it was, or something was sent to this one."""
        own = self._it.id if self._it else ""
        if any(
            notice.subject_type == SUBJECT
            or (notice.subject_type, notice.subject_id) == (TOLD, own)
            for notice in notices
        ):
            await self._soon()

    async def load(self, _endpoint_id: str = "") -> None:
        """Read it again; a reading that began later knows better."""
        if not self._page.principal.may(Permission.SETTINGS):
            return
        self._readings = reading = self._readings + 1
        found = await self._page.call(self._page.hub.webhooks.of_number, self._id)
        if reading == self._readings and not self._body.is_deleted:
            self._show(found)

    def _show(self, it: EndpointView | None) -> None:
        self._it = it
        standing = (it and (it.id, it.url, it.header_names), self._why)
        if standing != self._drawn:  # else the person may be on one of its buttons
            self._drawn = standing
            self._body.clear()
            with self._body:
                self._draw(it)
        if it is not None:
            badge, sentence = told.standing(it, self._page.hub.clock.now(), viewer_zone())
            set_badge(self._badge, *badge)
            self._said.set_text(sentence)

    def _draw(self, it: EndpointView | None) -> None:
        if it is None:
            tag("p", _NONE, "quiet small")
        else:
            self._draw_facts(it)
        if self._why:
            tag("p", self._why, "quiet small")
        with tag("div", classes="h-actions"):
            word = "Change it" if it else "Set a webhook"
            button(word, in_place(self._place, lambda: self._ask(it)))
            if it is not None:
                link_button("Test and settings", f"{WEBHOOKS}?endpoint={it.id}")

    def _draw_facts(self, it: EndpointView) -> None:
        with tag("div", classes="stack-tight", role="status"):
            self._badge = status_badge("dot", "")
            self._said = tag("p", "", "small")
        facts = [Fact(label="URL", value=it.url, mono=True, copy=it.url)]
        if it.header_names:
            facts.append(Fact(label="Headers of your own", value=told.header_names(it)))
        definition_list(facts)
        tag("a", "Delivery log", "small", href=f"{DELIVERIES}?endpoint={it.id}")

    async def _ask(self, it: EndpointView | None) -> None:
        SetWebhook(self._page, self._id, self._number, it, self.load)


class SetWebhook(EndpointForm):
    """Its address and, where there is none yet, headers of one's own."""

    def __init__(
        self, page: PageContext, channel_id: str, number: str, it: EndpointView | None, done: Done
    ) -> None:
        self._page, self._id, self._it, self._done = page, channel_id, it, done
        sentence = "Signed with your platform secret, and sent again while your server fails."
        super().__init__(f"Webhook of {number}", "Save it", sentence)

    def draw(self) -> None:
        self.draw_url("https://api.example.com/messages", self._it.url if self._it else "")
        if self._it is None:
            self._fields["headers"] = headers_field()

    async def save(self) -> None:
        url = str(self._fields["url"].value or "").strip()
        if not url:
            raise InvalidInput(code="no_url", field="url", words=NO_URL)
        headers = self._headers() if self._it is None else None
        verb = self._page.hub.webhooks.set_of_number
        saved = await self._page.call(verb, self._id, url, headers)
        tell_saved(saved is None or saved.is_found, "The webhook is saved.")
        await self._done("")


def _why_nothing(it: ChannelDetails) -> str:
    """Why Meta's news of the number is not passed on now; '' where it is."""
    if it.terminated_at is not None:
        return "The number has ended, so nothing is passed on any more."
    if it.row.consent == ConsentState.REVOKED:
        return "Your client has withdrawn the permission: nothing is passed on until it is granted."
    if it.row.consent != ConsentState.GRANTED:
        return "Nothing is passed on before your client has granted permission for this number."
    return ""
