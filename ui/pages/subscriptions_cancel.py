"""Cancel: the policy, what stands against it, the reason, and the day on which all of it ends."""

from __future__ import annotations

from nicegui import ui

from core.errors import HubError, InvalidInput
from core.ports import Notice
from core.subscriptions.states import CancelReason, SubscriptionState
from core.subscriptions.views import CancelPreview, Overview
from ui.components import button, empty_state, link_button, note, page_header, section_card, tag
from ui.context import PageContext
from ui.dialogs import toast
from ui.lists import Fact, definition_list
from ui.pages import subscriptions_words as told
from ui.pages.subscriptions import PATH
from ui.pages.subscriptions_leaving import Against, Policy, Reason

_SENTENCE = "Look at what follows first. It can be taken back until the last day."
# What is missing stands beside its question, which may be far above the button.
_TO_FAULT = 'document.querySelector(".h-fault:not(:empty)")?.scrollIntoView({block: "center"})'
_ABOUT = frozenset({"subscription", "licence", "invoice", "payment", "channel"})


async def build(page: PageContext) -> None:
    """Draw the section and keep it live."""
    await Cancel(page).draw()


class Cancel:
    """One open page; what was typed stays while the facts change."""

    def __init__(self, page: PageContext) -> None:
        self._page = page
        self._preview: CancelPreview | None = None
        self._readings = 0

    async def draw(self) -> None:
        self._page.follow(self._changed)
        page_header("Cancel the subscription", _SENTENCE, [("Subscriptions", PATH)])
        self._room = tag("div", classes="stack")
        await self._load()

    async def _load(self) -> None:
        """Show what would follow now; a reading that began later knows better."""
        self._readings = reading = self._readings + 1
        subscriptions = self._page.hub.subscriptions
        it = await self._page.call(subscriptions.overview)
        is_possible = it.state is SubscriptionState.ACTIVE and it.open_change is None
        preview = await self._page.call(subscriptions.preview_cancel) if is_possible else None
        if reading == self._readings and not self._room.is_deleted:
            self._draw(it, preview)

    def _draw(self, it: Overview, preview: CancelPreview | None) -> None:
        if it.state is not SubscriptionState.ACTIVE:
            self._draw_over(it)
            return
        if preview is None:
            self._draw_upgrade()
            return
        if self._preview is None:
            self._room.clear()
            with self._room:
                self._draw_form(it)
        self._show(preview)

    def _draw_form(self, it: Overview) -> None:
        with tag("div", classes="columns"):
            with tag("div", classes="stack"):
                self._policy = Policy(it)
                self._against = Against(self._page)
                self._reason = Reason()
            with tag("div", classes="stack h-sticky"), section_card("In short"):
                self._facts = definition_list([])
                self._first = tag("p", "Pay what is open first; then you can cancel.", "small")
                self._said = tag("div", classes="h-holder")
                with tag("div", classes="h-actions"):
                    self._do = button("Cancel the subscription", self._cancel, kind="danger")
                    link_button("Keep it", PATH, kind="quiet")

    def _show(self, preview: CancelPreview) -> None:
        if preview == self._preview:
            return
        self._preview = preview
        self._policy.show(preview)
        self._against.show(preview)
        self._facts.show(_facts(preview))
        self._do.set_text(f"Cancel as of {told.day(preview.ends_on)}")
        self._do.set_enabled(not preview.unpaid)
        self._first.set_visibility(bool(preview.unpaid))

    async def _cancel(self) -> None:
        preview, reason = self._preview, self._reason.chosen()
        knows = self._against.knows()
        if preview is None or reason is None or not knows:
            ui.run_javascript(_TO_FAULT)
            return
        self._do.disable()
        self._said.clear()
        with self._room:  # the button is gone as soon as the page hears of it
            await self._submit(preview, reason)

    async def _submit(self, preview: CancelPreview, reason: CancelReason) -> None:
        try:
            it = await self._page.call(
                self._page.hub.subscriptions.cancel,
                token=preview.token,
                reason=reason,
                text=self._reason.text,
                knows_numbers=True,
            )
        except HubError as refused:
            await self._refused(refused)
            return
        toast(f"Cancelled. Everything works until {told.day(it.ends_on)}.")
        ui.navigate.to(PATH)

    async def _refused(self, refused: HubError) -> None:
        """Nothing was cancelled: say why, and show what holds now."""
        if isinstance(refused, InvalidInput) and refused.code == "text_too_long":
            self._reason.refuse(told.refused(refused))
        await self._load()
        if not self._said.is_deleted:
            with self._said:
                note("alert", told.refused(refused), "warning").props("role=alert")
            self._do.set_enabled(self._preview is not None and not self._preview.unpaid)

    def _draw_over(self, it: Overview) -> None:
        self._preview = None
        self._room.clear()
        day = told.day(it.ends_on)
        with self._room:
            if it.state is SubscriptionState.ENDED:
                title, why = f"It ended on {day}", "Invoices and data stay here to be read."
            else:
                title = f"It is cancelled and ends on {day}"
                why = "Until then everything works as ever, and you can take it back."
            with empty_state("hourglass", title, why):
                if it.state is SubscriptionState.CANCELLING:
                    button("Take it back", self._take_back)
                link_button("Back to Subscriptions", PATH, kind="primary")

    def _draw_upgrade(self) -> None:
        self._preview = None
        self._room.clear()
        why = "Once it is through, or given up, you can cancel."
        with self._room, empty_state("hourglass", "An upgrade is under way", why):
            link_button("Show the upgrade", f"{PATH}/upgrade", kind="primary")

    async def _take_back(self) -> None:
        with self._room:  # the button is gone as soon as the page hears of it
            try:
                await self._page.call(self._page.hub.subscriptions.take_back_cancel)
            except HubError as refused:
                toast(told.refused(refused), "warning")
            else:
                toast("Taken back. Everything goes on as before.")
            await self._load()

    async def _changed(self, notices: list[Notice]) -> None:
        if self._preview is not None:
            await self._against.changed(notices)
        if any(notice.subject_type in _ABOUT for notice in notices):
            await self._load()


def _facts(preview: CancelPreview) -> list[Fact]:
    unpaid = len(preview.unpaid)
    return [
        Fact(label="Last day", value=told.day(preview.ends_on)),
        Fact(
            label="Notice",
            value=f"{preview.notice_days} days",
            hint="to the end of a calendar month" if preview.to_month_end else "",
        ),
        Fact(label="Active numbers", value=str(preview.active_numbers)),
        Fact(label="Unpaid", value=str(unpaid) if unpaid else "Nothing"),
    ]
