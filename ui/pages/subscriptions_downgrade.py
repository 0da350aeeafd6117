"""What a downgrade would mean; asked of Support, or done here where the operator lets owners."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from core.errors import HubError
from core.subscriptions.views import DowngradePreview, Overview
from ui import format as words
from ui.components import button, link_button, note, tag
from ui.context import PageContext
from ui.dialogs import toast
from ui.lists import Fact, definition_list
from ui.pages import subscriptions_words as told

ASK_SUPPORT = "/support?ask=downgrade"
_LICENCES = "/billing/subscriptions/licences"


async def open_downgrade(page: PageContext, reload: Callable[[], Awaitable[None]]) -> None:
    """Show the preview in a dialog; says in passing when a downgrade is not possible now."""
    subscriptions = page.hub.subscriptions
    try:
        preview = await page.call(subscriptions.preview_downgrade)
    except HubError as refused:
        toast(told.refused(refused), "warning")
        return
    _Downgrade(page, preview, await page.call(subscriptions.overview), reload)


class _Downgrade:
    """One open question."""

    def __init__(
        self,
        page: PageContext,
        preview: DowngradePreview,
        it: Overview,
        reload: Callable[[], Awaitable[None]],
    ) -> None:
        self._page = page
        self._preview = preview
        self._reload = reload
        self._title = f"Downgrade to {told.plan(preview.to)}"
        with ui.dialog() as self._dialog, ui.card().classes("h-dialog"):
            self._dialog.props["aria-label"] = self._title
            tag("h2", self._title)
            tag("p", f"Until {told.day(it.period_last)} nothing changes. It can be taken back.")
            definition_list(_facts(preview))
            self._refused = tag("div")
            self._draw_acts(it)
        self._dialog.on("hide", self._dialog.delete)
        self._dialog.open()

    def _draw_acts(self, it: Overview) -> None:
        against = len(self._preview.against)
        if against:
            numbers = words.count(against, "number has", "numbers have")
            plan = told.plan(self._preview.to)
            note("alert", f"{numbers} a licence that {plan} does not include.", "warning")
        with tag("div", classes="h-actions"):
            button("Cancel", self._dialog.close)
            if against:
                link_button("Change licences", _LICENCES, kind="primary")
            elif it.may_downgrade_self:
                button(self._title, self._do, kind="primary")
            else:
                link_button("Ask Support", ASK_SUPPORT, kind="primary")

    async def _do(self) -> None:
        self._refused.clear()
        try:
            await self._page.call(self._page.hub.subscriptions.downgrade_self)
        except HubError as refused:
            with self._refused:
                note("alert", told.refused(refused), "danger")
            return
        self._dialog.close()
        toast(f"{told.plan(self._preview.to)} from {told.day(self._preview.effective_on)} on.")
        await self._reload()


def _facts(preview: DowngradePreview) -> list[Fact]:
    return [
        Fact(label="From", value=told.day(preview.effective_on)),
        Fact(label="Price a month", value=words.money(preview.new_price), hint="before VAT"),
        Fact(label="Saves a month", value=words.money(preview.saves), hint="before VAT"),
    ]
