"""Dialogs of an endpoint: a new one, its own headers, the events it wants."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from nicegui import ui

from core.errors import Conflict, FreshSignInNeeded, HubError, InvalidInput
from core.integration.outbound.views import EndpointView
from ui.components import button, choice_field, note, tag, text_field
from ui.context import PageContext
from ui.dialogs import OneAtATime, toast
from ui.faults import words_for
from ui.pages import integration_webhook_words as told

Done = Callable[[str], Awaitable[None]]  # gets the endpoint's id
_HEADERS_HELP = "One a line, such as: Authorization: Bearer secret. Sent with every webhook."
_EVENTS_HELP = "Choose none for all of them."
_FORMS = OneAtATime()


class EndpointForm:
    """A dialog that saves by itself and closes; what is wrong stands at its field.

    Nothing is drawn while another one is open on the page."""

    _page: PageContext

    def __init__(self, title: str, action: str, sentence: str = "") -> None:
        self._fields: dict[str, Any] = {}
        if _FORMS.is_shown():
            return
        self._place = ui.context.slot.parent  # outlives the dialog, as what is shown after it must
        with ui.dialog() as self._dialog, ui.card().classes("h-dialog it-form"):
            self._dialog.props["aria-label"] = title
            tag("h2", title)
            if sentence:
                tag("p", sentence)
            self.draw()
            self._fault = tag("p", "", "h-fault small", role="alert")
            with tag("div", classes="h-actions"):
                button("Cancel", self._dialog.close)
                self._do = button(action, self._pressed, kind="primary")
        self._dialog.on("hide", self._dialog.delete)
        _FORMS.show(self._dialog)

    def draw(self) -> None:
        """Put the fields where the dialog is."""

    def draw_url(self, placeholder: str, value: str = "") -> None:
        """The field of an address, judged as it is typed."""
        self._fields["url"] = url = text_field("URL", placeholder=placeholder)
        url.props("autofocus autocomplete=off spellcheck=false").without_auto_validation()
        url.value = value
        url.on_value_change(self._judge)
        url.on("keydown.enter", self._pressed, args=[])

    def _judge(self) -> None:
        url = self._fields["url"]
        url.error = told.url_fault(str(url.value or "").strip(), self._page.hub.settings) or None

    async def save(self) -> None:
        """Raises InvalidInput or Conflict."""

    async def _pressed(self) -> None:
        if not self._do.enabled:
            return  # it is being saved: Enter was pressed twice
        for field in self._fields.values():
            field.error = None
        self._fault.set_text("")
        self._do.disable()
        try:
            with self._place:
                await self.save()
        except (InvalidInput, Conflict, FreshSignInNeeded) as wrong:
            self._mark(str(wrong.about.get("field", "")), self.refusal(wrong))
            self._do.enable()
        else:
            self._dialog.close()

    def refusal(self, error: HubError) -> str:
        """Why it was not saved."""
        if isinstance(error, FreshSignInNeeded):
            return words_for(error).sentence
        return told.refusal(error)

    def _mark(self, name: str, fault: str) -> None:
        field = self._fields.get(name)
        if field is None:
            self._fault.set_text(fault)
            return
        field.error = fault
        field.run_method("focus")

    def _headers(self) -> dict[str, str]:
        headers, fault = told.read_headers(str(self._fields["headers"].value or ""))
        if fault:
            raise _Typed(fault)
        return headers


class _Typed(InvalidInput):
    """Headers that cannot be read; the words are ours."""

    def __init__(self, words: str) -> None:
        super().__init__(code="typed_headers", field="headers", words=words)


class NewEndpoint(EndpointForm):
    """Another endpoint beside the webhook URL."""

    def __init__(self, page: PageContext, done: Done) -> None:
        self._page, self._done = page, done
        super().__init__(
            "Add an endpoint", "Add it", "It gets the same webhooks, or those that you choose."
        )

    def draw(self) -> None:
        self.draw_url("https://api.example.com/hook")
        self._fields["name"] = text_field("Name (optional)", placeholder="Warehouse")
        names = [each.name for each in self._page.hub.webhooks.catalogue]
        self._fields["events"] = events_field(names, [])
        self._fields["headers"] = headers_field()

    async def save(self) -> None:
        values = {name: field.value for name, field in self._fields.items()}
        saved = await self._page.call(
            self._page.hub.webhooks.add_endpoint,
            str(values["url"] or "").strip(),
            name=str(values["name"] or ""),
            headers=self._headers(),
            events=list(values["events"] or []),
        )
        tell_saved(saved.is_found, "The endpoint is added.")
        await self._done(saved.endpoint.id)


class ChangeHeaders(EndpointForm):
    """All of the endpoint's own headers anew: their values are not shown again."""

    def __init__(self, page: PageContext, endpoint: EndpointView, done: Done) -> None:
        self._page, self._endpoint, self._done = page, endpoint, done
        super().__init__("Headers of your own", "Save the headers")

    def draw(self) -> None:
        if self._endpoint.header_names:
            text = f"These replace the ones that are set: {told.header_names(self._endpoint)}."
            note("info", f"{text} Leave it empty to send none.")
        self._fields["headers"] = headers_field()

    async def save(self) -> None:
        verb = self._page.hub.webhooks.change_endpoint
        saved = await self._page.call(verb, self._endpoint.id, headers=self._headers())
        ignored = saved.endpoint.ignored_headers
        if ignored:
            toast(f"Saved. The hub writes these itself: {', '.join(ignored)}.", "warning")
        else:
            toast("The headers are saved.")
        await self._done(self._endpoint.id)


class ChangeEvents(EndpointForm):
    """Which events the endpoint wants."""

    def __init__(self, page: PageContext, endpoint: EndpointView, done: Done) -> None:
        self._page, self._endpoint, self._done = page, endpoint, done
        super().__init__("Events", "Save the events", "Only these are sent to this endpoint.")

    def draw(self) -> None:
        names = [each.name for each in self._page.hub.webhooks.catalogue]
        self._fields["events"] = events_field(names, self._endpoint.events)

    async def save(self) -> None:
        verb = self._page.hub.webhooks.change_endpoint
        chosen = list(self._fields["events"].value or [])
        await self._page.call(verb, self._endpoint.id, events=chosen)
        toast("The events are saved.")
        await self._done(self._endpoint.id)


def events_field(names: Sequence[str], chosen: Sequence[str]) -> ui.select:
    """Any number of events."""
    chips = list(chosen)
    field = choice_field("Events", list(names), value=chips, help=_EVENTS_HELP, multiple=True)
    return field.props("use-chips clearable")


def headers_field() -> ui.input:
    """Several lines."""
    field = text_field("Headers (optional)", help=_HEADERS_HELP)
    field.props("type=textarea rows=3 autocomplete=off spellcheck=false")
    return field.without_auto_validation()


def tell_saved(is_found: bool, text: str) -> None:
    """That it is, and when nothing can be sent there yet."""
    if is_found:
        toast(text)
    else:
        toast(f"{text} No address stands behind its name yet, so nothing can be sent.", "warning")
