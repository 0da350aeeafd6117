"""Refund the rest: credit of a client whose numbers have all ended goes back to its cards."""

from __future__ import annotations

from core.billing.payments.refund_parts import Refundable
from core.billing.payments.views import RefundView
from core.errors import HubError
from ui import format as words
from ui.components import button, section_card, tag, viewer_zone
from ui.context import PageContext
from ui.dialogs import confirm, toast
from ui.elements.data_table import Column, DataTable, Row, badge_cell, time_cell
from ui.pages import payment_words
from ui.pages.balance_limits import plain

_WHY = "no number works any more"
_NOTHING = "Nothing can be refunded: no unspent credit is left that a card has paid for."
_COLUMNS = (
    Column(key="begun", title="Begun"),
    Column(key="status", title="Status"),
    Column(key="amount", title="Amount", right=True),
)


class RefundCard:
    """Hidden until the client has left; `load` reads how it stands."""

    def __init__(self, page: PageContext, client_id: str) -> None:
        self._page = page
        self._client = client_id
        with tag("div") as self._place:
            self._room = tag("div")
            # Whoever confirms goes on while a change draws the card anew.
            self._dialogs = tag("div")
        self._place.set_visibility(False)

    async def load(self) -> None:
        """As it stands now."""
        billing, call = self._page.hub.billing, self._page.call
        has_left = await call(billing.balance.has_left, self._client)
        self._place.set_visibility(has_left)
        if not has_left:
            self._room.clear()
            return
        offer = await call(billing.payments.refundable, client_id=self._client)
        refunds = await call(billing.payments.refunds, client_id=self._client)
        self._room.clear()
        sentence = "None of this client's numbers works any more, so its credit can go back."
        with self._room, section_card("Refund the rest", sentence):
            self._draw(offer, refunds)

    def _draw(self, offer: Refundable, refunds: list[RefundView]) -> None:
        with tag("div", classes="stack"):
            tag("p", _told(offer) if offer.most.micros else _NOTHING)
            if offer.most.micros:
                with tag("div", classes="h-actions"):
                    button("Refund the rest", lambda: self._ask(offer), kind="danger")
            if refunds:
                DataTable("Refunds", _COLUMNS, [_row(refund) for refund in refunds])

    async def _ask(self, offer: Refundable) -> None:
        paused = "Auto-renewal is paused first, so that nothing is charged anew."
        title = f"Refund {words.money(offer.gross)}?"
        action = f"Refund {words.money(offer.gross)}"
        with self._dialogs:
            if await confirm(title, f"{_told(offer)} {paused}", action):
                await self._refund(offer)

    async def _refund(self, offer: Refundable) -> None:
        billing, call = self._page.hub.billing, self._page.call
        try:
            await call(billing.renewal.pause, client_id=self._client)
            verb = billing.payments.refund
            await call(verb, plain(offer.most), offer.token, why=_WHY, client_id=self._client)
        except HubError as refused:
            toast(payment_words.refused(refused), "danger")
        else:
            toast(f"{words.money(offer.gross)} are on their way back.")
        await self.load()


def _told(offer: Refundable) -> str:
    """`119.00 EUR go back to Visa ending in 4242: 100.00 EUR of credit and its VAT.`"""
    cards = " and ".join(payment_words.card(card) for card in offer.cards)
    has_tax = offer.gross != offer.most
    made_of = f": {words.money(offer.most)} of credit and its VAT" if has_tax else ""
    back = f"{words.money(offer.gross)} go back to {cards}{made_of}."
    return f"{back} A processing fee is not given back."


def _row(refund: RefundView) -> Row:
    exact = words.exact(refund.created_at, viewer_zone())
    return {
        "id": refund.id,
        "href": f"/billing/payments/{refund.payment_id}",
        "begun": time_cell(exact, refund.created_at.isoformat(), exact),
        "status": badge_cell(*payment_words.refund(refund.status)),
        "amount": words.money(refund.gross),
    }
