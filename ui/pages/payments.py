"""Payments: every charge of a card with its status and its invoice, and what they sum to; live."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from nicegui import ui

from core.billing.balance.service import month_of
from core.billing.payments.listing import PaymentPage, PaymentQuery, PaymentSum
from core.billing.payments.states import OPEN, PaymentStatus, Purpose
from core.billing.payments.views import PaymentView
from core.errors import InvalidInput
from core.ports import Notice
from ui import format as words
from ui.components import Tile, button, empty_state, link_button, page_header, tag, viewer_zone
from ui.context import PageContext
from ui.elements.data_table import Column, DataTable, Row, badge_cell, cell, time_cell
from ui.lists import FilterChips
from ui.location import current_query, show_query
from ui.pages import payment_words
from ui.pages.balance_month import month_name
from ui.pages.client_picker import ClientPicker

PATH = "/billing/payments"
_SENTENCE = "Every charge of a card. Each one opens what was bought, and its invoice."
_STATUSES = {"": "All", "open": "Under way", "paid": "Paid", "failed": "Not charged"}
_SHOWN = {
    "open": tuple(sorted(OPEN)),
    "paid": (PaymentStatus.SUCCEEDED,),
    "failed": (PaymentStatus.CANCELLED, PaymentStatus.DECLINED),
}
_KINDS = {
    "": "All kinds",
    "credit": "Top-ups of any kind",
    Purpose.TOP_UP.value: "Top-ups by hand",
    Purpose.AUTO_RENEWAL.value: "Auto-renewal",
    Purpose.INVOICE.value: "Invoices",
    Purpose.PLAN.value: "Upgrades",
}
_COLUMNS = (
    Column(key="begun", title="Begun"),
    Column(key="kind", title="For"),
    Column(key="status", title="Status"),
    Column(key="invoice", title="Invoice"),
    Column(key="amount", title="Amount", right=True),
)


def payments_path(*, status: str = "", kind: str = "", client_id: str = "", month: str = "") -> str:
    """The address of the payments behind a figure: `open`, `paid`; `credit` or a purpose; ended in
    a month such as `2026-11`.
    """
    query = {"status": status, "for": kind, "client": client_id, "month": month}
    told = urlencode({name: value for name, value in query.items() if value})
    return PATH + (f"?{told}" if told else "")


async def build(page: PageContext) -> None:
    """Draw the section and keep it live."""
    await Payments(page).draw()


class Payments:
    """One open list; filters and page stand in the address."""

    def __init__(self, page: PageContext) -> None:
        self._page = page
        query = current_query()
        self._picker = ClientPicker(page, PATH, own="Yours and your clients'")
        self._status = query.get("status", "")
        self._kind = query.get("for", "")
        self._month = _month(query.get("month", ""))
        self._cursor = query.get("after", "")[:40]

    async def draw(self) -> None:
        self._page.follow(self._changed)
        head = page_header("Payments", _SENTENCE, [("Balance", "/billing/balance")])
        await self._picker.choose(head)
        with tag("div", classes="stack"):
            self._tiles = tag("div", classes="h-tiles h-tiles-few")
            with tag("div", classes="line spread"):
                FilterChips(_STATUSES, self._status, self._choose_status, "Status")
                chosen = self._kind if self._kind in _KINDS else ""
                kind = ui.select(_KINDS, value=chosen, on_change=lambda e: self._choose(e.value))
                kind.props("outlined dense").style("width: 190px").props["aria-label"] = "Kind"
            self._draw_month()
            self._room = tag("div", classes="stack")
        await self._load()

    def _draw_month(self) -> None:
        """Only who came from a month's figure sees a month."""
        if self._month is not None:
            with tag("div", classes="line"):
                tag("p", f"Ended in {month_name(self._month)} (UTC)", "small quiet")
                path = payments_path(
                    status=self._status, kind=self._kind, client_id=self._picker.client_id
                )
                link_button("All months", path)

    async def _load(self) -> None:
        verb = self._page.hub.billing.payments.list_payments
        found = await self._page.call(verb, self._query())
        self._tiles.clear()
        with self._tiles:
            for sum_ in found.sums:
                _draw_sum(sum_, self._status)
        self._show(found)

    def _query(self) -> PaymentQuery:
        kinds: dict[str, tuple[Purpose, ...]] = {each.value: (each,) for each in Purpose}
        kinds["credit"] = (Purpose.TOP_UP, Purpose.AUTO_RENEWAL)
        return PaymentQuery(
            statuses=_SHOWN.get(self._status, ()),
            purposes=kinds.get(self._kind, ()),
            client_id=self._picker.client_id or None,
            ended_in=self._month,
            cursor=self._cursor,
        )

    def _show(self, found: PaymentPage) -> None:
        self._room.clear()
        with self._room:
            if not found.rows:
                self._draw_nothing()
                return
            rows = [_row(payment, self._picker.names) for payment in found.rows]
            DataTable("Payments", _COLUMNS, rows)
            with tag("div", classes="line"):
                if self._cursor:
                    button("Newest", lambda: self._turn(""), icon="first", small=True)
                if last := found.next_cursor:
                    button("Older", lambda: self._turn(last), icon="chevron-right", small=True)

    def _draw_nothing(self) -> None:
        if self._status or self._kind or self._month:
            with empty_state("search", "No match", "No payment fits these filters."):
                link_button("Show all", payments_path(client_id=self._picker.client_id))
            return
        empty_state("card", "No payment yet", "Each charge of a card stands here from its start.")

    async def _choose_status(self, status: str) -> None:
        self._status = status
        await self._turn("")

    async def _choose(self, kind: str) -> None:
        self._kind = kind
        await self._turn("")

    async def _turn(self, cursor: str) -> None:
        self._cursor = cursor
        month = f"{self._month:%Y-%m}" if self._month else ""
        query = {"status": self._status, "for": self._kind, "month": month, "after": cursor}
        show_query({"client": self._picker.client_id} | query)
        await self._load()

    async def _changed(self, notices: list[Notice]) -> None:
        if any(notice.subject_type == "payment" for notice in notices):
            await self._load()


def _month(told: str) -> date | None:
    try:
        return month_of(told)[0] if told else None
    except InvalidInput:  # somebody wrote into the address
        return None


def _draw_sum(sum_: PaymentSum, status: str) -> None:
    """What the payments of this list come to; only what its filter lets in."""
    if status in ("", "paid"):
        left = words.money(sum_.charged - sum_.refunded)
        back = f"{words.money(sum_.charged)} less {words.money(sum_.refunded)} given back"
        Tile("Charged to cards", left, back if sum_.refunded.micros else "")
    if status in ("", "open"):
        Tile("On its way", words.money(sum_.waiting), "Before fee and VAT")


def _row(payment: PaymentView, clients: dict[str, str]) -> Row:
    icon, word, tone = payment_words.status(payment.status)
    exact = words.exact(payment.created_at, viewer_zone())
    back, disputed = payment.refunded.micros, payment_words.dispute(payment.dispute)[0]
    second = f"{words.money(payment.refunded)} given back" if back else ""
    invoice = f"/billing/invoices/{payment.invoice_id}" if payment.invoice_id else ""
    name = clients.get(payment.client_id, payment.client_id)
    return {
        "id": payment.id,
        "href": f"{PATH}/{payment.id}",
        "begun": time_cell(exact, payment.created_at.isoformat(), exact),
        "kind": cell(payment_words.purpose(payment.purpose), second=name),
        "status": badge_cell(icon, word, tone, second=disputed),
        "invoice": cell("Show it" if invoice else "", href=invoice),
        "amount": cell(words.money(payment.gross), second=second),
    }
