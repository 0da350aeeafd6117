"""One ledger entry and the messages it sums up: policy, card and tier of each figure."""

from __future__ import annotations

from nicegui import ui

from core.billing.balance.results import EntryTrace, StatementEntry, UsageLine
from ui import format as words
from ui.components import button, page_header, section_card, tag, viewer_zone
from ui.context import PageContext
from ui.elements.data_table import Column, DataTable, Row, cell
from ui.lists import Fact, definition_list
from ui.location import current_query
from ui.pages import balance_words

MESSAGE_COLUMNS = (
    Column(key="number", title="Number"),
    Column(key="category", title="Category"),
    Column(key="market", title="Market"),
    Column(key="why", title="Priced by"),
    Column(key="amount", title="Amount", right=True),
)
_TWO_DECIMALS = 100


async def build(page: PageContext, key: str) -> None:
    """Draw the section; raises NotFound for an entry that is not this payer's."""
    await Entry(page, key).draw()


class Entry:
    """One open entry; nothing of it ever changes."""

    def __init__(self, page: PageContext, key: str) -> None:
        self._page = page
        self._key = key
        self._client = current_query().get("client", "")[:10]
        self._rows: list[Row] = []

    async def draw(self) -> None:
        trace = await self._read(0)
        entry = trace.entry
        payment_id = await self._payment_id(trace)
        client = f"&client={self._client}" if self._client else ""
        statement = f"/billing/balance/statement?month={entry.at:%Y-%m}{client}"
        _, word, _ = balance_words.kind(entry.kind)
        crumbs = [("Balance", "/billing/balance"), ("Statement", statement)]
        title = f"{word}, {words.money(entry.amount)}"
        ui.page_title(f"{title} · {self._page.hub.settings.name}")
        page_header(title, "Where this figure comes from.", crumbs)
        with tag("div", classes="stack"):
            with section_card("Entry"):
                definition_list(_facts(trace, payment_id))
            if trace.lines:
                with section_card("Messages", "What each one cost, and why."):
                    self._table = DataTable("Messages", MESSAGE_COLUMNS)
                    self._more = tag("div", classes="line")
                self._append(trace)

    async def _payment_id(self, trace: EntryTrace) -> str:
        entry = trace.entry
        if not entry.refund_id:
            return entry.payment_id
        verb = self._page.hub.billing.payments.payment_of_refund
        return await self._page.call(verb, entry.refund_id)

    async def _read(self, after: int) -> EntryTrace:
        verb = self._page.hub.billing.balance.entry
        return await self._page.call(verb, self._key, after, self._client)

    def _append(self, trace: EntryTrace) -> None:
        self._rows += [message_row(line) for line in trace.lines]
        self._table.show(self._rows)
        self._more.clear()
        if trace.next:
            with self._more:
                button("Show more", lambda: self._show_more(trace.next), small=True)

    async def _show_more(self, after: int) -> None:
        self._append(await self._read(after))


def _facts(trace: EntryTrace, payment_id: str) -> list[Fact]:
    entry = trace.entry
    icon, word, tone = balance_words.kind(entry.kind)
    about = {
        key: str(value)
        for key, value in entry.about.items()
        if value != "" and key not in ("payment", "refund")
    }
    return [
        Fact(label="Movement", value=word, icon=icon, tone=tone),
        Fact(label="Amount", value=words.money(entry.amount)),
        Fact(label="Booked", value=words.exact(entry.at, viewer_zone()), when=entry.at),
        *[
            Fact(label=key.replace("_", " ").capitalize(), value=value)
            for key, value in about.items()
        ],
        *([_payment(entry, payment_id)] if payment_id else []),
        *([Fact(label="Takes back", value=entry.reverses, mono=True)] if entry.reverses else []),
        Fact(label="Key", value=entry.key, mono=True, copy=entry.key),
    ]


def _payment(entry: StatementEntry, payment_id: str) -> Fact:
    label = "Paid back from" if entry.refund_id else "Paid with"
    return Fact(label=label, value="Payment", href=f"/billing/payments/{payment_id}")


def message_row(line: UsageLine) -> Row:
    """The message, what it cost, and by what."""
    when = words.exact(line.at, viewer_zone())
    return {
        "id": str(line.id),
        "number": cell(line.number, second=f"{line.client} · {when}", title=line.wamid),
        "category": balance_words.category(line.category),
        "market": line.market,
        "why": cell(_priced(line), second=balance_words.free(line.free)),
        "amount": words.money(line.amount),
    }


def _priced(line: UsageLine) -> str:
    parts = [f"policy {line.policy}", f"card {line.card}" if line.card else ""]
    parts.append(f"from the {words.number(line.tier)}th message" if line.tier > 1 else "")
    if line.markup:
        whole, rest = divmod(line.markup, _TWO_DECIMALS)
        parts.append(f"markup {whole}.{rest:02} %")
    return ", ".join(filter(None, parts))
