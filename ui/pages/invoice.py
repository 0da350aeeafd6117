"""One invoice: its lines and sums, how it stands, its PDF."""

from __future__ import annotations

from nicegui import ui

from core.billing.balance.messages import Cut
from core.billing.invoices.document import Identity, InvoiceKind
from core.billing.invoices.entities import InvoiceLine
from core.billing.invoices.service import InvoiceView
from core.billing.invoices.statuses import OPEN
from core.money import Money
from core.ports import Notice
from ui import format as words
from ui.components import button, page_header, section_card, set_badge, status_badge, tag
from ui.context import PageContext
from ui.elements.data_table import Column, DataTable, Row, cell
from ui.lists import Fact, definition_list
from ui.pages import invoice_words
from ui.pages.balance_messages import messages_path
from ui.pages.balance_month import STATEMENT
from ui.pages.invoice_files import download
from ui.pages.invoices import PATH, money_of
from ui.pages.pay_invoice import PayDialog

_COLUMNS = (
    Column(key="what", title="Description"),
    Column(key="quantity", title="Quantity", right=True),
    Column(key="price", title="Price", right=True),
    Column(key="net", title="Net", right=True),
)


async def build(page: PageContext, invoice_id: str) -> None:
    """Draw the section and keep it live; raises NotFound."""
    await InvoiceDetails(page, invoice_id).draw()


class InvoiceDetails:
    """One open invoice; only its status ever changes."""

    def __init__(self, page: PageContext, invoice_id: str) -> None:
        self._page = page
        self._id = invoice_id
        self._pay: PayDialog | None = None

    async def draw(self) -> None:
        self._page.follow(self._changed)
        view = await self._read()
        invoice = view.invoice
        title = f"{invoice_words.kind(invoice.kind)} {invoice.number}"
        ui.page_title(f"{title} · {self._page.hub.settings.name}")
        with page_header(title, "", [("Invoices", PATH)]):
            button("Download PDF", lambda: download(self._page, self._id), icon="download")
            self._pay_now = button("Pay now", self._open_pay, kind="primary")
        with tag("div", classes="stack"):
            with tag("div", classes="h-standing", role="status"):
                self._badge = status_badge("dot", "")
                self._said = tag("p")
            with tag("div", classes="columns"):
                with tag("div", classes="stack"), section_card("Lines"):
                    DataTable("Lines", _COLUMNS, _lines(view))
                    self._sum(view)
                with tag("div", classes="stack"):
                    with section_card("Invoice"):
                        self._facts = definition_list(_facts(view))
                    if view.identity:
                        with section_card(
                            "The month's credit", "Start and movements make the end."
                        ):
                            definition_list(_identity(view.identity, view))
        self._show(view)

    async def _read(self) -> InvoiceView:
        return await self._page.call(self._page.hub.billing.invoices.invoice, self._id)

    def _sum(self, view: InvoiceView) -> None:
        invoice = view.invoice
        sums = [
            ("Net", invoice.net_micros),
            ("VAT", invoice.tax_micros),
            ("Total", invoice.gross_micros),
        ]
        if invoice.prepaid_micros:
            sums.append(("Already paid", -invoice.prepaid_micros))
            sums.append(("Left to pay", invoice.payable_micros))
        with tag("dl", classes="h-sum"):
            for word, micros in sums:
                with tag("div"):
                    tag("dt", word)
                    tag("dd", money_of(micros, invoice), "figure")
        sentence = str(invoice.tax.get("sentence", ""))
        if sentence:
            tag("p", sentence, "quiet small")

    def _show(self, view: InvoiceView) -> None:
        set_badge(self._badge, *invoice_words.status(view.invoice.status))
        self._said.set_text(_sentence(view))
        self._pay_now.set_visibility(view.invoice.status in OPEN)
        self._facts.show(_facts(view))

    async def _open_pay(self) -> None:
        view = await self._read()
        if view.invoice.status in OPEN:
            self._pay = PayDialog(self._page, view.invoice)
            await self._pay.open()

    async def _changed(self, notices: list[Notice]) -> None:
        if self._pay is not None:
            await self._pay.changed(notices)
        if any(notice.subject_id == self._id for notice in notices):
            self._show(await self._read())


def _sentence(view: InvoiceView) -> str:
    invoice = view.invoice
    if invoice.paid_at:
        return f"Paid on {words.day(invoice.paid_at)}."
    if invoice.status not in OPEN:
        return ""
    due = f"Due on {invoice_words.day(invoice.due_on)}." if invoice.due_on else ""
    if invoice.stopped_outbound:
        return f"{due} Template messages have stopped until it is paid.".strip()
    if view.tries:
        return f"{due} The card is tried {words.count(view.tries, 'more time')}.".strip()
    return due


def _facts(view: InvoiceView) -> list[Fact]:
    invoice, buyer = view.invoice, view.invoice.buyer
    credits = [
        Fact(label="Credit note", value=note.number, href=f"{PATH}/{note.id}")
        for note in view.credit_notes
    ]
    period = ""
    if invoice.period_first and invoice.period_last:
        first, last = (
            invoice_words.day(invoice.period_first),
            invoice_words.day(invoice.period_last),
        )
        period = f"{first} to {last}"
    return [
        Fact(label="Number", value=invoice.number, copy=invoice.number),
        Fact(label="Issued", value=invoice_words.day(invoice.issued_on)),
        *([Fact(label="Due", value=invoice_words.day(invoice.due_on))] if invoice.due_on else []),
        *([Fact(label="Period", value=period)] if period else []),
        Fact(label="For", value=invoice.buyer_name),
        *([Fact(label="VAT ID", value=str(buyer["vat_id"]))] if buyer.get("vat_id") else []),
        *(
            [Fact(label="Credits", value="Invoice", href=f"{PATH}/{invoice.credits_id}")]
            if invoice.credits_id
            else []
        ),
        *credits,
        *(
            [Fact(label="Payment", value="Show it", href=f"/billing/payments/{invoice.payment_id}")]
            if invoice.payment_id
            else []
        ),
    ]


def _lines(view: InvoiceView) -> list[Row]:
    """Lines of usage lead to the messages that they sum up."""
    invoice = view.invoice
    usage = invoice.facts.get("usage", []) if invoice.kind == InvoiceKind.CLOSING else []
    # A closing begins with a line for each category, in their order.
    links = [_messages(view, category) for category in sorted({some[0] for some in usage})]
    links += [""] * (len(view.lines) - len(links))
    return [
        _line(each, view) | {"href": href} for each, href in zip(view.lines, links, strict=False)
    ]


def _messages(view: InvoiceView, category: str = "") -> str:
    invoice, by = view.invoice, Cut.CATEGORY if category else Cut.ALL
    first, last = invoice.period_first, invoice.period_last
    if first is None or last is None:
        return ""
    return messages_path(first, last, by, category, invoice.client_id)


def _line(line: InvoiceLine, view: InvoiceView) -> Row:
    per = f" for {line.price_base}" if line.price_base not in ("1", "") else ""
    return {
        "id": str(line.position),
        "what": cell(line.description, second=line.detail),
        "quantity": line.quantity,
        "price": f"{line.unit_price}{per}",
        "net": money_of(line.net_micros, view.invoice),
    }


def _identity(identity: Identity, view: InvoiceView) -> list[Fact]:
    """Each figure with where it comes from."""
    first, client = view.invoice.period_first, view.invoice.client_id
    query = f"?month={first:%Y-%m}" + (f"&client={client}" if client else "") if first else ""
    other = f"{STATEMENT}{query}&part=other" if first else ""
    lines: list[tuple[str, Money, str]] = [
        ("Start", identity.start, f"{STATEMENT}{query}"),
        ("Added", identity.added, other),
        ("Used", -identity.used, _messages(view)),
        ("Refunded", -identity.refunded, other),
        ("Corrected", identity.corrections, other),
        ("End", identity.end, f"{STATEMENT}{query}"),
    ]
    return [
        Fact(label=label, value=words.money(amount), href=href if amount.micros else "")
        for label, amount, href in lines
    ]
