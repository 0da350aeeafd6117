"""The preview of an upgrade: both plans, the invoice that will be issued, the card, the button."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from time import monotonic

from nicegui import ui

from core.billing.payments.views import CardView
from core.errors import HubError
from core.money import Money
from core.subscriptions.views import PlanOffer, UpgradeQuote, UpgradeView
from ui import format as words
from ui.components import button, link_button, note, section_card, tag, viewer_zone
from ui.context import PageContext
from ui.elements.data_table import Column, DataTable, Row, cell
from ui.pages import payment_words
from ui.pages import subscriptions_words as told
from ui.pages.subscriptions_bill import Bill
from ui.pages.top_up import CARDS

# A sum that replaced another has to stand there for so long before it can be paid; *seconds*.
_LOOK = 1.0
# The hub may have been set to another time meanwhile: the quote is looked at again by then.
_SOONEST = 5.0


class Quoted:
    """One preview; `begun` gets the upgrade, `reload` is called when there is none to begin."""

    def __init__(
        self,
        page: PageContext,
        plans: Sequence[PlanOffer],
        quote: UpgradeQuote,
        begun: Callable[[UpgradeView], Awaitable[None]],
        reload: Callable[[], Awaitable[None]],
    ) -> None:
        self._page = page
        self._quote = quote
        self._begun = begun
        self._reload = reload
        self._seen_from = 0.0
        with tag("div", classes="columns"):
            with tag("div", classes="stack"):
                _draw_plans(plans)
                self._draw_bills()
            self._draw_payment()
        self._timer = ui.timer(self._holds_for(), self._expired)
        self._show()

    def _draw_bills(self) -> None:
        with section_card("The invoice that will be issued"):
            self._why = tag("p", "", "quiet small")
            self._bill = Bill("Lines of the invoice that will be issued")
        with section_card("The next regular invoice"):
            self._when = tag("p", "", "quiet small")
            self._next = Bill("Lines of the next regular invoice")

    def _draw_payment(self) -> None:
        with tag("div", classes="stack h-sticky"), section_card("Charged now"):
            with tag("div"):
                self._figure = tag("p", "", "h-tile-figure figure")
                self._vat = tag("p", "", "quiet small")
            self._card_room = tag("div", classes="stack-tight")
            self._changed = tag("div", classes="h-holder")
            self._pay = button("Pay", self._paid, kind="primary")
            self._small = tag("p", "", "quiet small")
        self._cards: tuple[CardView, ...] | None = None
        self._card: ui.select | None = None

    def _show(self) -> None:
        quote = self._quote
        self._why.set_text(
            f"{told.plan(quote.to_plan)} for the {words.count(quote.days_left, 'day')} that are "
            f"left of {quote.days_of_period}, today included, less what you have paid for them on "
            f"{told.plan(quote.from_plan)}."
        )
        self._bill.show(quote)
        self._when.set_text(f"On {told.day(quote.next_invoice.on)}, as things stand now.")
        self._next.show(quote.next_invoice)
        self._figure.set_text(words.money(quote.gross))
        self._vat.set_text("VAT included" if quote.tax.micros else "No VAT is charged")
        self._show_cards(quote)
        self._pay.set_text(f"Pay {words.money(quote.gross)} and upgrade")
        self._pay.set_enabled(bool(quote.cards))
        until = told.time_of_day(quote.valid_until, viewer_zone())
        self._small.set_text(
            f"{told.plan(quote.to_plan)} starts as soon as the card is charged. These figures "
            f"hold until {until}."
        )

    def _show_cards(self, quote: UpgradeQuote) -> None:
        """The choice stays as it is while the cards do."""
        if quote.cards == self._cards:
            return
        self._cards = quote.cards
        chosen = str(self._card.value) if self._card is not None else ""
        self._card = None
        self._card_room.clear()
        with self._card_room:
            if not quote.cards:
                tag("p", "There is no card to charge yet. Add one first; it takes a minute.")
                link_button("Add a card", CARDS)
                return
            options = {card.id: payment_words.card(card) for card in quote.cards}
            first = quote.card.id if quote.card else next(iter(options))
            self._card = _card_field(options, chosen if chosen in options else first)

    async def renew(self) -> None:
        """Quote again; other figures than before have to be looked at first."""
        before = self._quote
        try:
            verb = self._page.hub.subscriptions.quote_upgrade
            self._quote = await self._page.call(verb, before.to_plan)
        except HubError:
            await self._reload()
            return
        if self._card_room.is_deleted:
            return
        self._show()
        self._timer.interval = self._holds_for()
        if self._quote.gross != before.gross or self._quote.lines != before.lines:
            self._seen_from = monotonic() + _LOOK
            self._say(_changed_from(before.gross, self._quote.gross))

    async def _expired(self) -> None:
        if not self._card_room.is_deleted:
            await self.renew()

    async def _paid(self) -> None:
        if monotonic() < self._seen_from or self._card is None:
            return
        self._pay.disable()
        self._changed.clear()
        try:
            verb = self._page.hub.subscriptions.upgrade
            change = await self._page.call(verb, self._quote.token, str(self._card.value))
        except HubError as refused:
            await self._refused(refused)
            return
        await self._begun(change)

    async def _refused(self, refused: HubError) -> None:
        """Nothing was charged: say why, and show what holds now."""
        await self._reload()
        if not self._changed.is_deleted:
            self._pay.enable()
            self._seen_from = monotonic() + _LOOK
            self._say(told.refused(refused))

    def _say(self, text: str) -> None:
        self._changed.clear()
        with self._changed:
            note("alert", text, "warning").props("role=alert")

    def _holds_for(self) -> float:
        left = self._quote.valid_until - self._page.hub.clock.now()
        return max(left.total_seconds() + 1, _SOONEST)


def _draw_plans(plans: Sequence[PlanOffer]) -> None:
    columns = [
        Column(key="what", title="Compare"),
        *(
            Column(
                key=offer.plan.value,
                title=told.plan(offer.plan) + (" (your plan)" if offer.is_current else ""),
            )
            for offer in plans
        ),
    ]
    with section_card("Plans"):
        DataTable("Plans", columns, _rows(plans))


def _rows(plans: Sequence[PlanOffer]) -> list[Row]:
    def row(what: str, say: Callable[[PlanOffer], str | Row]) -> Row:
        return {"id": what, "what": cell(what, strong=True)} | {
            offer.plan.value: say(offer) for offer in plans
        }

    return [
        row("Price a month", lambda offer: cell(words.money(offer.price), second="before VAT")),
        row("The hub", lambda _: "All of it"),
        row("Licences", told.tiers_of),
        row("Support", told.support_of),
    ]


def _card_field(options: dict[str, str], chosen: str) -> ui.select:
    with tag("div", classes="h-field"):
        above = tag("label", "Card")
        field = ui.select(options, value=chosen).props("outlined dense hide-bottom-space")
        above.props["for"] = field.props["for"] = f"field-{field.id}"
    return field


def _changed_from(before: Money, now: Money) -> str:
    if before == now:
        return "The lines have changed meanwhile; the total is the same. Look before you confirm."
    return (
        f"It has changed meanwhile, from {words.money(before)} to {words.money(now)}. Nothing was "
        "charged; look at the new figures before you confirm."
    )
