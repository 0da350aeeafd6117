"""Invoices: every one with status and PDF, what is open, and what was spent by month; live."""

from __future__ import annotations

from datetime import date

from nicegui import ui

from core.billing.invoices.document import InvoiceKind
from core.billing.invoices.entities import Invoice
from core.billing.invoices.listing import Expense, InvoiceQuery, Total
from core.billing.invoices.service import InvoicePage
from core.billing.invoices.statuses import OPEN, InvoiceStatus
from core.money import Money
from core.ports import Notice
from ui import format as words
from ui.charts import Chart, Series
from ui.components import Tile, button, empty_state, link_button, page_header, section_card, tag
from ui.context import PageContext
from ui.elements.data_table import Column, DataTable, Row, act, badge_cell, cell
from ui.lists import FilterChips
from ui.location import current_query, show_query
from ui.pages import invoice_words
from ui.pages.client_picker import ClientPicker
from ui.pages.invoice_files import download
from ui.pages.pay_invoice import PayDialog

PATH = "/billing/invoices"
DETAILS = "/billing/details"
SENTENCE = "Every invoice with its PDF. An issued invoice never changes."
_STATUSES = {"": "All", "open": "To be paid", "paid": "Paid", "credit_note": "Credit notes"}
_SHOWN = {
    "open": tuple(sorted(OPEN)),
    "paid": (InvoiceStatus.PAID,),
    "unpaid": (InvoiceStatus.UNPAID,),
    "credit_note": (InvoiceStatus.CREDIT_NOTE, InvoiceStatus.VOID),
}
_COLUMNS = (
    Column(key="number", title="Number"),
    Column(key="kind", title="Kind"),
    Column(key="issued", title="Issued"),
    Column(key="status", title="Status"),
    Column(key="amount", title="Amount", right=True),
)
_MONTHS = 12


async def build(page: PageContext) -> None:
    """Draw the section and keep it live."""
    await Invoices(page).draw()


class Invoices:
    """One open list."""

    def __init__(self, page: PageContext) -> None:
        self._page = page
        query = current_query()
        self._picker = ClientPicker(page, PATH, own="Yours and your clients'")
        self._status = query.get("status", "")
        self._kind = query.get("kind", "")
        self._text = query.get("q", "")[:100]
        self._cursor = query.get("after", "")[:200]
        self._pay: PayDialog | None = None
        self._drawn: list[Expense] = []

    async def draw(self) -> None:
        self._page.follow(self._changed)
        head = page_header("Invoices", SENTENCE)
        await self._picker.choose(head)
        with head:
            link_button("Billing details", DETAILS, icon="building")
        with tag("div", classes="stack"):
            self._totals = tag("div", classes="h-tiles h-tiles-few")
            self._chart = tag("div")
            self._filters()
            self._room = tag("div", classes="stack")
        # Whoever pays goes on paying while a change draws the rows anew.
        self._dialogs = tag("div")
        await self._load()

    def _filters(self) -> None:
        with tag("div", classes="line spread"):
            FilterChips(_STATUSES, self._status, self._choose_status, "Status")
            with tag("div", classes="line"):
                kinds = {"": "All kinds"} | {k.value: v for k, v in invoice_words.KINDS.items()}
                chosen = self._kind if self._kind in kinds else ""
                kind = ui.select(kinds, value=chosen, on_change=lambda e: self._choose(e.value))
                kind.props("outlined dense").style("width: 160px").props["aria-label"] = "Kind"
                field = ui.input(value=self._text, placeholder="Number or name")
                field.props("outlined dense clearable type=search").style("width: 200px")
                field.props["aria-label"] = "Search invoices"
                field.on("keydown.enter", lambda: self._find(field.value or ""), args=[])
                field.on("clear", lambda: self._find(""), args=[])

    async def _load(self) -> None:
        invoices = self._page.hub.billing.invoices
        found = await self._page.call(invoices.invoices, self._query())
        client_id = self._picker.client_id or None
        expenses = await self._page.call(invoices.expenses, _MONTHS, client_id)
        self._show_totals(found.totals)
        self._show_chart(expenses)
        self._show(found)

    def _query(self) -> InvoiceQuery:
        kinds = (InvoiceKind(self._kind),) if self._kind in set(InvoiceKind) else ()
        return InvoiceQuery(
            statuses=_SHOWN.get(self._status, ()),
            kinds=kinds,
            client_id=self._picker.client_id or None,
            text=self._text,
            cursor=self._cursor,
        )

    def _show_totals(self, totals: tuple[Total, ...]) -> None:
        self._totals.clear()
        with self._totals:
            for total in totals:
                _, word, _ = invoice_words.STATUSES[total.status]
                Tile(word, words.money(total.gross), words.count(total.number, "invoice"))

    def _show_chart(self, expenses: list[Expense]) -> None:
        if expenses == self._drawn:
            return
        self._drawn = expenses
        self._chart.clear()
        if not any(each.gross.micros for each in expenses):
            return
        months = sorted({each.month for each in expenses})
        sums = {(each.month, each.kind): each.gross.micros for each in expenses}
        series = [
            Series(name=word, micros=[sums.get((month, kind), 0) for month in months])
            for kind, word in invoice_words.KINDS.items()
            if any(micros for key, micros in sums.items() if key[1] is kind)
        ]
        currency = expenses[0].gross.currency
        with (
            self._chart,
            section_card("Expenses", "Invoiced by month and kind, VAT included, less credits."),
        ):
            labels = [f"{date.fromisoformat(f'{month}-01'):%b %Y}" for month in months]
            Chart("Expenses by month", labels, series, currency, height=180)

    def _show(self, found: InvoicePage) -> None:
        self._found = {invoice.id: invoice for invoice in found.rows}
        self._room.clear()
        with self._room:
            if not found.rows:
                self._draw_nothing()
                return
            rows = [_row(each, found.client_names) for each in found.rows]
            DataTable("Invoices", _COLUMNS, rows, on_act=self._acted)
            with tag("div", classes="line"):
                if self._cursor:
                    button("Newest", lambda: self._turn(""), icon="first", small=True)
                if found.next_cursor:
                    button(
                        "Older",
                        lambda: self._turn(found.next_cursor),
                        icon="chevron-right",
                        small=True,
                    )

    def _draw_nothing(self) -> None:
        if self._status or self._kind or self._text:
            with empty_state("search", "No match", "No invoice fits these filters."):
                link_button("Show all", PATH)
            return
        empty_state(
            "receipt",
            "No invoice yet",
            "Each top-up, plan fee and month ends in an invoice, which then stands here.",
        )

    async def _choose_status(self, status: str) -> None:
        self._status = status
        await self._turn("")

    async def _choose(self, kind: str) -> None:
        self._kind = kind
        await self._turn("")

    async def _find(self, text: str) -> None:
        self._text = text.strip()[:100]
        await self._turn("")

    async def _turn(self, cursor: str) -> None:
        self._cursor = cursor
        query = {"status": self._status, "kind": self._kind, "q": self._text, "after": cursor}
        show_query({"client": self._picker.client_id} | query)
        await self._load()

    async def _acted(self, invoice_id: str, key: str) -> None:
        invoice = self._found.get(invoice_id)
        if invoice is None:
            return
        if key == "pdf":
            await download(self._page, invoice_id)
        elif key == "pay":
            self._pay = PayDialog(self._page, invoice)
            with self._dialogs:
                await self._pay.open()

    async def _changed(self, notices: list[Notice]) -> None:
        if self._pay is not None:
            await self._pay.changed(notices)
        if any(notice.subject_type in ("invoice", "payment") for notice in notices):
            await self._load()


def _row(invoice: Invoice, clients: dict[str, str]) -> Row:
    icon, word, tone = invoice_words.status(invoice.status)
    number = invoice.number
    acts = [act("pdf", "PDF", f"Download the PDF of {number}")]
    if invoice.status in OPEN:
        acts.insert(0, act("pay", "Pay now", f"Pay {number} now"))
    due = invoice_words.day(invoice.due_on)
    return {
        "id": invoice.id,
        "href": f"{PATH}/{invoice.id}",
        "number": number,
        "kind": cell(invoice_words.kind(invoice.kind), second=clients.get(invoice.client_id, "")),
        "issued": invoice_words.day(invoice.issued_on),
        "status": badge_cell(
            icon, word, tone, second=f"due {due}" if due and invoice.status in OPEN else ""
        ),
        "amount": words.money(invoice_words.gross(invoice)),
        "acts": acts,
    }


def money_of(micros: int, invoice: Invoice) -> str:
    """An amount of the invoice's own currency."""
    return words.money(Money(micros, invoice.currency))
