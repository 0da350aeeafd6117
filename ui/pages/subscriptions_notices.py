"""What has to be read before the rest of the subscription: what is unpaid, planned, under way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from core.billing.invoices.document import InvoiceKind
from core.billing.invoices.entities import Invoice
from core.billing.invoices.listing import InvoiceQuery
from core.billing.invoices.statuses import InvoiceStatus
from core.errors import HubError
from core.ports import Notice
from core.subscriptions.states import PlanName, SubscriptionState, UpgradeStatus
from core.subscriptions.views import Overview
from core.support.states import RequestKind
from ui import format as words
from ui.components import button, link_button, note, tag
from ui.context import PageContext
from ui.dialogs import toast
from ui.pages import invoice_words
from ui.pages import subscriptions_words as told
from ui.pages.pay_invoice import PayDialog

UPGRADE = "/billing/subscriptions/upgrade"
_UNPAID = InvoiceQuery(
    statuses=(InvoiceStatus.UNPAID,),
    kinds=(InvoiceKind.PLAN, InvoiceKind.LICENCES),
    client_id="",
)
_STOPPED = "New clients cannot be connected until it is paid; everything else goes on."


class Notices:
    """A stack above the page; `reload` is called after an act."""

    def __init__(self, page: PageContext, reload: Callable[[], Awaitable[None]]) -> None:
        self._page = page
        self._reload = reload
        self._pay: PayDialog | None = None
        self._was: tuple[object, ...] = ()
        self._room = tag("div", classes="stack-tight h-holder")
        # Whoever pays goes on paying while a change draws the notices anew.
        self._dialogs = tag("div", classes="h-holder")

    async def load(self, it: Overview) -> None:
        """Say what there is to say now."""
        verb = self._page.hub.billing.invoices.invoices
        found = (await self._page.call(verb, _UNPAID)).rows
        asked = await self._asked(it)
        planned = (it.state, it.plan, it.next_plan, it.next_plan_on, it.ends_on, it.open_change)
        shown = (*planned, asked, it.is_unpaid, tuple(invoice.id for invoice in found))
        if shown == self._was or self._room.is_deleted:
            return
        self._was = shown
        self._room.clear()
        with self._room:
            if found:
                self._tell_unpaid(it, _first_to_pay(it, found), len(found))
            self._tell_upgrade(it)
            self._tell_planned(it)
            if asked:
                _tell_asked(asked)

    async def _asked(self, it: Overview) -> str:
        """The conversation in which a downgrade waits for Support; '' for none."""
        is_possible = it.plan is PlanName.PREMIUM and it.next_plan is None
        if not is_possible or it.state is not SubscriptionState.ACTIVE:
            return ""
        found = await self._page.call(self._page.hub.support.asked, RequestKind.DOWNGRADE)
        return next(iter(found.values()), "")

    async def changed(self, notices: list[Notice]) -> None:
        """A payment has moved: the open dialog shows how it stands."""
        if self._pay is not None:
            await self._pay.changed(notices)

    def _tell_unpaid(self, it: Overview, first: Invoice, number: int) -> None:
        amount = words.money(invoice_words.gross(first))
        follows = _STOPPED if it.is_unpaid else "Pay it, or the card is tried again."
        others = f" {_others(number - 1)}" if number > 1 else ""
        with note("alert", f"{first.number} over {amount} is unpaid. {follows}{others}", "danger"):
            button("Pay now", lambda: self._open_pay(first), small=True)

    async def _open_pay(self, invoice: Invoice) -> None:
        self._pay = PayDialog(self._page, invoice)
        with self._dialogs:
            await self._pay.open()

    def _tell_upgrade(self, it: Overview) -> None:
        change = it.open_change
        if change is None:
            return
        asks = change.status is UpgradeStatus.ACTION_REQUIRED
        state = "waits for the bank's confirmation" if asks else "is being charged"
        plan = told.plan(change.to_plan)
        text = f"The upgrade to {plan} over {words.money(change.gross)} {state}."
        with note(*(("shield", text, "warning") if asks else ("hourglass", text, "info"))):
            link_button("Show it", f"{UPGRADE}?change={change.id}").classes("h-btn-small")

    def _tell_planned(self, it: Overview) -> None:
        subscriptions = self._page.hub.subscriptions
        if it.state is SubscriptionState.ENDED:
            note("ban", f"The subscription ended on {told.day(it.ends_on)}. {_KEPT}", "neutral")
        elif it.state is SubscriptionState.CANCELLING:
            text = f"Cancelled: everything works until {told.day(it.ends_on)}, then numbers stop."
            with note("hourglass", f"{text} You can take it back until then.", "warning"):
                button(
                    "Take it back",
                    lambda: self._take_back(subscriptions.take_back_cancel),
                    small=True,
                )
        elif it.next_plan is not None:
            text = f"{told.plan(it.next_plan)} starts on {told.day(it.next_plan_on)}."
            with note("clock", f"{text} Until then you stay on {told.plan(it.plan)}.", "info"):
                button(
                    f"Stay on {told.plan(it.plan)}",
                    lambda: self._take_back(subscriptions.take_back_downgrade),
                    small=True,
                )

    async def _take_back(self, verb: Callable[..., Overview]) -> None:
        with self._dialogs:  # the button is drawn anew as soon as it is told
            try:
                await self._page.call(verb)
            except HubError as refused:
                toast(told.refused(refused), "warning")
            else:
                toast("Taken back. Everything goes on as before.")
        await self._reload()


def _tell_asked(conversation_id: str) -> None:
    with note("support", "Support was asked for a downgrade. ", "info"):
        tag("a", "Open the conversation", "h-inline", href=f"/support/{conversation_id}")


def _first_to_pay(it: Overview, unpaid: Sequence[Invoice]) -> Invoice:
    """The oldest; while new clients are stopped, the oldest of those that stop them."""
    stopping = [invoice for invoice in unpaid if invoice.kind == InvoiceKind.PLAN]
    return stopping[-1] if it.is_unpaid and stopping else unpaid[-1]


def _others(number: int) -> str:
    return "Another one is unpaid, too." if number == 1 else f"{number} others are unpaid too."


_KEPT = "Invoices and data stay here to be read. Write to Support to start again."
