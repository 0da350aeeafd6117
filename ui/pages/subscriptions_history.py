"""The history of a subscription: who changed what and when, with the invoice of it."""

from __future__ import annotations

from core.subscriptions.views import ChangeRow
from ui import format as words
from ui.components import button, section_card, tag, viewer_zone
from ui.context import PageContext
from ui.elements.data_table import Column, DataTable, Row, badge_cell, cell, time_cell
from ui.pages import subscriptions_words as told

_ROWS = 10
_COLUMNS = (
    Column(key="what", title="Change"),
    Column(key="status", title="Status"),
    Column(key="who", title="By"),
    Column(key="at", title="When"),
    Column(key="invoice", title="Invoice"),
)


class History:
    """A card with the newest changes; older ones are added below on demand."""

    def __init__(self, page: PageContext) -> None:
        self._page = page
        self._shown = _ROWS
        self._cursor = ""
        with section_card("History"):
            self._table = DataTable("History", _COLUMNS)
            self._none = tag("p", "Nothing has changed yet.", "quiet small")
            with tag("div", classes="line"):
                self._older = button("Older", self._more, icon="chevron-right", small=True)

    async def load(self) -> None:
        """As many as are shown, read again."""
        verb = self._page.hub.subscriptions.history
        rows, self._cursor = await self._page.call(verb, limit=self._shown)
        if self._table.is_deleted:  # the page was left meanwhile
            return
        self._table.show([self._row(row) for row in rows])
        self._table.set_visibility(bool(rows))
        self._none.set_visibility(not rows)
        self._older.set_visibility(bool(self._cursor))

    async def _more(self) -> None:
        verb = self._page.hub.subscriptions.history
        rows, self._cursor = await self._page.call(verb, cursor=self._cursor, limit=_ROWS)
        self._shown += len(rows)
        self._table.show([*self._table.rows, *(self._row(row) for row in rows)])
        self._older.set_visibility(bool(self._cursor))

    def _row(self, row: ChangeRow) -> Row:
        exact = words.exact(row.at, viewer_zone())
        ago = words.relative(row.at, self._page.hub.clock.now(), viewer_zone())
        invoice = f"/billing/invoices/{row.invoice_id}" if row.invoice_id else ""
        return {
            "id": row.id,
            "href": f"/accounts/{row.channel_id}" if row.channel_id else "",
            "what": cell(told.what(row), second=told.details(row)),
            "status": badge_cell(*told.status(row.status)),
            "who": row.actor_name or "The hub",
            "at": time_cell(ago, row.at.isoformat(), exact),
            "invoice": cell(row.invoice_number, href=invoice),
        }
