"""Another licence for one number: from when it counts and what it costs, before it is changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from core.errors import HubError
from core.subscriptions.states import Tier
from core.subscriptions.views import LicenceRow, TierPreview
from ui import format as words
from ui.components import button, link_button, note, tag
from ui.context import PageContext
from ui.dialogs import toast
from ui.lists import FilterChips
from ui.pages import subscriptions_words as told

_PLAN = "/billing/subscriptions"
_UPGRADE = f"{_PLAN}/upgrade"


class TierDialog:
    """Open from the start; `changed` is called once the licence is another one."""

    def __init__(
        self,
        page: PageContext,
        row: LicenceRow,
        changed: Callable[[], Awaitable[None]],
        *,
        is_premium: bool,
    ) -> None:
        self._page = page
        self._row = row
        self._changed = changed
        self._is_premium = is_premium
        self._tier: Tier | None = None
        self._number = words.phone(row.phone_number) or row.name
        with ui.dialog() as self._dialog, ui.card().classes("h-dialog"):
            self._dialog.props["aria-label"] = title = f"Licence of {self._number}"
            tag("h2", title)
            tag("p", f"It is {told.tier(row.tier)} now, at {words.money(row.price)} a month.")
            options = {each.value: told.tier(each) for each in Tier if each is not row.tier}
            FilterChips(options, "", self._choose, "New licence")
            self._sum = tag("dl", classes="h-sum", aria_live="polite")
            self._said = tag("div")
            with tag("div", classes="h-actions"):
                button("Cancel", self._dialog.close)
                self._do = button("Change", self._change, kind="primary")
                self._do.disable()
        self._dialog.on("hide", self._dialog.delete)
        self._dialog.open()

    async def _choose(self, chosen: str) -> None:
        """Say what it would cost, and from when."""
        tier = self._tier = Tier(chosen)
        self._do.disable()
        self._sum.clear()
        self._said.clear()
        try:
            verb = self._page.hub.subscriptions.preview_tier
            preview = await self._page.call(verb, self._row.channel_id, tier)
        except HubError as refused:
            if tier is self._tier:
                self._refuse(refused)
            return
        if tier is self._tier and not self._dialog.is_deleted:
            self._show(preview)

    def _show(self, preview: TierPreview) -> None:
        self._do.set_text(f"Change to {told.tier(preview.to_tier)}")
        self._do.enable()
        with self._sum:
            _line("From", told.day(preview.effective_on))
            if preview.pro_rata.micros:
                _line("For the rest of this month", words.money(preview.pro_rata))
            _line("Then a month, before VAT", words.money(preview.monthly))
        with self._said:
            tag("p", _when(preview), "small")

    def _refuse(self, refused: HubError) -> None:
        with self._said, note("alert", told.refused(refused), "warning"):
            if refused.code == "tier_not_in_plan" and not self._is_premium:
                link_button("Upgrade to Premium", _UPGRADE).classes("h-btn-small")
            elif refused.code == "tier_not_in_next_plan":
                link_button("Show your plan", _PLAN).classes("h-btn-small")

    async def _change(self) -> None:
        if self._tier is None:
            return
        self._do.disable()
        self._said.clear()
        try:
            verb = self._page.hub.subscriptions.change_tier
            row = await self._page.call(verb, self._row.channel_id, self._tier)
        except HubError as refused:
            self._refuse(refused)
            return
        self._dialog.close()
        toast(_done(self._number, row))
        await self._changed()


def _line(word: str, figure: str) -> None:
    with tag("div"):
        tag("dt", word)
        tag("dd", figure, "figure")


def _when(preview: TierPreview) -> str:
    if preview.pro_rata.micros:
        return "The rest of this month is on the invoice of its last day, VAT on top."
    return "Until then nothing changes, and you can take it back."


def _done(number: str, row: LicenceRow) -> str:
    if row.next_tier is not None:
        return f"{number} becomes {told.tier(row.next_tier)} on {told.day(row.next_from)}."
    return f"{number} is {told.tier(row.tier)} now."
