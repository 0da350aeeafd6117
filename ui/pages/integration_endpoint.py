"""One endpoint: how it stands, its address, what it wants, and the acts on it; live."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from core.errors import Conflict, NotFound
from core.integration.outbound.states import EndpointState
from core.integration.outbound.views import EndpointView, Health
from ui.components import (
    Tag,
    button,
    copy_button,
    link_button,
    section_card,
    set_badge,
    status_badge,
    tag,
    viewer_zone,
)
from ui.context import PageContext
from ui.dialogs import confirm, in_place, toast
from ui.pages import integration_webhook_words as told
from ui.pages.integration_endpoint_forms import ChangeEvents, ChangeHeaders
from ui.pages.integration_field import SavedField
from ui.pages.integration_health import HealthCard
from ui.pages.integration_tabs import DELIVERIES
from ui.pages.integration_test_event import TestCard

Changed = Callable[[str], Awaitable[None]]
Form = type[ChangeEvents | ChangeHeaders]
_GONE = "This endpoint was removed meanwhile."
_NO_URL = "It needs an address. To send nothing there, switch it off or remove it."


class EndpointPanel:
    """Drawn once for an endpoint; `show` brings what has changed."""

    def __init__(self, page: PageContext, it: EndpointView, changed: Changed) -> None:
        self._page, self._it, self._changed = page, it, changed
        self._drawn: object = None
        self.is_removed_here = False  # by this person, who need not be told
        with tag("div", classes="columns") as self._place:
            with tag("div", classes="stack"):
                self._draw_address()
                self._health = HealthCard()
            with tag("div", classes="stack"):
                TestCard(page, it)
                self._draw_wants()

    def show(self, it: EndpointView, health: Health) -> None:
        self._it = it
        badge, sentence = told.standing(it, self._page.hub.clock.now(), viewer_zone())
        set_badge(self._badge, *badge)
        self._said.set_text(sentence)
        self._url.show(it.url)
        if self._name is not None:
            self._name.show(it.name)
        self._events.set_text(told.all_events(it))
        self._headers.set_text(told.header_names(it))
        self._health.show(health)
        if it.state != self._drawn:  # else the person may be on one of its buttons
            self._drawn = it.state
            self._draw_acts(it)

    def _draw_address(self) -> None:
        it = self._it
        is_partners = not it.is_main and not it.channel_id
        with section_card("Endpoint" if is_partners and not it.name else told.name(it)):
            with tag("div", classes="h-standing", role="status"):
                self._badge = status_badge("dot", "")
                self._said = tag("p")
            self._url = SavedField(
                "URL",
                self._save_url,
                help="https, on a public name. Its query is sent as it is.",
                check=self._url_fault,
                refusal=told.refusal,
            )
            self._name = SavedField("Name", self._save_name) if is_partners else None
            self._acts = tag("div", classes="h-actions")

    def _url_fault(self, text: str) -> str:
        return told.url_fault(text, self._page.hub.settings) if text else _NO_URL

    def _draw_wants(self) -> None:
        with section_card("What is sent there"):
            with tag("dl", classes="it-wants"):
                if self._it.channel_id:
                    self._events = self._wants("Events")
                else:
                    self._events = self._wants("Events", "Choose events", ChangeEvents)
                self._headers = self._wants("Headers of your own", "Change headers", ChangeHeaders)
                with tag("div"):
                    tag("dt", "Endpoint ID")
                    with tag("dd"):
                        tag("code", self._it.id)
                        copy_button(self._it.id, "endpoint ID")
            with tag("div", classes="h-actions"):
                link_button("Delivery log", f"{DELIVERIES}?endpoint={self._it.id}", icon="history")
                if self._it.channel_id:
                    link_button("The number", f"/accounts/{self._it.channel_id}", icon="phone")

    def _wants(self, label: str, word: str = "", form: Form | None = None) -> Tag:
        """What stands there and, with a form, the button that opens it."""
        with tag("div"):
            tag("dt", label)
            with tag("dd"):
                value = tag("span")
                if form is not None:
                    opens = in_place(self._place, lambda: self._open(form))
                    button(word, opens, small=True, kind="quiet")
        return value

    async def _open(self, form: Form) -> None:
        form(self._page, self._it, self._changed)

    def _draw_acts(self, it: EndpointView) -> None:
        self._acts.clear()
        webhooks = self._page.hub.webhooks
        with self._acts:
            if it.state is EndpointState.OFF:
                self._act("Switch on", webhooks.switch_on, "It is on. What was skipped can wait.")
            elif it.state is EndpointState.PAUSED:
                self._act(
                    "Resume", webhooks.resume_endpoint, "It goes on. What collected goes out."
                )
            else:
                self._act("Pause", webhooks.pause_endpoint, "Paused. What happens collects.")
                button("Switch off", in_place(self._place, self._switch_off), small=True)
            button("Remove", in_place(self._place, self._remove), small=True)

    def _act(self, word: str, verb: Callable[..., EndpointView], done: str) -> None:
        async def act() -> None:
            try:
                await self._page.call(verb, self._it.id)
            except (Conflict, NotFound):
                toast(_GONE, "warning")
            else:
                toast(done)
            await self._changed(self._it.id)

        button(word, in_place(self._place, act), small=True)

    async def _switch_off(self) -> None:
        if await confirm(
            f"Switch {told.name(self._it)} off?",
            "Nothing is sent there any more, and nothing collects. What is skipped can be replayed "
            "from the log once it is on again.",
            "Switch it off",
        ):
            try:
                await self._page.call(self._page.hub.webhooks.switch_off, self._it.id)
            except (Conflict, NotFound):
                toast(_GONE, "warning")
            await self._changed(self._it.id)

    async def _remove(self) -> None:
        if await confirm(
            f"Remove {told.name(self._it)}?",
            "Nothing is sent there any more. Its deliveries stay in the log.",
            "Remove it",
        ):
            self.is_removed_here = True
            try:
                await self._page.call(self._page.hub.webhooks.delete_endpoint, self._it.id)
            except NotFound:
                toast(_GONE, "warning")
            await self._changed("")

    async def _save_url(self, url: str) -> None:
        verb = self._page.hub.webhooks.change_endpoint
        saved = await self._page.call(verb, self._it.id, url=url)
        self._url.show(saved.endpoint.url)
        if not saved.is_found:
            toast("No address stands behind this name yet, so nothing can be sent.", "warning")
        await self._changed(self._it.id)

    async def _save_name(self, name: str) -> None:
        verb = self._page.hub.webhooks.change_endpoint
        saved = await self._page.call(verb, self._it.id, name=name)
        if self._name is not None:
            self._name.show(saved.endpoint.name)
        await self._changed(self._it.id)
