"""Messages that could not be rated yet: kept, shown with the reason, charged once they can be."""

from __future__ import annotations

from core.billing.balance.results import ParkedPage, ParkedRow
from ui import format as words
from ui.components import button, empty_state, page_header, tag, viewer_zone
from ui.context import PageContext
from ui.elements.data_table import Column, DataTable, Row, cell, time_cell
from ui.pages import balance_words

_COLUMNS = (
    Column(key="at", title="Came in"),
    Column(key="number", title="Number"),
    Column(key="why", title="Why it has no price"),
)
_SENTENCE = (
    "Delivered messages without a price so far. Nothing is guessed: each is charged by the rate "
    "card of its own day as soon as it can be."
)


async def build(page: PageContext) -> None:
    """Draw the section."""
    page_header("Not priced yet", _SENTENCE, [("Balance", "/billing/balance")])
    room = tag("div", classes="stack")

    async def load(before: int = 0) -> None:
        found = await page.call(page.hub.billing.balance.parked, before)
        room.clear()
        with room:
            _draw(found)
            if found.next:
                button("Older", lambda: load(found.next), icon="chevron-right", small=True)

    await load()


def _draw(found: ParkedPage) -> None:
    if not found.rows:
        empty_state("check-circle", "Everything is priced", "No delivered message waits.")
        return
    for reason, count in found.counts.items():
        most = "+" if sum(found.counts.values()) >= found.counted_to else ""
        tag("p", f"{words.number(count)}{most} · {balance_words.parked(reason)}", "quiet small")
    DataTable("Messages without a price", _COLUMNS, [_row(row) for row in found.rows])


def _row(row: ParkedRow) -> Row:
    exact = words.exact(row.parked_at, viewer_zone())
    return {
        "id": str(row.id),
        "at": time_cell(exact, row.parked_at.isoformat(), exact),
        "number": cell(row.number, second=row.wamid),
        "why": cell(balance_words.parked(row.reason), second=balance_words.category(row.category)),
    }
