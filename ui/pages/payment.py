"""One payment: where mails lead, and where the bank's hosted check comes back to; live."""

from __future__ import annotations

from core.billing.payments.states import PaymentStatus, Purpose
from core.billing.payments.views import PaymentView
from core.errors import HubError
from core.ports import Notice
from ui import format as words
from ui.components import (
    button,
    link_button,
    note,
    page_header,
    section_card,
    set_badge,
    status_badge,
    tag,
)
from ui.context import PageContext
from ui.dialogs import toast
from ui.lists import Fact, definition_list
from ui.pages import payment_words
from ui.pages.top_up import confirm_payment


async def build(page: PageContext, payment_id: str) -> None:
    """Draw the section; raises NotFound for a payment that is not this partner's."""
    await PaymentPage(page, payment_id).draw()


class PaymentPage:
    """One open payment."""

    def __init__(self, page: PageContext, payment_id: str) -> None:
        self._page = page
        self._id = payment_id

    async def draw(self) -> None:
        self._page.follow(self._changed)
        payments = self._page.hub.billing.payments
        payment = await self._page.call(payments.payment, self._id)
        title = f"{payment_words.purpose(payment.purpose)}, {words.money(payment.gross)}"
        page_header(title, "", [("Balance", "/billing/balance"), ("Payments", "/billing/payments")])
        with tag("div", classes="stack"):
            with tag("div", classes="h-standing", role="status"):
                self._badge = status_badge("hourglass", "")
                self._said = tag("p")
            self._acts = tag("div", classes="h-actions")
            with section_card("Payment"):
                self._facts = definition_list(_facts(payment))
        self._show(payment)
        if payment.status is not PaymentStatus.SUCCEEDED:
            await self._look_again()

    async def _look_again(self) -> None:
        """The provider knows better than the row while its webhook is on the way."""
        try:
            verb = self._page.hub.billing.payments.look_again
            self._show(await self._page.call(verb, self._id))
        except HubError as refused:
            with self._acts:
                note("alert", payment_words.refused(refused), "warning")

    def _show(self, payment: PaymentView) -> None:
        set_badge(self._badge, *payment_words.status(payment.status))
        self._said.set_text(_sentence(payment))
        self._facts.show(_facts(payment))
        self._acts.clear()
        with self._acts:
            if payment.status is PaymentStatus.ACTION_REQUIRED:
                button("Confirm with your bank", self._confirm, kind="primary")
                button("Do not pay", self._give_up)
            elif payment.purpose is Purpose.INVOICE and payment.invoice_id:
                link_button("Open the invoice", f"/billing/invoices/{payment.invoice_id}")
            else:
                link_button("Open the balance", _balance(payment))

    async def _confirm(self) -> None:
        await confirm_payment(self._page, self._id)

    async def _give_up(self) -> None:
        try:
            verb = self._page.hub.billing.payments.give_up
            self._show(await self._page.call(verb, self._id))
        except HubError as refused:
            toast(payment_words.refused(refused), "danger")

    async def _changed(self, notices: list[Notice]) -> None:
        if any(notice.subject_id == self._id for notice in notices):
            verb = self._page.hub.billing.payments.payment
            self._show(await self._page.call(verb, self._id))


def _balance(payment: PaymentView) -> str:
    return "/billing/balance" + (f"?client={payment.client_id}" if payment.client_id else "")


def _sentence(payment: PaymentView) -> str:
    if payment.status is PaymentStatus.SUCCEEDED:
        return "It is paid. The invoice comes by mail and is in your list."
    if payment.status is PaymentStatus.DECLINED:
        return payment_words.declined(payment.decline_code)
    if payment.status is PaymentStatus.ACTION_REQUIRED:
        return "Your bank wants you to confirm this payment. Nothing is charged until you do."
    if payment.status is PaymentStatus.CANCELLED:
        return "Nothing was charged."
    return "The bank has not answered yet. This page changes by itself."


def _behind(payment: PaymentView) -> list[Fact]:
    """Where its figures go on: the invoice over them, and the bank's dispute."""
    invoice = f"/billing/invoices/{payment.invoice_id}"
    word, tone = payment_words.dispute(payment.dispute)
    return [
        *([Fact(label="Invoice", value="Show it", href=invoice)] if payment.invoice_id else []),
        *([Fact(label="Dispute", value=word, icon="alert", tone=tone)] if word else []),
    ]


def _facts(payment: PaymentView) -> list[Fact]:
    lines = [
        ("Amount", payment.net),
        ("Processing fee", payment.fee),
        ("VAT", payment.tax),
        ("Charged to the card", payment.gross),
        ("Refunded", payment.refunded),
    ]
    return [
        *[
            Fact(label=label, value=words.money(amount))
            for label, amount in lines
            if amount.micros or label == "Charged to the card"
        ],
        *_behind(payment),
        Fact(label="Begun", value=words.exact(payment.created_at), when=payment.created_at),
        Fact(label="Payment ID", value=payment.id, mono=True, copy=payment.id),
    ]
