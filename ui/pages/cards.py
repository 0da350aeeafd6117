"""Payment methods: cards, entered on the provider's own page; one is charged first."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from core.billing.payments.views import CardView
from core.errors import HubError, NotFound
from core.ports import Notice
from ui.components import button, empty_state, note, page_header, tag
from ui.context import PageContext
from ui.dialogs import confirm, toast
from ui.elements.data_table import Column, DataTable, Row, act, badge_cell, cell
from ui.location import current_query, show_query
from ui.pages import auto_renewal_words, payment_words
from ui.pages.client_picker import ClientPicker

PATH = "/billing/cards"
SENTENCE = (
    "Cards for top-ups, plan fees and licences. They are entered on the payment provider's page; "
    "the hub never sees a card number."
)
_ORDER = {1: "Tried second", 2: "Tried third"}
_RENEWS = "Auto-renewal is on and charges the first card by itself:"
_COLUMNS = (
    Column(key="card", title="Card"),
    Column(key="expiry", title="Good until"),
    Column(key="use", title="Used"),
)


async def build(page: PageContext) -> None:
    """Draw the section and keep it live."""
    await Cards(page).draw()


class Cards:
    """One open list of a payer's cards."""

    def __init__(self, page: PageContext) -> None:
        self._page = page
        query = current_query()
        self._picker = ClientPicker(page, PATH, own="Your own: plan and licences")
        self._visit = query.get("visit", "")[:40]
        self._was_cancelled = bool(query.get("cancelled"))
        self._cards: dict[str, CardView] = {}

    @property
    def _client(self) -> str:
        return self._picker.client_id

    async def draw(self) -> None:
        head = page_header("Payment methods", SENTENCE)
        await self._picker.choose(head)
        with head:
            button("Add a card", self._add, kind="primary", icon="add")
        with tag("div", classes="stack"):
            self._said = tag("div")
            self._room = tag("div", classes="stack")
        # A question outlives the rows: a change told meanwhile draws them anew.
        self._questions = tag("div")
        self._page.follow(self._changed)
        if self._visit:
            await self._came_back()
        await self._load()

    async def _load(self) -> None:
        verb = self._page.hub.billing.payments.cards
        cards = await self._page.call(verb, client_id=self._client)
        self._cards = {card.id: card for card in cards}
        self._room.clear()
        with self._room:
            if not cards:
                with empty_state(
                    "card",
                    "No card yet",
                    "With a card you can top up by a click, and auto-renewal keeps messages going.",
                ):
                    button("Add a card", self._add)
            else:
                many = len(cards) > 1
                rows = [_row(card, n, many=many) for n, card in enumerate(cards)]
                DataTable("Cards", _COLUMNS, rows, on_act=self._acted)
        await self._tell_renewal()

    async def _tell_renewal(self) -> None:
        """A card is charged without anybody's click: whoever adds one has to know."""
        verb = self._page.hub.billing.renewal.explain
        it = await self._page.call(verb, client_id=self._client)
        if not it.is_prepaid or it.is_paused or it.stopped_at:
            return
        client = f"?client={self._client}" if self._client else ""
        with self._room, tag("p", f"{_RENEWS} {auto_renewal_words.in_force(it)}. ", "quiet small"):
            tag("a", "Auto-renewal", "h-inline", href=f"/billing/auto-renewal{client}")

    async def _add(self) -> None:
        here = f"{self._page.hub.settings.base_url}{PATH}"
        here += f"?client={self._client}" if self._client else ""
        verb = self._page.hub.billing.payments.add_card
        try:
            url: Any = await self._page.call(verb, here, client_id=self._client)
        except HubError as refused:
            toast(payment_words.refused(refused), "danger")
            return
        ui.navigate.to(url)

    async def _came_back(self) -> None:
        """From the provider's page; a reload of this address must not tell it again."""
        show_query({"client": self._client})
        with self._said:
            try:
                verb = self._page.hub.billing.payments.card_entered
                card = await self._page.call(verb, self._visit)
            except NotFound:
                return
            except HubError as refused:
                note("alert", payment_words.refused(refused), "warning")
                return
            if card is not None:
                note("check-circle", f"{payment_words.card(card)} is added.", "success")
            elif self._was_cancelled:
                note("info", "No card was added.", "neutral")
            else:
                note("hourglass", "The card is being checked. It appears here by itself.", "info")

    async def _acted(self, card_id: str, key: str) -> None:
        card = self._cards.get(card_id)
        if card is None:
            return
        with self._questions:
            try:
                await self._do(card, key)
            except HubError as refused:
                toast(payment_words.refused(refused), "danger")
        await self._load()

    async def _do(self, card: CardView, key: str) -> None:
        payments, name = self._page.hub.billing.payments, payment_words.card(card)
        if key == "primary":
            await self._page.call(payments.make_primary, card.id, client_id=self._client)
            toast(f"{name} is charged first from now on.")
        elif await confirm(
            f"Remove {name}?",
            "It cannot be charged any more. Invoices paid with it stay as they are.",
            "Remove the card",
        ):
            await self._page.call(payments.remove_card, card.id, client_id=self._client)
            toast(f"{name} is removed.")

    async def _changed(self, notices: list[Notice]) -> None:
        if any(notice.subject_type == "card" for notice in notices):
            await self._load()


def _row(card: CardView, position: int, *, many: bool) -> Row:
    name = payment_words.card(card)
    acts = [act("remove", "Remove", f"Remove {name}")]
    if not card.is_primary:
        acts.insert(0, act("primary", "Use first", f"Charge {name} first"))
    return {
        "id": card.id,
        "card": cell(name, second=card.country, strong=card.is_primary),
        "expiry": _expiry(card),
        "use": badge_cell("star", "First", "info")
        if card.is_primary
        else cell(_ORDER.get(position, f"Tried as number {position + 1}") if many else ""),
        "acts": acts,
    }


def _expiry(card: CardView) -> Row:
    when = payment_words.expiry(card)
    if card.has_expired:
        return badge_cell("cross-circle", f"Expired {when}", "danger")
    if card.expires_soon:
        return badge_cell("alert", f"Expires {when}", "warning")
    return cell(when)
