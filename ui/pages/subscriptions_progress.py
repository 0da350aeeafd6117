"""How an upgrade stands, from the confirmation to its invoice; told by `show`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from core.errors import HubError
from core.subscriptions.states import PlanName, UpgradeStatus
from core.subscriptions.views import UpgradeView
from ui import format as words
from ui.components import Tone, button, link_button, tag
from ui.context import PageContext
from ui.dialogs import toast
from ui.pages import subscriptions_words as told
from ui.pages.invoice_files import download
from ui.pages.top_up import CARDS, confirm_payment

_PATH = "/billing/subscriptions"
_OPEN = frozenset({UpgradeStatus.CHARGING, UpgradeStatus.ACTION_REQUIRED})
_ICONS: dict[UpgradeStatus, tuple[str, Tone]] = {
    UpgradeStatus.CHARGING: ("hourglass", "info"),
    UpgradeStatus.ACTION_REQUIRED: ("shield", "warning"),
    UpgradeStatus.DONE: ("check-circle", "success"),
    UpgradeStatus.DECLINED: ("cross-circle", "danger"),
    UpgradeStatus.WITHDRAWN: ("ban", "neutral"),
}


class Progress:
    """One upgrade; `again` leads to a new preview after one that came to nothing."""

    def __init__(
        self, page: PageContext, change: UpgradeView, again: Callable[[], Awaitable[None]]
    ) -> None:
        self._page = page
        self._again = again
        self.change_id = change.id
        self._change = change
        with tag("section", classes="h-state"):
            self._icon = tag("span", aria_hidden="true")
            with tag("div", classes="stack-tight", role="status").style("align-items: center"):
                self._title = tag("h2")
                self._said = tag("p")
            self._acts = tag("div", classes="h-actions")
        self._draw(change)

    @property
    def is_open(self) -> bool:
        """The card may still be charged."""
        return self._change.status in _OPEN

    @property
    def payment_id(self) -> str:
        return self._change.payment_id

    def show(self, change: UpgradeView) -> None:
        """How it stands now."""
        if change != self._change:
            self._change = change
            self._draw(change)

    def _draw(self, change: UpgradeView) -> None:
        icon, tone = _ICONS[change.status]
        self._icon.classes(replace=f"h-state-icon i i-{icon} tone-{tone}")
        title, sentence = _words(change)
        self._title.set_text(title)
        self._said.set_text(sentence)
        self._acts.clear()
        with self._acts:
            self._draw_acts(change)

    def _draw_acts(self, change: UpgradeView) -> None:
        status = change.status
        if status is UpgradeStatus.ACTION_REQUIRED:
            button("Do not upgrade", self._give_up)
            button("Confirm with your bank", self._confirm, kind="primary")
        elif status is UpgradeStatus.DECLINED:
            link_button("Add a card", CARDS)
            button("Try again", self._again, kind="primary")
        elif status is UpgradeStatus.WITHDRAWN:
            link_button("Back to Subscriptions", _PATH)
            button("Look at it again", self._again, kind="primary")
        elif status is UpgradeStatus.DONE:
            invoice_id = change.invoice_id
            button("Download PDF", lambda: download(self._page, invoice_id), icon="download")
            link_button("Open the invoice", f"/billing/invoices/{invoice_id}")
            link_button("Back to Subscriptions", _PATH, kind="primary")
        else:
            link_button("Back to Subscriptions", _PATH)

    async def _confirm(self) -> None:
        await confirm_payment(self._page, self._change.payment_id)

    async def _give_up(self) -> None:
        try:
            verb = self._page.hub.subscriptions.give_up_upgrade
            self.show(await self._page.call(verb, self.change_id))
        except HubError as refused:
            toast(told.refused(refused), "danger")


def _words(change: UpgradeView) -> tuple[str, str]:
    """What happened, what is kept, what to do."""
    plan, amount = told.plan(change.to_plan), words.money(change.gross)
    before = told.plan(PlanName.GROWTH)
    return {
        UpgradeStatus.CHARGING: (
            "Your card is being charged",
            f"{plan} starts as soon as the bank has answered over {amount}. You may close this "
            "page; nothing gets lost, and nothing is charged twice.",
        ),
        UpgradeStatus.ACTION_REQUIRED: (
            "Your bank wants you to confirm the payment",
            f"It is a payment of {amount}. Until you confirm, nothing is charged and you stay on "
            f"{before}.",
        ),
        UpgradeStatus.DONE: (
            f"You are on {plan}",
            f"{amount} were charged. Invoice {change.invoice_number} is in your list and on its "
            "way by mail.",
        ),
        UpgradeStatus.DECLINED: (
            "The card was declined",
            f"Nothing was charged and you stay on {before}. {told.declined(change.decline_code)}",
        ),
        UpgradeStatus.WITHDRAWN: (
            "The upgrade was given up",
            f"Nothing was charged and you stay on {before}.",
        ),
    }[change.status]
