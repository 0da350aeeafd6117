"""Pay now: one open invoice, one card, and what became of it, live."""

from __future__ import annotations

from nicegui import ui

from core.billing.invoices.entities import Invoice
from core.billing.payments.states import PaymentStatus
from core.billing.payments.views import PaymentView
from core.errors import HubError
from core.money import Money
from core.ports import Notice
from ui import format as words
from ui.components import button, link_button, note, set_badge, status_badge, tag
from ui.context import PageContext
from ui.pages import payment_words
from ui.pages.top_up import CARDS, confirm_payment


class PayDialog:
    """One invoice being paid; hand it the page's notices by `changed`."""

    def __init__(self, page: PageContext, invoice: Invoice) -> None:
        self._page = page
        self._invoice = invoice
        self._payment: PaymentView | None = None

    async def open(self) -> None:
        """Ask which card."""
        payments = self._page.hub.billing.payments
        cards = await self._page.call(payments.cards, client_id=self._invoice.client_id)
        usable = {card.id: payment_words.card(card) for card in cards if not card.has_expired}
        invoice = self._invoice
        amount = words.money(Money(invoice.payable_micros, invoice.currency))
        with ui.dialog() as self._dialog, ui.card().classes("h-dialog"):
            self._dialog.props["aria-label"] = f"Pay {invoice.number}"
            tag("h2", f"Pay {invoice.number}")
            self._room = tag("div", classes="stack")
        with self._room:
            if usable:
                self._draw_form(usable, amount)
            else:
                self._draw_no_card()
        self._dialog.on("hide", self._closed)
        self._dialog.open()

    def _draw_form(self, cards: dict[str, str], amount: str) -> None:
        tag("p", f"{amount} are charged to the card, VAT included.")
        with tag("div", classes="h-field"):
            above = tag("label", "Card")
            self._card = ui.select(cards, value=next(iter(cards)))
            self._card.props("outlined dense hide-bottom-space")
            above.props["for"] = self._card.props["for"] = f"field-{self._card.id}"
        self._refused = tag("div")
        with tag("div", classes="h-actions"):
            button("Cancel", self._dialog.close)
            self._pay = button(f"Pay {amount}", self._paid, kind="primary")

    def _draw_no_card(self) -> None:
        tag("p", "There is no card to charge yet. Add one first; it takes a minute.")
        client = f"?client={self._invoice.client_id}" if self._invoice.client_id else ""
        with tag("div", classes="h-actions"):
            button("Cancel", self._dialog.close)
            link_button("Add a card", f"{CARDS}{client}", kind="primary")

    async def _paid(self) -> None:
        self._pay.disable()
        self._refused.clear()
        try:
            verb = self._page.hub.billing.payments.pay_invoice
            payment = await self._page.call(verb, self._invoice.id, str(self._card.value))
        except HubError as refused:
            with self._refused:
                note("alert", payment_words.refused(refused), "danger")
            self._pay.enable()
            return
        self._payment = payment
        self._room.clear()
        with self._room:
            self._badge = status_badge("hourglass", "")
            self._said = tag("p", role="status")
            self._acts = tag("div", classes="h-actions")
        self._show(payment)

    async def changed(self, notices: list[Notice]) -> None:
        """Read the payment again when it, or its invoice, was told of."""
        payment = self._payment
        about = {notice.subject_id for notice in notices}
        if payment is None or not about & {payment.id, self._invoice.id}:
            return
        verb = self._page.hub.billing.payments.payment
        self._show(await self._page.call(verb, payment.id))

    def _show(self, payment: PaymentView) -> None:
        set_badge(self._badge, *payment_words.status(payment.status))
        self._said.set_text(_sentence(payment))
        self._acts.clear()
        with self._acts:
            button("Close", self._dialog.close)
            if payment.status is PaymentStatus.ACTION_REQUIRED:
                button(
                    "Confirm with your bank",
                    lambda: confirm_payment(self._page, payment.id),
                    kind="primary",
                )

    def _closed(self) -> None:
        self._payment = None
        self._dialog.delete()


def _sentence(payment: PaymentView) -> str:
    if payment.status is PaymentStatus.SUCCEEDED:
        return "The invoice is paid."
    if payment.status is PaymentStatus.DECLINED:
        return payment_words.declined(payment.decline_code)
    if payment.status is PaymentStatus.ACTION_REQUIRED:
        return "Your bank wants you to confirm this payment. Nothing is charged until you do."
    return "You may close this. The invoice changes by itself once the bank has answered."
