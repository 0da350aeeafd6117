"""The webhook of a number: where messages go, set here; the rest stands on its endpoint's page."""

from __future__ import annotations

from contextlib import suppress

from core.access import Permission
from core.accounts.entities import ConsentState
from core.accounts.results import ChannelDetails
from core.errors import InvalidInput, NotFound
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
from ui.dialogs import confirm, in_place
from ui.lists import Fact, definition_list
from ui.paced import Paced
from ui.pages import integration_webhook_words as told
from ui.pages.integration_endpoint_forms import Done, EndpointForm, headers_field, tell_saved
from ui.pages.integration_tabs import WEBHOOKS

_SENTENCE = "Gets what customers write to this number, and what becomes of your messages."
_NONE = "None is set: what customers write to this number does not reach your server from here."
_NO_URL = "Write the address of your server."
_STOPPED: told.Badge = ("pause", "Stopped", "warning")


class WebhookCard:
    """The card on the details page; nothing in it is drawn twice, so that focus stays."""

    def __init__(self, page: PageContext, channel_id: str) -> None:
        self._page, self._id = page, channel_id
        self._readings = 0
        self._why, self._number, self._is_over = "", "", False
        self._it: EndpointView | None = None
        self._may = page.principal.may(Permission.SETTINGS)
        with section_card("Webhook", _SENTENCE) as self._place:
            if self._may:
                self._draw()
            else:
                tag("p", "An owner sets it and sees where it goes.", "quiet small")
        self._soon = Paced(self.load, self._place)

    def _draw(self) -> None:
        with tag("div", classes="stack-tight"):
            self._none = tag("p", "", "quiet small")
            with tag("div", classes="stack-tight", role="status") as self._standing:
                self._badge = status_badge("dot", "")
                self._said = tag("p", "", "small")
            self._facts = definition_list([])
            with tag("div", classes="h-actions"):
                self._set = button("", in_place(self._place, self._ask))
                self._more = link_button("Test, log, settings", WEBHOOKS)
                self._remove = button("Remove", in_place(self._place, self._removed), small=True)

    async def show(self, it: ChannelDetails) -> None:
        """Where it goes and how that stands."""
        self._number = words.phone(it.row.phone_number) or it.row.name or "this number"
        self._why, self._is_over = _why_nothing(it)
        await self.load()

    async def changed(self, notices: list[Notice]) -> None:
        """An endpoint is not what it was, or something was sent to this one."""
        own = (TOLD, self._it.id if self._it else "")
        about = [(notice.subject_type, notice.subject_id) for notice in notices]
        if any(it == own or it[0] == SUBJECT for it in about):
            await self._soon()

    async def load(self, _endpoint_id: str = "") -> None:
        """Read it again; a reading that began later knows better."""
        if not self._may:
            return
        self._readings = reading = self._readings + 1
        found = await self._page.call(self._page.hub.webhooks.of_number, self._id)
        if reading == self._readings and not self._place.is_deleted:
            self._show(found)

    def _show(self, it: EndpointView | None) -> None:
        self._it = it
        self._none.set_text(self._why or _NONE)
        self._none.set_visibility(it is None)
        self._set.set_text("Change the webhook" if it else "Set a webhook")
        self._set.set_enabled(it is not None or not self._is_over)
        for element in (self._standing, self._facts, self._more, self._remove):
            element.set_visibility(it is not None)
        if it is None:
            return
        badge, sentence = told.standing(it, self._page.hub.clock.now(), viewer_zone())
        if self._why:
            badge, sentence = _STOPPED, self._why
        set_badge(self._badge, *badge)
        self._said.set_text(sentence)
        self._facts.show(_facts(it))
        self._more.props["href"] = f"{WEBHOOKS}?endpoint={it.id}"

    async def _ask(self) -> None:
        SetWebhook(self._page, self._id, self._number, self._it, self.load)

    async def _removed(self) -> None:
        it = self._it
        if it is None or not await confirm(
            f"Remove the webhook of {self._number}?",
            "What customers write to this number is sent nowhere any more. What was sent stays in "
            "the log.",
            "Remove it",
        ):
            return
        with suppress(NotFound):  # somebody else was quicker
            await self._page.call(self._page.hub.webhooks.delete_endpoint, it.id)
        await self.load()


def _facts(it: EndpointView) -> list[Fact]:
    facts = [Fact(label="URL", value=it.url, mono=True, copy=it.url)]
    if it.header_names:
        facts.append(Fact(label="Headers of your own", value=told.header_names(it)))
    return facts


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
            raise InvalidInput(code="no_url", field="url", words=_NO_URL)
        await self._look_again()
        headers = self._headers() if "headers" in self._fields else None
        verb = self._page.hub.webhooks.set_of_number
        saved = await self._page.call(verb, self._id, url, headers)
        tell_saved(saved is None or saved.is_found, "The webhook is saved.")
        await self._done("")

    async def _look_again(self) -> None:
        """What somebody else did since the dialog opened is replaced knowingly only."""
        now = await self._page.call(self._page.hub.webhooks.of_number, self._id)
        was, self._it = self._it, now
        if (now and (now.id, now.url)) == (was and (was.id, was.url)):
            return
        what = f"has set {now.url}" if now else "has removed it"
        text = f"Somebody else {what} meanwhile. Save again to replace that."
        raise InvalidInput(code="changed_meanwhile", field="url", words=text)


def _why_nothing(it: ChannelDetails) -> tuple[str, bool]:
    """Why Meta's news of the number is not passed on now, '' where it is; whether for good."""
    if it.terminated_at is not None:
        return "The number has ended, so nothing is passed on any more.", True
    if it.row.consent == ConsentState.REVOKED or it.waba.removed:
        return (
            "Your client has withdrawn the permission: nothing is passed on, and what waits goes "
            "out once it is granted again.",
            False,
        )
    if it.row.consent != ConsentState.GRANTED:
        word = "Nothing is passed on before your client has granted permission for this number."
        return word, False
    return "", False
