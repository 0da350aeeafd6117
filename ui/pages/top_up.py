"""Top up: an amount, what it costs with fee and VAT, a card, and what became of it, live."""

from __future__ import annotations

from time import monotonic
from typing import Any

from nicegui import ui

from core.billing.payments.quoting import Quote
from core.billing.payments.states import PaymentStatus
from core.billing.payments.views import CardView, PaymentView
from core.errors import Conflict, HubError, InvalidInput
from core.ports import Notice
from ui import format as words
from ui.components import button, link_button, note, set_badge, status_badge, tag, text_field
from ui.context import PageContext
from ui.dialogs import toast
from ui.pages import payment_words

CARDS = "/billing/cards"
# A sum that replaced another has to stand there for so long before it can be paid; *seconds*.
_LOOK = 1.0
_USUAL = ("100", "250", "500", "1000")


class TopUpButton:
    """The page's primary action; hand it the page's notices by `changed`."""

    def __init__(self, page: PageContext, client_id: str = "") -> None:
        self._page = page
        self._client = client_id
        self._open_one: TopUpDialog | None = None
        button("Top up", self.open, kind="primary", icon="add")

    async def open(self) -> None:
        """Ask how much, from which card."""
        payments = self._page.hub.billing.payments
        cards = await self._page.call(payments.cards, client_id=self._client)
        self._open_one = TopUpDialog(self._page, self._client, cards)

    async def changed(self, notices: list[Notice]) -> None:
        """A payment has moved: the open dialog shows how it stands."""
        if self._open_one is not None:
            await self._open_one.changed(notices)


class TopUpDialog:
    """One top-up, from the amount to its end."""

    def __init__(self, page: PageContext, client_id: str, cards: list[CardView]) -> None:
        self._page = page
        self._client = client_id
        self._cards = {card.id: card for card in cards if not card.has_expired}
        self._quote: Quote | None = None
        self._was_shown = False
        self._seen_from = 0.0
        self._payment: PaymentView | None = None
        with ui.dialog() as self._dialog, ui.card().classes("h-dialog"):
            self._dialog.props["aria-label"] = "Top up"
            tag("h2", "Top up")
            self._room = tag("div", classes="stack")
        with self._room:
            self._draw_form() if self._cards else self._draw_no_card()
        self._dialog.on("hide", self._closed)
        self._dialog.open()

    def _draw_no_card(self) -> None:
        tag("p", "There is no card to charge yet. Add one first; it takes a minute.")
        with tag("div", classes="h-actions"):
            button("Cancel", self._dialog.close)
            client = f"?client={self._client}" if self._client else ""
            link_button("Add a card", f"{CARDS}{client}", kind="primary")

    def _draw_form(self) -> None:
        self._amount = text_field("Amount of credit", placeholder="250")
        self._amount.props("inputmode=decimal autofocus autocomplete=off debounce=250")
        with tag("div", classes="h-chips", role="group", aria_label="Usual amounts"):
            for usual in _USUAL:
                tag("button", usual, "h-chip", type="button").on(
                    "click", lambda usual=usual: self._choose(usual), args=[]
                )
        options = {id_: payment_words.card(card) for id_, card in self._cards.items()}
        with tag("div", classes="h-field"):
            above = tag("label", "Card")
            self._card = ui.select(options, value=next(iter(options)))
            self._card.props("outlined dense hide-bottom-space")
            above.props["for"] = self._card.props["for"] = f"field-{self._card.id}"
        self._sum = tag("dl", classes="h-sum", aria_live="polite")
        self._refused = tag("div")
        with tag("div", classes="h-actions"):
            button("Cancel", self._dialog.close)
            self._pay = button("Pay", self._paid, kind="primary")
            self._pay.disable()
        self._amount.on_value_change(self._priced)
        self._amount.on("keydown.enter", self._paid, args=[])

    def _choose(self, usual: str) -> None:
        self._amount.value = usual

    async def _priced(self) -> None:
        """The amount was changed: say what it will cost."""
        amount = str(self._amount.value or "").strip()
        self._quote = None
        self._amount.error = None
        if amount:
            try:
                verb = self._page.hub.billing.payments.quote_top_up
                quote = await self._page.call(verb, amount, client_id=self._client)
            except InvalidInput as wrong:
                self._amount.error = payment_words.refused(wrong)
            else:
                if amount == str(self._amount.value or "").strip():
                    self._quote = quote
                    # Whoever presses now may still mean the sum that stood there before.
                    self._seen_from = monotonic() + _LOOK if self._was_shown else 0.0
                    self._was_shown = True
        self._show_sum()

    def _show_sum(self) -> None:
        self._sum.clear()
        quote = self._quote
        self._pay.set_enabled(quote is not None)
        self._pay.set_text(f"Pay {words.money(quote.gross)}" if quote else "Pay")
        if quote is None:
            return
        with self._sum:
            for word, amount in (
                ("Credit", quote.net),
                ("Processing fee", quote.fee),
                ("VAT", quote.tax),
                ("Charged to the card", quote.gross),
            ):
                with tag("div"):
                    tag("dt", word)
                    tag("dd", words.money(amount), "figure")

    async def _paid(self) -> None:
        if self._quote is None or monotonic() < self._seen_from:
            return
        self._pay.disable()
        self._refused.clear()
        verb = self._page.hub.billing.payments.top_up
        amount = str(self._amount.value or "")
        try:
            payment = await self._page.call(
                verb, amount, str(self._card.value), self._quote, client_id=self._client
            )
        except (Conflict, InvalidInput) as refused:
            await self._priced()
            with self._refused:
                note("alert", payment_words.refused(refused), "danger")
            return
        self._follow(payment)

    def _follow(self, payment: PaymentView) -> None:
        if self._dialog.is_deleted:  # closed while it was begun; the balance tells the rest
            return
        self._payment = payment
        self._room.clear()
        with self._room:
            self._badge = status_badge("hourglass", "")
            self._said = tag("p", role="status")
            self._acts = tag("div", classes="h-actions")
        self._show(payment)

    async def changed(self, notices: list[Notice]) -> None:
        """Read the payment again when it was told of."""
        payment = self._payment
        if payment is None or all(notice.subject_id != payment.id for notice in notices):
            return
        verb = self._page.hub.billing.payments.payment
        self._show(await self._page.call(verb, payment.id))

    def _show(self, payment: PaymentView) -> None:
        set_badge(self._badge, *payment_words.status(payment.status))
        self._said.set_text(_sentence(payment))
        self._acts.clear()
        with self._acts:
            if payment.status is PaymentStatus.ACTION_REQUIRED:
                button("Close", self._dialog.close)
                button("Confirm with your bank", self._confirm, kind="primary")
            elif payment.status is PaymentStatus.DECLINED:
                button("Close", self._dialog.close)
                button("Try another way", self._again, kind="primary")
            else:
                done = payment.status is PaymentStatus.SUCCEEDED
                button("Done" if done else "Close", self._dialog.close, kind="primary")

    async def _confirm(self) -> None:
        if self._payment is not None:
            await confirm_payment(self._page, self._payment.id)

    def _again(self) -> None:
        self._payment = self._quote = None
        self._room.clear()
        with self._room:
            self._draw_form()

    def _closed(self) -> None:
        self._payment = None
        self._dialog.delete()


async def confirm_payment(page: PageContext, payment_id: str) -> None:
    """Lead to the bank's hosted check, which comes back to the payment's page."""
    try:
        url: Any = await page.call(page.hub.billing.payments.confirm, payment_id)
    except HubError as refused:
        toast(payment_words.refused(refused), "danger")
        return
    ui.navigate.to(url or f"/billing/payments/{payment_id}")


def _sentence(payment: PaymentView) -> str:
    if payment.status is PaymentStatus.SUCCEEDED:
        return f"{words.money(payment.net)} are on the balance. The invoice is on its way by mail."
    if payment.status is PaymentStatus.DECLINED:
        return payment_words.declined(payment.decline_code)
    if payment.status is PaymentStatus.ACTION_REQUIRED:
        return "Your bank wants you to confirm this payment. Nothing is charged until you do."
    if payment.status is PaymentStatus.CANCELLED:
        return "Nothing was charged."
    return "You may close this. The balance changes by itself once the bank has answered."
