"""Cards of the Integration page: solution, redirect URL with its test, origins, storage region."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from core.errors import Conflict, GatewayError, InvalidInput, Unavailable
from core.integration.settings.rules import read_origins, solution_fault
from core.integration.settings.views import IntegrationView, RedirectAnswer
from ui.components import button, note, section_card, set_badge, status_badge, tag
from ui.context import PageContext
from ui.dialogs import toast
from ui.pages import integration_words as told
from ui.pages.integration_field import SavedField

Shown = Callable[[IntegrationView], Awaitable[None]]
_NO_REDIRECT = (
    "No redirect URL is set. Clients who finish end on a page of the hub, your site never hears "
    "of it, and the connect button on your site waits for ever."
)


class SolutionCard:
    """Which solution, and how it stands at Meta."""

    def __init__(self, page: PageContext, shown: Shown) -> None:
        self._page, self._shown = page, shown
        with section_card("Meta solution", "The Multi-Partner Solution your clients join."):
            with tag("div", classes="h-standing", role="status"):
                self._badge = status_badge("dot", "")
                self._said = tag("p")
            self._field = SavedField(
                "Solution ID",
                self._save,
                help="14 to 18 digits. It is checked at Meta before it is saved.",
                placeholder="123456789012345",
                check=lambda text: told.fault(solution_fault("".join(text.split()))),
                done="The solution is saved.",
            )
            with tag("div", classes="h-actions"):
                self._again = button("Ask Meta again", self._asked, icon="refresh", small=True)

    def show(self, it: IntegrationView) -> None:
        badge, sentence = told.solution(it)
        set_badge(self._badge, *badge)
        self._said.set_text(sentence)
        self._field.show(it.solution_id)
        self._again.set_visibility(bool(it.solution_id))

    async def _save(self, text: str) -> None:
        verb = self._page.hub.integration.set_solution_id
        await self._shown(await self._page.call(verb, text))

    async def _asked(self) -> None:
        self._again.disable()
        try:
            it = await self._page.call(self._page.hub.integration.refresh_solution)
        except (GatewayError, Unavailable) as refused:
            toast(told.refusal(refused), "danger")
            return
        finally:
            self._again.enable()
        await self._shown(it)
        toast(f"Meta says: {told.solution(it)[0][1]}.", "info")


class RedirectCard:
    """Where clients come back to."""

    def __init__(self, page: PageContext, shown: Shown) -> None:
        self._page, self._shown = page, shown
        rules = page.hub.integration.redirect_rules
        with section_card("Redirect URL", "Where clients go when they are done."):
            self._warning = note("alert", _NO_REDIRECT, "danger")
            self._warning.props["role"] = "alert"
            self._field = SavedField(
                "Redirect URL",
                self._save,
                help="The hub adds client and channels to its query. Clients who have begun keep "
                "the URL of their start.",
                placeholder="https://shop.example.com/whatsapp/done",
                check=lambda text: told.fault(rules.redirect_fault(text)),
                done="The redirect URL is saved.",
            )
            with tag("div", classes="h-actions"):
                self._test = button("Test", self._tested, icon="play", small=True)
                self._test.props["aria-label"] = "Test the redirect URL"
            self._answer = tag("div", classes="it-answer h-holder", role="status")
            self._origins = SavedField(
                "More origins (optional)",
                self._save_origins,
                help="One a line. A link may bring a redirect_url of its own on these origins, "
                "such as your test site. Any other is refused.",
                placeholder="https://test.example.com",
                check=self._wrong_origin,
                done="The origins are saved.",
                lines=2,
            )

    def show(self, it: IntegrationView) -> None:
        self._warning.set_visibility(not it.redirect_url)
        self._test.set_enabled(bool(it.redirect_url))
        self._field.show(it.redirect_url)
        self._origins.show(told.origins(it.extra_origins))

    async def _save(self, text: str) -> None:
        verb = self._page.hub.integration.set_redirect_url
        await self._shown(await self._page.call(verb, text))
        self._answer.clear()

    async def _save_origins(self, text: str) -> None:
        verb = self._page.hub.integration.set_extra_origins
        await self._shown(await self._page.call(verb, read_origins(text)))

    def _wrong_origin(self, text: str) -> str:
        wrong, code = self._page.hub.integration.redirect_rules.origins_fault(read_origins(text))
        if not code:
            return ""
        return f"{wrong}: {told.fault(code)}" if wrong else told.fault(code)

    async def _tested(self) -> None:
        self._test.disable()
        self._show_answer("Asking…")
        try:
            answer = await self._page.call(self._page.hub.integration.test_redirect)
        except (Conflict, InvalidInput) as refused:
            self._show_answer(told.refusal(refused))
        else:
            self._show_answer(answer)
        finally:
            self._test.enable()

    def _show_answer(self, answer: RedirectAnswer | str) -> None:
        self._answer.clear()
        with self._answer:
            if isinstance(answer, str):
                tag("span", answer, "quiet small")
                return
            badge, sentence = told.redirect_answer(answer)
            status_badge(*badge)
            tag("span", sentence, "small")
            tag("code", f"GET {answer.url}", "cut small", title=answer.url)


class RegionCard:
    """Where Meta stores the messages of new numbers."""

    def __init__(self, page: PageContext, shown: Shown) -> None:
        self._page, self._shown = page, shown
        with section_card("Storage region", "Where Meta stores the messages of new numbers."):
            self._field = SavedField(
                "Region of new numbers",
                self._save,
                help="Numbers that are registered already keep theirs.",
                options=told.region_options(),
                done="New numbers are registered there.",
            )

    def show(self, it: IntegrationView) -> None:
        self._field.show(it.region_default)

    async def _save(self, code: str) -> None:
        verb = self._page.hub.integration.set_region_default
        await self._shown(await self._page.call(verb, code))
