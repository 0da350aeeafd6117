"""Sends a test event to an endpoint and shows what went out and what came back."""

from __future__ import annotations

from core.errors import InvalidInput, NotFound
from core.integration.outbound.forwarding import MESSAGES
from core.integration.outbound.views import EndpointView, TestResult
from ui.components import button, choice_field, section_card, status_badge, tag
from ui.context import PageContext
from ui.dialogs import toast
from ui.pages import integration_webhook_words as told
from ui.pages.integration_http import draw_text
from ui.pages.integration_tabs import DELIVERIES

_FIRST = "channel_live"


class TestCard:
    """For the endpoint that is chosen; paused or not, since it is sent by hand."""

    __test__ = False  # pytest takes the name for a test

    def __init__(self, page: PageContext, endpoint: EndpointView) -> None:
        self._page, self._id = page, endpoint.id
        names = [each.name for each in page.hub.webhooks.catalogue]
        first = _FIRST
        if endpoint.channel_id:
            names, first = [MESSAGES], MESSAGES
        with section_card("Test", "An example of an event, signed like every other one."):
            with tag("div", classes="it-line"):
                self._event = choice_field("Event", names, value=first, with_input=True)
                self._send = button("Send test", self._sent, icon="send").classes("it-save")
            self._result = tag("div", classes="stack-tight h-holder", role="status")

    async def _sent(self) -> None:
        self._send.disable()
        verb = self._page.hub.webhooks.test_endpoint
        try:
            result = await self._page.call(verb, self._id, str(self._event.value or ""))
        except InvalidInput:
            toast("Choose an event of the list.", "warning")
        except NotFound:
            toast("This endpoint was removed meanwhile.", "warning")
        else:
            self._show(result)
        finally:
            self._send.enable()

    def _show(self, result: TestResult) -> None:
        attempt = result.attempt
        self._result.clear()
        with self._result:
            with tag("div", classes="h-standing"):
                status_badge(*told.attempt_badge(attempt))
                answer = told.result(attempt.status, attempt.error)
                tag("p", f"{answer} It took {attempt.millis} ms.")
                tag("a", "In the log", "small", href=f"{DELIVERIES}/{result.delivery_id}")
            draw_text("Request", told.request_text(attempt, result.body))
            draw_text("Answer", told.answer_text(attempt))
