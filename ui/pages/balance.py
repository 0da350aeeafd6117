"""Balance: what is there, how long it lasts, where it went, and what watches it; live."""

from __future__ import annotations

from datetime import timedelta

from core.billing.balance.results import CreditView, NextStep
from core.ports import Notice
from ui import format as words
from ui.components import (
    Tile,
    link_button,
    note,
    page_header,
    set_badge,
    status_badge,
    tag,
)
from ui.context import PageContext
from ui.paced import Paced
from ui.pages import balance_words
from ui.pages.balance_books import Books
from ui.pages.balance_limits import Caps, Levels
from ui.pages.balance_messages import messages_path
from ui.pages.balance_month import Month
from ui.pages.balance_refund import RefundCard
from ui.pages.balance_renewal import RenewalCard
from ui.pages.balance_spend import Shares, SpendCharts
from ui.pages.client_picker import ClientPicker
from ui.pages.payments import payments_path
from ui.pages.top_up import TopUpButton

PATH = "/billing/balance"
SENTENCE = "What is there to spend on conversations, where it went, and what watches it."
_DAYS = 30
_ABOUT = {"credit", "client", "payment", "invoice"}
_RENEWED_BY = {"renewal", "payment", "card"}
_BOOKED = {"payment", "invoice"}
_REFUNDS = {"payment", "channel", "renewal"}


async def build(page: PageContext) -> None:
    """Draw the section and keep it live."""
    await Balance(page).draw()


class Balance:
    """One open balance: the partner's, or (direct-paid) one client's."""

    def __init__(self, page: PageContext) -> None:
        self._page = page
        self._picker = ClientPicker(page, PATH)

    @property
    def _client(self) -> str:
        return self._picker.client_id

    @property
    def _statement(self) -> str:
        return f"{PATH}/statement" + (f"?client={self._client}" if self._client else "")

    @property
    def _messages(self) -> str:
        last = self._page.hub.clock.now().date()
        first = last - timedelta(days=_DAYS - 1)
        return messages_path(first, last, client_id=self._client)

    @property
    def _waiting(self) -> str:
        return payments_path(status="open", kind="credit", client_id=self._client)

    async def draw(self) -> None:
        head = page_header("Balance", SENTENCE)
        if not await self._picker.choose(head):
            return
        self._page.follow(self._changed)
        with head:
            self._top_up = TopUpButton(self._page, self._client)
        await self._draw_credit()

    async def _draw_credit(self) -> None:
        view = await self._read()
        with tag("div", classes="stack") as place:
            self._next = tag("div", classes="stack-tight")
            with tag("div", classes="h-tiles"):
                self._available = Tile("Available", href=self._statement)
                self._pending = Tile("On its way", href=self._waiting)
                self._spent = Tile(f"Spent in {_DAYS} days", href=self._messages)
                with tag("div", classes="h-tile"):
                    tag("span", "Template messages", "h-tile-label")
                    self._outbound = status_badge("dot", "")
                    self._why = tag("span", "", "h-tile-hint")
            self._charts = SpendCharts(self._page, self._client, _DAYS)
            with tag("div", classes="columns"):
                with tag("div", classes="stack"):
                    self._shares = Shares(_DAYS, self._client)
                    self._month = Month(self._page, self._client)
                with tag("div", classes="stack"):
                    self._renewal = RenewalCard(self._page, self._client)
                    self._levels = Levels(self._page, self._client)
                    self._caps = Caps(self._page) if not self._client else None
            self._refund = RefundCard(self._page, self._client) if self._client else None
            self._books = Books(self._page, view.available.currency, self._statement)
        self._levels.show(view.levels)
        self._step: tuple[str, ...] = ()
        self._read_rest = Paced(self._show_rest, place)
        self._show(view)
        await self._show_spend(view)
        await self._month.load()
        await self._renewal.load()
        await self._books.load()
        if self._refund is not None:
            await self._refund.load()

    async def _read(self) -> CreditView:
        return await self._page.call(self._page.hub.billing.balance.credit, self._client)

    def _show(self, view: CreditView) -> None:
        """What every message changes."""
        self._available.show(words.money(view.available), balance_words.runway(view))
        waits = "Payments that are not confirmed yet" if view.pending.micros else "Nothing waits"
        self._pending.show(words.money(view.pending), waits)
        icon, word, tone, why = balance_words.outbound(view)
        set_badge(self._outbound, icon, word, tone)
        self._why.set_text(why)
        self._show_step(view)

    async def _show_rest(self) -> None:
        """What takes many rows to read, and nobody watches digit by digit."""
        await self._show_spend(await self._read())
        await self._month.load()

    async def _show_spend(self, view: CreditView) -> None:
        spend = await self._charts.load(view)
        self._shares.show(spend)
        free = words.number(spend.free_messages)
        about = f"{words.count(spend.messages, 'message')}, {free} of them free"
        self._spent.show(words.money(spend.used), about)
        if self._caps is not None:
            await self._caps.load()

    def _show_step(self, view: CreditView) -> None:
        first = view.steps[0] if view.steps else None
        told = balance_words.step(first) if first else ()
        if told == self._step:
            return
        self._step = told
        self._next.clear()
        if first is None:
            return
        icon, tone, sentence = balance_words.step(first)
        with self._next, note(icon, sentence, tone):
            if first is NextStep.PAY_INVOICES:
                link_button("Open invoices", "/billing/invoices?status=unpaid")
            elif first is NextStep.LOOK_AT_PARKED:
                link_button("Show them", f"{PATH}/parked")

    async def _changed(self, notices: list[Notice]) -> None:
        await self._top_up.changed(notices)
        about = {notice.subject_type for notice in notices}
        if about & _ABOUT:
            self._show(await self._read())
            await self._read_rest()
        if about & _RENEWED_BY:
            await self._renewal.load()
        if about & _BOOKED:
            await self._books.load()
        if self._refund is not None and about & _REFUNDS:
            await self._refund.load()
